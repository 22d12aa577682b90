import type { Revision } from '@homeostat/git';
import type { Ref } from '@homeostat/kube';
import type { PruneEvent } from '@homeostat/prune';
import type { PassFinding } from './finding.ts';
import type { Status } from '@homeostat/status';
import type { AwaitedSync } from './dependencies.ts';
import type { Plan } from './plan.ts';
import type { Report } from './report.ts';
import type { ApplyStep, ValidateStep } from './step.ts';

/** What a pass tells while it works. Plain data; nothing in it is secret. */
export type PassEvent =
  /** What the pass goes for; `newest`: what the source names, where somebody asked to stay at another commit. */
  | { readonly type: 'revision'; readonly revision: Revision; readonly newest?: Revision }
  | {
      readonly type: 'rendered';
      readonly objects: number;
      readonly complete: boolean;
      readonly findings: readonly PassFinding[];
    }
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'validate'; readonly event: ValidateStep }
  | { readonly type: 'apply'; readonly event: ApplyStep }
  | { readonly type: 'prune'; readonly event: PruneEvent }
  /** Other syncs keep this one at the revision that it has. */
  | { readonly type: 'awaiting'; readonly waits: readonly AwaitedSync[] }
  | {
      readonly type: 'waiting';
      readonly ref: Ref;
      readonly status: Status;
      readonly since: number;
      readonly others: number;
    };

/** How a live object is not as desired, without values. */
export interface Difference {
  readonly ref: Ref;
  /** It is not there at all. */
  readonly gone: boolean;
  /** Paths, as `.spec.replicas`; none when it is gone, or when only the server can tell. */
  readonly fields: readonly string[];
  /** The field managers that hold other values there. Nobody need hold a field that was taken away. */
  readonly managers: readonly string[];
}

/** How much of a reader's room an event takes: one that holds objects as much as they are. */
export function weightOf(event: LoopEvent): number {
  switch (event.type) {
    case 'planned':
      return 1 + event.plan.items.length + event.plan.prunes.length + event.plan.findings.length;
    case 'report':
      return 1 + event.report.objects.length + event.report.orphans.length + event.report.findings.length;
    case 'rendered':
      return 1 + event.findings.length;
    default:
      return 1;
  }
}

/** What a loop tells besides. */
export type LoopEvent =
  | PassEvent
  /** Somebody changed it. With `drift: report` told once per difference. */
  | ({ readonly type: 'drift' } & Difference)
  /** Somebody changes it again and again: who, and where. It is next repaired after `pauseMs` at the earliest. */
  | ({ readonly type: 'fight'; readonly pauseMs: number } & Omit<Difference, 'gone'>)
  | { readonly type: 'degraded'; readonly message: string }
  /** Another engine holds the set; this one takes over when that is gone. */
  | { readonly type: 'standby'; readonly holder: string }
  | { readonly type: 'dropped'; readonly count: number }
  | { readonly type: 'report'; readonly report: Report };
