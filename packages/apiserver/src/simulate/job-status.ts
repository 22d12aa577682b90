import type { DraftMap } from '../draft.ts';
import { mapsAt, textAt } from '../draft.ts';

/** How a Job has ended. */
export interface JobEnd {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** What there is to say of a Job that has not ended. */
export interface JobCounts {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of an Indexed one: the indexes that are done. */
  readonly done: readonly number[] | undefined;
}

export const REACHED: JobEnd = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

/** The status of a Job. `end`: how it has ended, or is about to, once its Pods are gone. */
export function jobStatus(before: DraftMap, counts: JobCounts, end: JobEnd | undefined, now: string): DraftMap {
  const { active, ready, terminating, succeeded, failed, done } = counts;
  const conditions = mapsAt(before, 'conditions');
  const over = end !== undefined && active === 0 && terminating === 0;
  const added = end === undefined ? [] : [forecast(end), ...(over ? [end] : [])];
  return {
    ...before,
    ...(done !== undefined && { completedIndexes: printIndexes(done) }),
    active,
    ready,
    terminating,
    succeeded,
    failed,
    uncountedTerminatedPods: {},
    conditions: [
      ...conditions,
      ...added
        .filter(({ type }) => !conditions.some((one) => one['type'] === type))
        .map(({ type, reason, message }) => ({
          type,
          status: 'True',
          lastProbeTime: now,
          lastTransitionTime: now,
          reason,
          message,
        })),
    ],
    ...(over && end.type === 'Complete' && { completionTime: before['completionTime'] ?? now }),
  };
}

/** The condition that precedes the last one. */
function forecast({ type, reason, message }: JobEnd): { readonly type: string; reason: string; message: string } {
  return { type: type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', reason, message };
}

/** The end that was decided before, while Pods were still there. */
export function endDecided(status: DraftMap): JobEnd | undefined {
  for (const condition of mapsAt(status, 'conditions')) {
    const { type, status: met } = condition;
    if (met !== 'True' || (type !== 'SuccessCriteriaMet' && type !== 'FailureTarget')) continue;
    const [reason, message] = [textAt(condition, 'reason'), textAt(condition, 'message')];
    return { type: type === 'FailureTarget' ? 'Failed' : 'Complete', reason, message };
  }
  return undefined;
}

export function isEnded(status: DraftMap): boolean {
  return mapsAt(status, 'conditions').some(
    ({ type, status: met }) => (type === 'Complete' || type === 'Failed') && met === 'True',
  );
}

/** `0-2,4`. */
function printIndexes(indexes: readonly number[]): string {
  const sorted = indexes.toSorted((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges
    .map(([from, to]) => (from === to ? String(from) : `${String(from)}${to === from + 1 ? ',' : '-'}${String(to)}`))
    .join(',');
}
