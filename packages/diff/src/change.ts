/**
 * How one part of the live object differs from what is desired.
 *
 * - `add`: desired, and live does not have it.
 * - `change`: both have it, with different values.
 * - `remove`: we own it and no longer desire it.
 * - `ownership`: live has the desired value, but we do not own it: nothing would keep it there.
 * - `order`: our items of an associative list stand in another order.
 */
export type ChangeKind = 'add' | 'change' | 'remove' | 'ownership' | 'order';

export interface Change {
  /** As `printPath` of `@homeostat/merge` says it: `.spec.containers[name="web"].image`; `''` is the whole object. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** Absent when nothing is desired. `<redacted>` where it is secret. */
  readonly desired?: unknown;
  /** Absent when live has nothing. `<redacted>` where it is secret. */
  readonly live?: unknown;
  /**
   * Who else owns the live value; the latest of several. Absent when nobody does: then Git has changed, or someone
   * wrote in a way that leaves no owner (a removal, a storage migration).
   */
  readonly heldBy?: Holder;
}

/** A field manager other than ours, from its managedFields entry. */
export interface Holder {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly time?: string;
  /** As `scale` for an autoscaler's replicas. */
  readonly subresource?: string;
}

/**
 * What the two objects alone tell.
 *
 * - `in-sync`: every field that we own has the desired value, and every desired field is ours.
 * - `differs`: it is not so. It may still turn out equal after the server's normalization: then an apply leaves the
 *   content as it was (see `equalContent`), and the caller remembers that.
 * - `unknown`: only the server can tell; ask it once, by a dry run or an apply.
 */
export type Comparison =
  | { readonly state: 'in-sync' }
  | { readonly state: 'differs'; readonly changes: readonly Change[] }
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly changes: readonly Change[] };

export type UnknownReason =
  | 'other-version' // desired, live and our managedFields entry do not speak one version
  | 'no-entry' // nothing shows what we applied: never applied, or managedFields were cleared
  | 'normalization'; // what differs may be the server's doing: defaults inside an atomic value, another way to write it
