import type { KubeObject, Ref, WatchEvent } from '@homeostat/kube';
import { PART_OF_LABEL, refOf } from '@homeostat/kube';

export const SET = 'applyset-demo-v1';

/** A small generator of repeatable randomness (mulberry32): `pick(n)` is an integer below n. */
export function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export interface MemberOptions {
  readonly uid?: string;
  readonly set?: string | undefined;
  readonly namespace?: string;
  readonly value?: string;
}

/** A ConfigMap at a resourceVersion; a member of {@link SET} unless told otherwise. */
export function configMap(name: string, resourceVersion: string, options: MemberOptions = {}): KubeObject {
  const { uid = `uid-${name}`, namespace = 'demo', value = resourceVersion } = options;
  const set = 'set' in options ? options.set : SET;
  const labels = set === undefined ? {} : { [PART_OF_LABEL]: set };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, uid, resourceVersion, labels },
    data: { value },
  };
}

export function deleted(object: KubeObject, resourceVersion: string): WatchEvent {
  return { type: 'DELETED', ref: refOf(object), uid: object.metadata.uid ?? '', resourceVersion };
}

/** One write that happened, and what it left: `undefined` after a deletion. */
interface Write {
  readonly resourceVersion: number;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

/**
 * The past of a few ConfigMaps as a server would tell it: a pure record of writes, from which follows what a list at any
 * version holds and what a watch from any version says.
 */
export class History {
  /** What the objects are labelled with that are no members of {@link SET}; `undefined`: not at all. */
  readonly #outside: string | undefined;
  readonly #writes: Write[] = [];
  readonly #now = new Map<string, KubeObject>();
  #uids = 0;

  constructor(outside?: string) {
    this.#outside = outside;
  }

  get version(): number {
    return this.#writes.length;
  }

  /** Creates, changes, relabels, deletes or replaces one of the names, at random. */
  write(pick: (limit: number) => number): void {
    const name = `c${pick(4)}`;
    const before = this.#now.get(name);
    const resourceVersion = this.version + 1;
    const fresh = (set: string | undefined): KubeObject =>
      configMap(name, String(resourceVersion), { uid: `uid-${(this.#uids += 1)}`, set });
    const set = pick(4) === 0 ? this.#outside : SET;
    const after =
      before === undefined
        ? fresh(set)
        : pick(4) === 0
          ? undefined
          : configMap(name, String(resourceVersion), { uid: before.metadata.uid ?? '', set });
    if (after === undefined) this.#now.delete(name);
    else this.#now.set(name, after);
    this.#writes.push({ resourceVersion, before, after });
  }

  /** The members as of a version, by name. */
  membersAt(version: number): ReadonlyMap<string, KubeObject> {
    return new Map([...this.listedAt(version)].filter(([, object]) => isMember(object)));
  }

  /** What a list of every set's members names as of a version, by name. */
  listedAt(version: number): ReadonlyMap<string, KubeObject> {
    const objects = new Map<string, KubeObject>();
    for (const { before, after } of this.#writes.slice(0, version)) {
      const name = (after ?? before)?.metadata.name ?? '';
      if (isLabelled(after)) objects.set(name, after);
      else objects.delete(name);
    }
    return objects;
  }

  /** What a watch says about the write that made `version`; a bookmark where it would be silent. */
  eventAt(version: number): WatchEvent {
    const write = this.#writes[version - 1];
    const resourceVersion = String(version);
    const { before, after } = write ?? {};
    if (isLabelled(after)) return { type: isLabelled(before) ? 'MODIFIED' : 'ADDED', object: after };
    if (isLabelled(before)) return deleted(before, resourceVersion);
    return { type: 'BOOKMARK', resourceVersion, initialEventsEnd: false };
  }

  /** The answer to one of the writes, as whoever made it would hold it. */
  answer(pick: (limit: number) => number): KubeObject | undefined {
    return this.#writes[pick(this.version)]?.after;
  }

  /** A uid that was deleted for good. */
  grave(pick: (limit: number) => number): { readonly ref: Ref; readonly uid: string } | undefined {
    const { before, after } = this.#writes[pick(this.version)] ?? {};
    if (before === undefined || after !== undefined) return undefined;
    return { ref: refOf(before), uid: before.metadata.uid ?? '' };
  }
}

function isMember(object: KubeObject): boolean {
  return object.metadata.labels?.[PART_OF_LABEL] === SET;
}

function isLabelled(object: KubeObject | undefined): object is KubeObject {
  return object?.metadata.labels?.[PART_OF_LABEL] !== undefined;
}
