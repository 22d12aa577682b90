import type { Holder } from './change.ts';

/**
 * Why an addition is never taken away:
 *
 * - `held`: another GitOps tool applied it, or applied a part of it.
 * - `unknown-writer`: nobody knows who wrote it, because managedFields were cleared (`before-first-apply`).
 * - `lifecycle`: a finalizer or an owner; whoever put it there counts on it, and something would leak without it.
 * - `scale`: a number of replicas that is left open; whoever scales may write it past the `scale` subresource.
 */
export type KeepAddition = 'held' | 'unknown-writer' | 'lifecycle' | 'scale';

/** What somebody else put into an object of ours, at a place that we neither set nor own. */
export interface Addition {
  /** As `printPath` of `@homeostat/merge` says it: `.spec.template.spec.containers[name="sidecar"]`. */
  readonly path: string;
  /** What stands there now. `<redacted>` where it is secret. */
  readonly value: unknown;
  /** It may decide about what runs, with which rights, who reaches it, or when the object may go. */
  readonly security: boolean;
  /** Who holds it or a part of it; the latest first. Never empty. */
  readonly heldBy: readonly [Holder, ...Holder[]];
  readonly keep?: KeepAddition;
}
