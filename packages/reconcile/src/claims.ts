import type { Revision } from '@homeostat/git';
import { setIdentity } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';

/** A set by its name: the one that this sync makes true. */
export interface SetName {
  readonly namespace: string;
  readonly name: string;
}

/** `the set shop/web`. */
export function printSet({ namespace, name }: SetName): string {
  return `the set ${namespace}/${name}`;
}

/** Where a set belongs. */
export interface Standing {
  /** Where its source is: sets of one place move on from commit to commit together. */
  readonly place: string;
  /** As whom it acts, in one canonical text. */
  readonly identity: string;
}

/** What a set desires at one revision of its source. */
export interface Declaration extends Standing {
  readonly revision: Revision;
  readonly desired: { has(key: RefKey): boolean };
  /** Whether nothing can be missing: otherwise it lets nothing go. */
  readonly complete: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An object that another set desires too. */
export interface Contest {
  readonly key: RefKey;
  readonly by: SetName;
}

/**
 * Which set of this process desires which object, so that an object which moves from one to another is never deleted in between.
 *
 * 1. Of a set that has said nothing yet nothing is known: it desires nothing and lets nothing go.
 * 2. Whoever has read a commit waits for the other sets of the same place and ref to have read it too, before it deletes: the
 *    object that it no longer names may be another's by now. Not for those that rest, and not for longer than it cares to.
 * 3. What it takes to hold somebody's deletion, or to be given an object, is to act as the same identity: else whoever may write a
 *    source could keep an object alive, as a right that was taken from them, by naming it there.
 * 4. A change is every commit that a set reads for the first time, a set that rests or leaves, and other objects that are contested than
 *    before; not what a set merely says again.
 *
 * One for the whole process; shared through the ports of its syncs.
 */
export interface Claims {
  /** A set that is going to be run, before anything of it is: from now on it is waited for. */
  expect(set: SetName, standing: Standing): void;
  /** What the set desires from now on. */
  declare(set: SetName, declaration: Declaration): void;
  /** What the set desires and is refused, because the set of this id has it and desires it too. In place of what it said before. */
  contest(set: SetName, objects: readonly { readonly key: RefKey; readonly owner: string }[]): void;
  /** What others contest of a set; the same instance as long as that does not change. */
  contested(set: SetName): readonly Contest[];
  /** The set is suspended: nobody takes what it has and desires, nobody waits for it, and it holds no deletion of others. */
  rest(set: SetName): void;
  /** The set is none of this process any more. */
  withdraw(set: SetName): void;
  /** Another set of the same identity that desires the object, and is not suspended. */
  claimantOf(key: RefKey, except: SetName): SetName | undefined;
  /** Whether the set of this id desires the object; `undefined` if that is not known. That it does not is told to its own identity alone. */
  desires(id: string, key: RefKey, by: SetName): boolean | undefined;
  /** A set of the same identity that may yet desire what this one no longer names. */
  awaited(set: SetName, options: { readonly now: number; readonly patienceMs: number }): SetName | undefined;
  /** Calls the listener at once, at every change; returns what ends that. */
  onChange(listener: () => void): () => void;
}

const NOTHING: readonly Contest[] = [];

interface Entry extends Standing {
  readonly set: SetName;
  readonly said?: Pick<Declaration, 'revision' | 'desired' | 'complete'> & { readonly since: number };
  readonly resting: boolean;
}

export function createClaims(): Claims {
  const entries = new Map<string, Entry>();
  const contests = new Map<string, readonly Contest[]>();
  const ids = new Map<string, string>();
  const listeners = new Set<() => void>();
  /** A hash, asked for at every turn. */
  const idOf = ({ namespace, name }: SetName): string => {
    const text = `${namespace}/${name}`;
    const known = ids.get(text);
    if (known !== undefined) return known;
    const { id } = setIdentity(namespace, name);
    ids.set(text, id);
    return id;
  };
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const contest: Claims['contest'] = (set, objects) => {
    const wanted = Map.groupBy(objects, ({ owner }) => owner);
    let changed = false;
    for (const owner of new Set([...contests.keys(), ...wanted.keys()])) {
      const before = contests.get(owner) ?? NOTHING;
      const keys = (wanted.get(owner) ?? []).map(({ key }) => key);
      const own = before.filter(({ by }) => isSame(by, set));
      if (own.length === keys.length && own.every(({ key }, i) => key === keys[i])) continue;
      changed = true;
      const others = before.filter(({ by }) => !isSame(by, set));
      const now = [...others, ...keys.map((key) => ({ key, by: nameOf(set) }))];
      if (now.length === 0) contests.delete(owner);
      else contests.set(owner, now);
    }
    if (changed) tell();
  };
  return {
    expect(set, { place, identity }) {
      const id = idOf(set);
      if (!entries.has(id)) entries.set(id, { set: nameOf(set), place, identity, resting: false });
    },
    declare(set, { place, identity, now, ...said }) {
      const before = entries.get(idOf(set));
      const again = before?.said?.revision.commit === said.revision.commit ? before : undefined;
      const since = again?.said?.since ?? now;
      entries.set(idOf(set), { set: nameOf(set), place, identity, said: { ...said, since }, resting: false });
      if (again === undefined || again.resting) tell();
    },
    contest,
    contested: (set) => (contests.size === 0 ? NOTHING : (contests.get(idOf(set)) ?? NOTHING)),
    rest(set) {
      const before = entries.get(idOf(set));
      if (before === undefined || before.resting) return;
      entries.set(idOf(set), { ...before, resting: true });
      tell();
    },
    withdraw(set) {
      contest(set, []);
      if (entries.delete(idOf(set))) tell();
    },
    claimantOf(key, except) {
      const id = idOf(except);
      const own = entries.get(id);
      for (const [other, { set, identity, said, resting }] of entries)
        if (other !== id && !resting && identity === own?.identity && said?.desired.has(key) === true) return set;
      return undefined;
    },
    desires(id, key, by) {
      const entry = entries.get(id);
      if (entry?.said?.desired.has(key) === true) return true;
      const mayKnow = entry !== undefined && entries.get(idOf(by))?.identity === entry.identity;
      return mayKnow && entry.said?.complete === true ? false : undefined;
    },
    awaited(set, { now, patienceMs }) {
      const id = idOf(set);
      const own = entries.get(id);
      if (own?.said === undefined || now - own.said.since >= patienceMs) return undefined;
      for (const [other, entry] of entries) if (other !== id && isBehind(entry, own, own.said)) return entry.set;
      return undefined;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether this set has yet to read what the other has read. One that is at another branch goes its own way. */
function isBehind(
  { place, identity, said, resting }: Entry,
  own: Standing,
  { revision: { ref, commit } }: Pick<Declaration, 'revision'>,
): boolean {
  if (resting || place !== own.place || identity !== own.identity) return false;
  if (said === undefined) return true;
  return said.revision.ref === ref && said.revision.commit !== commit;
}

function isSame(a: SetName, b: SetName): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

function nameOf({ namespace, name }: SetName): SetName {
  return { namespace, name };
}
