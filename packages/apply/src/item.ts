import type { Client, Clock, KubeObject, Managers, Ref } from '@homeostat/kube';
import type { ConflictMode, ConflictPolicy } from './conflicts.ts';
import type { Limit } from './limit.ts';
import type { ItemOrigin, Overridden, Refusal } from './outcome.ts';
import type { Inheritance } from './tools.ts';

/**
 * Whether an object may be deleted and created anew. `protected` is the second, explicit consent that Namespaces,
 * CustomResourceDefinitions, PersistentVolumes, PersistentVolumeClaims and StatefulSets need: deleting them deletes more
 * than themselves.
 */
export type ReplaceConsent = 'ordinary' | 'protected';

/** One desired object, with what the plan found out about it. */
export interface ApplyItem {
  readonly ref: Ref;
  /** The payload: with membership, without what the server owns and without ignored fields. */
  readonly object: KubeObject;
  readonly origin?: ItemOrigin;
  /**
   * - `create`: only if it does not exist (`metadata.resourceVersion: "1"`).
   * - `update`: a member; only if it is still the object with this `uid`.
   * - `adopt`: not a member yet; only if it is still the object with this `uid` and `resourceVersion`.
   * - `replace`: a member that cannot be changed in place; consent is implied (see {@link ReplaceConsent}).
   * - `none`: already true. A node of the graph only: others may wait for it to be ready.
   * - `refused`: known to be wrong. A node of the graph only: what needs it is blocked.
   */
  readonly action: 'create' | 'update' | 'adopt' | 'replace' | 'none' | 'refused';
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** As the plan saw it. Tells `unchanged` from `updated`, and whether an object to adopt still has the owner that the plan saw. */
  readonly live?: KubeObject;
  /** Take every field at once, whoever owns it, without asking the policy. */
  readonly force: boolean;
  /** Instead of the policy's mode, for this object. */
  readonly conflicts?: ConflictMode;
  readonly replace?: ReplaceConsent;
  /** What goes over to us with an object that is adopted from its former owner. */
  readonly inherits?: Inheritance;
  /**
   * Fields that the payload no longer names and that shall keep their value: identity and live values. Before the payload drops them
   * they are applied by a second manager (ours with `-released` behind), or the server would reset them.
   */
  readonly release?: KubeObject;
  /** Why, for `refused`. */
  readonly refused?: Refusal;
}

/** What a status package says about an object; only `Current` counts as ready. */
export interface Readiness {
  readonly state: string;
  readonly reason: string;
  readonly message: string;
  /** Said in place of the message where more is known; that it changes is no progress. */
  readonly detail?: string;
}

export interface ReadyOptions {
  /** The version that our own write made: an older state proves nothing. */
  readonly resourceVersion?: string;
  /** Whether the object is one of the items. */
  readonly inSet: boolean;
  readonly signal: AbortSignal;
  /** Call it whenever the state changes: it restarts the deadline and is what a `waiting` event says. */
  readonly progress: (now: Readiness) => void;
}

export interface ApplyPorts {
  readonly client: Client;
  /** Field manager, and its former names: their fields are moved to the current one. */
  readonly manager: Managers;
  /**
   * Resolves when the object is ready or can no longer become so. Asked only for objects that others wait for. It may take
   * as long as it likes: deadline and cancellation come through `signal`.
   */
  readonly ready: (ref: Ref, options: ReadyOptions) => Promise<Readiness>;
  /** One for the whole process: it learns how much the server bears. */
  readonly limit: Limit;
  readonly clock?: Clock;
  /** For jitter: a number in [0, 1). */
  readonly random?: () => number;
  readonly onConflict?: ConflictPolicy;
  /**
   * With it, an object that exists is written, released or deleted only in a state that was looked at: the one that the item names
   * (`uid` and `resourceVersion`), or a later one about which this was asked. It refuses, or lets the write go on in that state.
   * `live` is absent when the object is gone. Without it a member is written whatever else moved in it.
   */
  readonly moved?: (item: ApplyItem, live: KubeObject | undefined) => Refusal | undefined;
  /** Names what is not in effect after an accepted apply. */
  readonly judge?: (desired: KubeObject, answer: KubeObject) => readonly Overridden[];
  /** Default `Strict`. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

/** What a validation needs. */
export type ValidatePorts = Omit<ApplyPorts, 'ready' | 'judge' | 'onConflict' | 'moved'>;

export interface ApplyOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for one object without seeing progress. Default 5 min. */
  readonly waitTimeoutMs?: number;
  /** `stop`: once an object has failed, no further one is started. Default `continue`. */
  readonly onError?: 'continue' | 'stop';
}
