import type { KubeErrorCode, Ref, RetryHint } from '@homeostat/kube';
import type { KeepReason } from './select-orphans.ts';

/** What became of one orphan. */
export type PruneOutcome =
  | { readonly action: 'pruned' | 'released'; readonly ref: Ref; readonly durationMs: number }
  | {
      readonly action: 'kept';
      readonly ref: Ref;
      readonly reason: KeepReason | 'dependents-remain';
      readonly message?: string;
    }
  | {
      readonly action: 'failed';
      readonly ref: Ref;
      readonly code: PruneFailureCode;
      readonly message: string;
      /** When the next pass may try again: as the server says, else with growing pauses. */
      readonly retry: RetryHint;
    };

/** `stale`: it changes faster than it can be proven and deleted. `not-gone`: its deletion did not end in time. */
export type PruneFailureCode = 'stale' | 'not-gone' | 'cancelled' | KubeErrorCode;

export type PruneEvent =
  | { readonly type: 'outcome'; readonly outcome: PruneOutcome }
  | { readonly type: 'waiting'; readonly ref: Ref; readonly reason: string; readonly since: number };
