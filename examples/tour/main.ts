import { printEvent, printReport, printSummary } from 'homeostat';
import type { Io } from 'homeostat';
import type { Loop, LoopEvent } from '@homeostat/reconcile';
import { setStage, NAMESPACE } from './stage.ts';
import type { Stage } from './stage.ts';
import { remaining, tellStory } from './story.ts';
import { createTeller } from './teller.ts';
import type { Teller } from './teller.ts';

export interface TourOptions {
  /** Ends after the story. Without a terminal it always does. */
  readonly once: boolean;
  /** Hears of every temporary folder. */
  readonly keep: (folder: string) => void;
}

const READING_TIME = 1_500;
const LONGEST = 120_000;

/** Shows the engine at work, then lets it run until `io.signal`. Returns whether the story came to its end. */
export async function main(io: Pick<Io, 'env' | 'stdout' | 'signal'>, options: TourOptions): Promise<boolean> {
  const teller = createTeller(io);
  await using stage = await setStage(options.keep);
  introduce(stage, teller);

  const events = stage.loop.events()[Symbol.asyncIterator]();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('two minutes have passed, and the story is not over')), LONGEST);
  const signal = AbortSignal.any([io.signal, late.signal]);
  try {
    await tellStory(stage, events, teller, { signal, pause: io.stdout.isTTY ? READING_TIME : 0 });
  } catch (error) {
    if (io.signal.aborted) return false;
    throw late.signal.aborted ? late.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
  if (options.once || !io.stdout.isTTY) return true;

  invite(stage, teller);
  await follow(stage.loop, events, teller);
  return true;
}

/** Tells what the loop does from now on. */
async function follow(loop: Loop, events: AsyncIterator<LoopEvent>, { say, paint }: Teller): Promise<void> {
  let last = loop.report;
  let isPass = false;
  for await (const event of remaining(events)) {
    if (event.type === 'revision') isPass = true;
    if (event.type === 'report') {
      const { report } = event;
      // Else it is the same pass again: its objects have become ready, or no longer are.
      if (report.startedAt !== last?.startedAt) say(printReport(report, paint));
      else if (report.state === 'Ready') say(`${paint('green', 'ready    ')} all that Git names`);
      else if (report.state !== 'Progressing') say(printSummary(report, paint));
      last = report;
      isPass = false;
    } else if (event.type !== 'apply' || event.event.type === 'waiting' || !isPass) {
      // What a pass has written stands in its report.
      const line = printEvent(event, Date.now(), paint);
      if (line !== undefined) say(line);
    }
  }
}

function introduce({ url, startedIn, repository }: Stage, { say, paint }: Teller): void {
  say();
  say(paint('bold', 'Homeostat makes a Kubernetes cluster equal to a Git repository'));
  say();
  say(`cluster     ${paint('cyan', url)}  in memory, started in ${Math.round(startedIn)} ms`);
  say(`repository  ${paint('cyan', repository.url)}`);
}

function invite({ kubeconfig, repository }: Stage, { heading, say, paint }: Teller): void {
  const command = (text: string): void => say(paint('cyan', text));
  heading('Your turn: the loop goes on. In another terminal:');
  command(`export KUBECONFIG=${kubeconfig}`);
  command(`kubectl -n ${NAMESPACE} get deployments,pods`);
  command(`kubectl -n ${NAMESPACE} scale deployment website --replicas=0`);
  say('The loop says so here, and the replicas are back within milliseconds.');
  say();
  command(`git clone ${repository.url} && cd shop`);
  say('Edit a file in deploy/, commit and push: it is in the cluster a moment later.');
  say();
  say('Ctrl-C ends it, and nothing is left behind.');
  say();
}
