import type { KubeObject, Ref } from '@homeostat/kube';
import { gvkOf } from '@homeostat/kube';
import type { Condition } from './conditions.ts';
import { conditionsOf, generationOf } from './conditions.ts';
import type { CustomRules } from './custom.ts';
import { field, text } from './fields.ts';
import type { Status } from './status.ts';

export interface StatusOptions {
  /**
   * `kstatus` judges as sigs.k8s.io/cli-utils' kstatus does; `strict` (the default) mends what kstatus gets wrong (a
   * running Job counts as done, a failed Pod too …): the README's table names every difference.
   */
  readonly rules?: 'kstatus' | 'strict';
  /** Milliseconds since 1970. Default: the wall clock, read once per call. */
  readonly now?: number;
  /**
   * The objects whose owner is `ref`, as far as they are at hand; what is missing only makes messages poorer, except that
   * a ReplicaSet or StatefulSet with a failed Pod is Failed. Must not throw.
   */
  readonly children?: (ref: Ref) => readonly KubeObject[];
  /** Another object, as far as it is at hand: the StorageClass of a claim. Must not throw. */
  readonly lookup?: (ref: Ref) => KubeObject | undefined;
  readonly custom?: CustomRules;
  /**
   * What becomes of an object of a foreign group that no rule knows and that has no status at all. `current` (default, as
   * kstatus): it is there. `wait-observed`: InProgress until a controller has written a status.
   */
  readonly unknownKind?: 'current' | 'wait-observed';
}

/** An object prepared for its rules. */
export interface Subject {
  readonly object: KubeObject;
  readonly ref: Ref;
  readonly strict: boolean;
  readonly generation: number | undefined;
  readonly conditions: readonly Condition[];
  readonly now: number;
  readonly options: StatusOptions;
  /** How many owners were passed on the way here: owner references can form a circle. */
  readonly depth: number;
}

/** A rule's verdict; `undefined` leaves it to the next rule. */
export type Rule = (subject: Subject) => Status | undefined;

export function subjectOf(object: KubeObject, now: number, options: StatusOptions, depth: number): Subject {
  const strict = options.rules !== 'kstatus';
  const generation = generationOf(object);
  const { group, kind } = gvkOf({ apiVersion: text(object, 'apiVersion'), kind: text(object, 'kind') });
  return {
    object,
    ref: { group, kind, namespace: text(object, 'metadata', 'namespace'), name: text(object, 'metadata', 'name') },
    strict,
    generation,
    conditions: conditionsOf(field(object, 'status'), strict ? generation : undefined),
    now,
    options,
    depth,
  };
}

/** The first condition of that type. */
export function conditionOf(subject: Subject, type: string): Condition | undefined {
  return subject.conditions.find((condition) => condition.type === type);
}
