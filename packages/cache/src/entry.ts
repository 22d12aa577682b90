import type { KubeObject, OwnerReference, Ref } from '@homeostat/kube';
import { PART_OF_LABEL, parseJson, stringifyJson } from '@homeostat/kube';
import type { Packed } from './pack.ts';
import { unpack } from './pack.ts';

/**
 * One object of the live view. It never changes: a newer state is another entry, and as long as the state is the same the
 * view hands out the same entry, so that readers may remember what they worked out for it.
 */
export interface LiveEntry<S> {
  readonly ref: Ref;
  /** The API version that it was read in. */
  readonly version: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  /** It is being deleted. */
  readonly terminating: boolean;
  /** The set that its label names. The label alone proves nothing: read {@link object} for that. */
  readonly set: string | undefined;
  readonly owners: readonly OwnerReference[];
  /** What the injected `summarize` made of it. */
  readonly summary: S;
  /** When this state came into the view, in milliseconds since 1970. */
  readonly changedAt: number;
  /** The whole object, made anew from what is kept at rest by each call. */
  object(): KubeObject;
}

const NO_OWNERS: readonly OwnerReference[] = Object.freeze([]);

/** Gives equal texts one place in memory. */
export type Intern = (text: string) => string;

export class SettledEntry<S> implements LiveEntry<S> {
  readonly ref: Ref;
  readonly version: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly terminating: boolean;
  readonly set: string | undefined;
  readonly owners: readonly OwnerReference[];
  readonly summary: S;
  readonly changedAt: number;
  #atRest: { readonly text: string } | { readonly packed: Packed };

  constructor(object: KubeObject, ref: Ref, version: string, facts: { summary: S; changedAt: number; intern: Intern }) {
    const { metadata } = object;
    const set = metadata.labels?.[PART_OF_LABEL];
    this.ref = ref;
    this.version = version;
    this.uid = metadata.uid ?? '';
    this.resourceVersion = metadata.resourceVersion ?? '';
    this.generation = metadata.generation;
    this.terminating = metadata.deletionTimestamp !== undefined;
    this.set = set === undefined ? undefined : facts.intern(set);
    this.owners = metadata.ownerReferences ?? NO_OWNERS;
    this.summary = facts.summary;
    this.changedAt = facts.changedAt;
    this.#atRest = { text: stringifyJson(object) };
  }

  object(): KubeObject {
    return parseJson(this.text) as KubeObject;
  }

  /** What the object takes at rest, without what every entry takes. */
  get bytes(): number {
    return 'text' in this.#atRest ? this.#atRest.text.length : this.#atRest.packed.length;
  }

  /** The object as JSON. */
  get text(): string {
    return 'text' in this.#atRest ? this.#atRest.text : unpack(this.#atRest.packed);
  }

  /** Takes less memory from now on: by {@link text}, packed. What the entry tells stays the same. */
  settle(packed: Packed): void {
    this.#atRest = { packed };
  }
}
