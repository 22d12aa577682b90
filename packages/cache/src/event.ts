import type { KubeError, Ref, Resource } from '@homeostat/kube';

/** How the view came to know. `observed`: from an answer to a request of our own. */
export type Via = 'list' | 'watch' | 'observed';

/** An object is in the view in a state that it was not in before. */
export interface ChangedEvent {
  readonly type: 'changed';
  readonly ref: Ref;
  readonly uid: string;
  readonly set: string | undefined;
  /** The set that its label named before, where that was another one (or none: `undefined`). */
  readonly formerSet: string | undefined;
  readonly via: Via;
}

/**
 * An object is no longer in the view: deleted, or its label was taken away. Identity is all there is to say, because a
 * DELETED event shows an old state under a new resourceVersion: who wants to act must read it by GET.
 */
export interface GoneEvent {
  readonly type: 'gone';
  readonly ref: Ref;
  readonly uid: string;
  /** The set that its label named when it was in the view. */
  readonly set: string | undefined;
  readonly via: Via;
}

/** What happened to the view. Level-triggered: an event says where to look, never what is there. */
export type CacheEvent =
  | ChangedEvent
  | GoneEvent
  /** A kind was listed completely, or its watch speaks again. `namespace` is `''` for the whole cluster. */
  | { readonly type: 'synced'; readonly resource: Resource; readonly namespace: string }
  /** A kind cannot be listed or watched; it is tried again, and what the view holds of it may be old. */
  | { readonly type: 'degraded'; readonly resource: Resource; readonly namespace: string; readonly error: KubeError }
  /** The server no longer knows the kind: nothing of it is left, and nothing is tried until it is loaded again. */
  | { readonly type: 'ended'; readonly resource: Resource }
  /** The reader was too slow and missed so many events here: it must look at everything. */
  | { readonly type: 'dropped'; readonly count: number };
