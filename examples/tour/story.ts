import { setTimeout as sleep } from 'node:timers/promises';
import { printRef } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import type { LoopEvent, Report, ReportState } from '@homeostat/reconcile';
import { printDuration, printEvent, printReport, printSummary } from 'homeostat';
import { NAMESPACE } from './stage.ts';
import type { Stage } from './stage.ts';
import type { Teller } from './teller.ts';

export interface StoryOptions {
  readonly signal: AbortSignal;
  /** For reading between two steps, in milliseconds. */
  readonly pause: number;
}

const website: Ref = { group: 'apps', kind: 'Deployment', namespace: NAMESPACE, name: 'website' };

/** What the engine does for a living, in five steps; each ends when the engine has said so. */
export async function tellStory(
  { repository, files, somebody, loop }: Stage,
  events: AsyncIterator<LoopEvent>,
  { heading, say, at, paint }: Teller,
  { signal, pause }: StoryOptions,
): Promise<void> {
  const step = async (title: string): Promise<void> => {
    if (pause > 0) await sleep(pause, undefined, { signal });
    heading(title);
  };
  /** Waits for the report on this commit in which nothing is under way any more. */
  const reportOn = async (commit: string, expected: ReportState, show: (event: LoopEvent) => void = () => {}) => {
    for await (const event of remaining(events)) {
      if (!signal.aborted) show(event);
      if (event.type !== 'report' || event.report.state === 'Progressing') continue;
      if (event.report.revision?.commit === commit) return expectState(event.report, expected);
    }
    throw new Error('the loop has ended');
  };
  /** Tells what happens while it happens, for what takes some time. */
  const accompany = async (commit: string): Promise<void> => {
    const began = performance.now();
    const report = await reportOn(commit, 'Ready', (event) => {
      const line = printEvent(event, Date.now(), paint);
      if (line !== undefined) at(performance.now() - began, line);
    });
    say(printSummary(report, paint));
  };
  const commit = async (message: string, changes: Readonly<Record<string, string | null>>): Promise<string> => {
    const id = await repository.commit(changes, message);
    say(`${paint('dim', `commit ${id.slice(0, 12)}`)}  ${message}`);
    return id;
  };

  await step('First sync: the website waits until the database is ready');
  void loop.run({ signal });
  await accompany(await repository.git('rev-parse', 'main'));

  await step('Drift: somebody scales the website down by hand');
  const edited = performance.now();
  await somebody.patch(website, { type: 'merge', value: { spec: { replicas: 0 } } }, { signal });
  at(
    performance.now() - edited,
    `${paint('bold', 'edited   ')} ${printRef(website)} .spec.replicas: 3 → 0, by kubectl-edit`,
  );
  for await (const event of remaining(events)) {
    const line = event.type === 'apply' || event.type === 'drift' ? printEvent(event, Date.now(), paint) : undefined;
    if (line !== undefined) at(performance.now() - edited, line);
    if (event.type === 'apply' && event.event.type === 'outcome' && event.event.ref.name === website.name) break;
  }
  const repaired = performance.now() - edited;
  const live = (await somebody.get(website, { signal })) as
    | { readonly spec?: { readonly replicas?: number } }
    | undefined;
  say(`${live?.spec?.replicas} replicas again, ${printDuration(repaired)} after the edit`);

  await step('A commit: one file changes, and one object is sent');
  const newImage = files['deploy/website.yaml'].replace('website:1', 'website:2');
  await accompany(await commit('Serve website 2', { 'deploy/website.yaml': newImage }));

  await step('A mistake: one file is broken, the others go on');
  const third = await commit('Greet in the evening, and move the database to port 5433', {
    'deploy/settings.yaml': files['deploy/settings.yaml'].replace('greeting: Good morning', 'greeting Good evening'),
    'deploy/database.yaml': files['deploy/database.yaml'].replace('port: 5432', 'port: 5433'),
  });
  say(printReport(await reportOn(third, 'Failed'), paint));

  await step('The mistake is mended, and the worker leaves: it is pruned');
  const fourth = await commit('Mend the settings, retire the worker', {
    'deploy/settings.yaml': files['deploy/settings.yaml'].replace('morning', 'evening'),
    'deploy/worker.yaml': null,
  });
  say(printReport(await reportOn(fourth, 'Ready'), paint));
}

function expectState(report: Report, expected: ReportState): Report {
  if (report.state === expected) return report;
  throw new Error(`${expected} was expected, and the report says: ${printReport(report, (_format, text) => text)}`);
}

/** Reads on without ending the iterator, which a `break` would do. */
export async function* remaining<T>(iterator: AsyncIterator<T>): AsyncGenerator<T> {
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}
