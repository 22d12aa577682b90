import { timestamp } from '../clock.ts';
import type { DecidedFate } from './pod-rules.ts';
import type { PodStage } from './pod-status.ts';

const FIRST_BACKOFF_S = 10;
const LAST_BACKOFF_S = 300;

export interface PodCourse {
  readonly stage: PodStage;
  /** When the next stage begins, in milliseconds since the epoch; `undefined`: this is the last. */
  readonly next: number | undefined;
}

/**
 * How a Pod stands at `now`, that got its node at `since`. Pure: the same at the same time, however often it is asked.
 *
 * @param runMs after how long its containers end well; `undefined`: they do not end.
 */
export function courseOf(
  { fate, afterMs }: DecidedFate,
  since: number,
  now: number,
  { runMs, restarts }: { readonly runMs: number | undefined; readonly restarts: boolean },
): PodCourse {
  const start = since + afterMs;
  if (now < start) return { stage: { stage: 'creating' }, next: start };
  const startedAt = timestamp(start);
  switch (fate) {
    case 'ImagePullBackOff':
      return { stage: { stage: 'image-missing' }, next: undefined };
    case 'NeverReady':
      return { stage: { stage: 'running', ready: false, since: startedAt }, next: undefined };
    case 'CrashLoopBackOff':
      if (restarts) return crashes(start, now);
      return {
        stage: { stage: 'over', phase: 'Failed', exitCode: 1, startedAt, finishedAt: startedAt },
        next: undefined,
      };
    case 'Ready':
    case 'Slow':
    // Somebody gave it a node all the same.
    case 'Unschedulable':
      return runs(start, now, runMs);
    default:
      return fate satisfies never;
  }
}

function runs(start: number, now: number, runMs: number | undefined): PodCourse {
  const startedAt = timestamp(start);
  const end = runMs === undefined ? undefined : start + runMs;
  if (end === undefined || now < end) {
    return { stage: { stage: 'running', ready: true, since: startedAt }, next: end };
  }
  const finishedAt = timestamp(end);
  return { stage: { stage: 'over', phase: 'Succeeded', exitCode: 0, startedAt, finishedAt }, next: undefined };
}

/** The pauses between restarts double, up to five minutes. */
function crashes(start: number, now: number): PodCourse {
  let at = start;
  let seconds = FIRST_BACKOFF_S;
  for (let restarts = 1; ; restarts++) {
    const next = at + seconds * 1000;
    if (now < next) {
      const time = timestamp(at);
      const stage = {
        stage: 'crashed',
        restarts,
        backoff: printed(seconds),
        startedAt: time,
        finishedAt: time,
      } as const;
      return { stage, next };
    }
    at = next;
    seconds = Math.min(seconds * 2, LAST_BACKOFF_S);
  }
}

/** As Go prints durations: `1m20s`. */
function printed(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${String(seconds)}s` : `${String(minutes)}m${String(seconds % 60)}s`;
}
