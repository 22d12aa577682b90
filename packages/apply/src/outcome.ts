import type { KubeObject, Ref, RetryHint } from '@homeostat/kube';
import type { FieldConflict } from './conflicts.ts';

/** Why an object was not applied. Closed: switch on it exhaustively. */
export type OutcomeCode =
  | 'conflict' // another manager owns a field with another value, and the policy does not take it
  | 'stale' // the object is not the one that the plan saw
  | 'immutable' // a field that cannot be changed in place
  | 'invalid' // the server says that the manifest is wrong
  | 'forbidden' // our identity may not do this
  | 'not-found-kind' // the server does not serve this kind (in this version)
  | 'missing-namespace' // the namespace does not exist
  | 'terminating' // the namespace (or the definition of the kind) is being deleted
  | 'not-allowed' // the policy of its caller keeps it out
  | 'reserved' // a set is kept in it, so it is no member of any
  | 'denied' // an admission policy, webhook, quota or built-in admission said no
  | 'webhook' // an admission webhook could not be called
  | 'throttled' // 429, after all retries
  | 'unavailable' // no usable answer from the server, after all retries
  | 'timeout' // a wait or a request took longer than it may
  | 'cancelled'; // the caller's signal

/** A refusal as data: what an error, a validation or a failed object comes to. */
export interface Refusal {
  readonly code: OutcomeCode;
  /** What, where and the next step; never a secret. */
  readonly message: string;
  readonly retry: RetryHint;
}

/** An owned value that is not in effect although the server accepted it. The shape that `judge` gives. */
export interface Overridden {
  readonly path: string;
  readonly kind: string;
  readonly desired?: unknown;
  readonly live?: unknown;
}

/** Where an object stands in Git. Passed through untouched. */
export interface ItemOrigin {
  readonly path: string;
  readonly document: number;
  readonly line: number;
  readonly commit?: string;
}

interface About {
  readonly ref: Ref;
  readonly origin?: ItemOrigin;
}

/** The object is as desired, as far as the server let us. */
export interface Written extends About {
  readonly action: 'created' | 'updated' | 'unchanged' | 'adopted' | 'replaced';
  readonly uid: string;
  readonly resourceVersion: string;
  /** The server's last answer. */
  readonly object: KubeObject;
  /** Texts of the server's warnings. */
  readonly warnings: readonly string[];
  /** From the first request about this object to the last answer, waits in between included. */
  readonly durationMs: number;
  /** What admission changed or another manager keeps; only with `judge`, and only when there is something. */
  readonly overridden?: readonly Overridden[];
  /** Fields taken from others, as the policy says. */
  readonly taken?: readonly FieldConflict[];
  /** Fields left to others, as the policy says: the object was applied without them. */
  readonly yielded?: readonly FieldConflict[];
  /** Managers whose fields were moved to ours. */
  readonly migrated?: readonly string[];
}

/** Nothing was sent. */
export interface Skipped extends About {
  readonly action: 'skipped';
  /** `in-sync`: it was only a node of the graph. `stopped`: another object failed, and the policy stops then. */
  readonly reason: 'in-sync' | 'stopped';
}

export interface Failed extends About, Refusal {
  readonly action: 'failed';
}

/** Not tried, because something that it needs is missing. */
export interface Blocked extends About {
  readonly action: 'blocked';
  /** The object at the root: the one that failed or did not become ready. */
  readonly by: Ref;
  readonly reason: string;
}

/** What became of one item. */
export type ApplyOutcome = Written | Skipped | Failed | Blocked;
