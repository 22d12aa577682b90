import { equalJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapsAt, textAt } from '../draft.ts';

/** One object in the store. */
export interface ObjectRef {
  readonly shelf: string;
  readonly key: string;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly blockOwnerDeletion: boolean;
}

/** Which objects name which owners, and where the object with a uid is. Objects are told of one by one. */
export class OwnerIndex {
  /** By the owner's uid: its dependents, by their own. */
  readonly #dependents = new Map<string, Map<string, ObjectRef>>();
  readonly #places = new Map<string, ObjectRef>();

  set(ref: ObjectRef, object: KubeObject, previous: KubeObject | undefined): void {
    const uid = object.metadata.uid ?? '';
    this.#places.set(uid, ref);
    if (previous !== undefined) {
      if (equalJson(previous.metadata.ownerReferences ?? [], object.metadata.ownerReferences ?? [])) return;
      this.#dropOwners(previous);
    }
    for (const owner of ownersOf(object)) {
      let dependents = this.#dependents.get(owner.uid);
      if (dependents === undefined) this.#dependents.set(owner.uid, (dependents = new Map()));
      dependents.set(uid, ref);
    }
  }

  delete(object: KubeObject): void {
    this.#places.delete(object.metadata.uid ?? '');
    this.#dropOwners(object);
  }

  /** Of the owner with that uid, in the order in which they came to name it. */
  dependentsOf(uid: string): readonly ObjectRef[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  placeOf(uid: string): ObjectRef | undefined {
    return this.#places.get(uid);
  }

  #dropOwners(object: KubeObject): void {
    for (const owner of ownersOf(object)) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(object.metadata.uid ?? '');
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

export function ownersOf({ metadata }: KubeObject): OwnerReference[] {
  if (metadata.ownerReferences === undefined) return [];
  return mapsAt(metadata as DraftMap, 'ownerReferences').map((owner) => ({
    apiVersion: textAt(owner, 'apiVersion'),
    kind: textAt(owner, 'kind'),
    name: textAt(owner, 'name'),
    uid: textAt(owner, 'uid'),
    blockOwnerDeletion: owner['blockOwnerDeletion'] === true,
  }));
}
