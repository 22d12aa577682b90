import { printRef } from '@homeostat/kube';
import { retryHints } from './retry-hints.ts';
import type { Failure, Report } from './report.ts';

/** As `metav1.Condition` of Kubernetes, for the status of a custom resource. */
export interface Condition {
  readonly type: 'Ready' | 'Reconciling' | 'Stalled';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ConditionReason;
  readonly message: string;
  /** ISO 8601 without fractions of a second, as Kubernetes writes times. */
  readonly lastTransitionTime: string;
}

/**
 * - `Succeeded`: the cluster is as the source wants it, and every object is ready.
 * - `Progressing`: not all objects are ready yet.
 * - `DependencyNotReady`: other syncs keep it at the revision that it has.
 * - `PruneHeld`: deletions wait for somebody to confirm them.
 * - `Suspended`: somebody asked to leave it alone.
 * - `SourceFailed`, `RenderFailed`: there is no revision, or what it says is not all understood.
 * - `ObjectsFailed`: objects could not be written or deleted, or have failed.
 * - `PassFailed`: the pass could not come to its end otherwise.
 */
export type ConditionReason =
  | 'Succeeded'
  | 'Progressing'
  | 'DependencyNotReady'
  | 'PruneHeld'
  | 'Suspended'
  | 'SourceFailed'
  | 'RenderFailed'
  | 'ObjectsFailed'
  | 'PassFailed';

/**
 * What a report comes to in the terms that tools for Kubernetes understand (kstatus): always these three. Pure.
 *
 * - `Ready` is True for a report that says so, Unknown while suspended, else False.
 * - `Reconciling` is True while something goes on by itself: objects become ready, other syncs are waited for, what failed is tried again.
 * - `Stalled` is True when nothing goes on until somebody acts: what failed helps no attempt, or deletions are held.
 *
 * `before`: the conditions that stand there; one of the same status keeps its `lastTransitionTime`.
 */
export function conditionsOf(report: Report, before: readonly Condition[] = []): readonly Condition[] {
  const reason = reasonOf(report);
  const message = messageOf(report);
  const time = new Date(Date.parse(report.startedAt) + report.durationMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return statusesOf(report).map(([type, status]) => {
    const known = before.find((one) => one.type === type && one.status === status);
    return { type, status, reason, message, lastTransitionTime: known?.lastTransitionTime ?? time };
  });
}

function statusesOf(report: Report): readonly (readonly [Condition['type'], Condition['status']])[] {
  const all = (
    ready: Condition['status'],
    reconciling: boolean,
    stalled: boolean,
  ): readonly (readonly [Condition['type'], Condition['status']])[] => [
    ['Ready', ready],
    ['Reconciling', reconciling ? 'True' : 'False'],
    ['Stalled', stalled ? 'True' : 'False'],
  ];
  switch (report.state) {
    case 'Ready':
      return all('True', false, false);
    case 'Progressing':
      return all('False', true, false);
    case 'Held':
      return all('False', false, true);
    case 'Suspended':
      return all('Unknown', false, false);
    case 'Failed': {
      const again = retryHints(report).length > 0;
      return all('False', again, !again);
    }
    default:
      return report.state satisfies never;
  }
}

function reasonOf({ state, failure, waits, findings }: Report): ConditionReason {
  switch (state) {
    case 'Ready':
      return 'Succeeded';
    case 'Progressing':
      return waits === undefined ? 'Progressing' : 'DependencyNotReady';
    case 'Held':
      return 'PruneHeld';
    case 'Suspended':
      return 'Suspended';
    case 'Failed':
      if (failure !== undefined) return FAILED_AT[failure.stage];
      return findings.some(({ severity }) => severity === 'error') ? 'RenderFailed' : 'ObjectsFailed';
    default:
      return state satisfies never;
  }
}

const FAILED_AT: Readonly<Record<Failure['stage'], ConditionReason>> = {
  depend: 'DependencyNotReady',
  fetch: 'SourceFailed',
  render: 'RenderFailed',
  look: 'PassFailed',
  validate: 'PassFailed',
  apply: 'PassFailed',
  prune: 'PassFailed',
  wait: 'ObjectsFailed',
  record: 'PassFailed',
};

function messageOf({ state, failure, waits = [], findings, objects, orphans, held }: Report): string {
  if (failure !== undefined) return failure.message;
  const count = (done: 'failed' | 'blocked'): number =>
    [...objects, ...orphans].filter(({ action }) => action === done).length;
  const notReady = objects.filter(({ status }) => status !== undefined && status.state !== 'Current').length;
  switch (state) {
    case 'Ready':
      return `${objects.length} objects are as desired and ready`;
    case 'Progressing':
      return waits.length > 0
        ? waits.map(({ message }) => message).join('; ')
        : `${notReady} of ${objects.length} objects are not ready yet`;
    case 'Held':
      return `${held?.count ?? 0} deletions wait for somebody to confirm them`;
    case 'Suspended':
      return 'somebody asked to leave it alone';
    case 'Failed': {
      const error = findings.find(({ severity }) => severity === 'error');
      if (error !== undefined) return error.message;
      const sums = `of ${objects.length} objects ${count('failed')} failed, ${count('blocked')} were not tried, ${notReady} are not ready`;
      // The first in the report is the most urgent.
      const [first] = objects;
      const why = first?.message ?? first?.status?.message;
      return first === undefined || why === undefined ? sums : `${sums}; ${printRef(first.ref)}: ${why}`;
    }
    default:
      return state satisfies never;
  }
}
