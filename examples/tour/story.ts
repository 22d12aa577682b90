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
  teller: Teller,
  { signal, pause }: StoryOptions,
): Promise<void> {
  const step = async (title: string): Promise<void> => {
    if (pause > 0) await sleep(pause, undefined, { signal });
    teller.heading(title);
  };
  /** The report on this commit in which nothing is under way any more. */
  const reportOn = async (commit: string, expected: ReportState, show: (event: LoopEvent) => void = () => {}) => {
    for await (const event of remaining(events)) {
      show(event);
      if (event.type !== 'report' || event.report.state === 'Progressing') continue;
      if (event.report.revision?.commit === commit) return expectState(event.report, expected);
    }
    throw new Error('the loop has ended');
  };
  const commit = async (message: string, changes: Readonly<Record<string, string | null>>): Promise<string> => {
    const id = await repository.commit(changes, message);
    teller.say(`${teller.paint('dim', `commit ${id.slice(0, 12)}`)}  ${message}`);
    return id;
  };

  await step('First sync: the website waits until the database is ready');
  const began = performance.now();
  void loop.run({ signal });
  const first = await reportOn(await repository.git('rev-parse', 'main'), 'Ready', (event) => {
    const line = signal.aborted ? undefined : printEvent(event, Date.now(), teller.paint);
    if (line !== undefined) teller.at(performance.now() - began, line);
  });
  teller.say(printSummary(first, teller.paint));

  await step('Drift: somebody scales the website down by hand');
  const edited = performance.now();
  await somebody.patch(website, { type: 'merge', value: { spec: { replicas: 0 } } }, { signal });
  teller.at(
    performance.now() - edited,
    `${teller.paint('bold', 'edited   ')} ${printRef(website)} .spec.replicas: 3 → 0, by kubectl-edit`,
  );
  for await (const event of remaining(events)) {
    const line =
      event.type === 'apply' || event.type === 'drift' ? printEvent(event, Date.now(), teller.paint) : undefined;
    if (line !== undefined) teller.at(performance.now() - edited, line);
    if (event.type === 'apply' && event.event.type === 'outcome' && event.event.ref.name === website.name) break;
  }
  const repaired = performance.now() - edited;
  const live = (await somebody.get(website, { signal })) as
    | { readonly spec?: { readonly replicas?: number } }
    | undefined;
  teller.say(`${live?.spec?.replicas} replicas again, ${printDuration(repaired)} after the edit`);

  await step('A commit: one file changes, and one object is sent');
  const newImage = files['deploy/website.yaml'].replace('website:1', 'website:2');
  const second = await commit('Serve website 2', { 'deploy/website.yaml': newImage });
  teller.say(printReport(await reportOn(second, 'Ready'), teller.paint));

  await step('A mistake: one file is broken, the others go on');
  const third = await commit('Greet in the evening, and move the database to port 5433', {
    'deploy/settings.yaml': files['deploy/settings.yaml'].replace('greeting: Good morning', 'greeting Good evening'),
    'deploy/database.yaml': files['deploy/database.yaml'].replace('port: 5432', 'port: 5433'),
  });
  teller.say(printReport(await reportOn(third, 'Failed'), teller.paint));

  await step('The mistake is mended, and the worker leaves: it is pruned');
  const fourth = await commit('Mend the settings, retire the worker', {
    'deploy/settings.yaml': files['deploy/settings.yaml'].replace('morning', 'evening'),
    'deploy/worker.yaml': null,
  });
  teller.say(printReport(await reportOn(fourth, 'Ready'), teller.paint));
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
