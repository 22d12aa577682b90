import type { GroupKind, KubeObject, Ref, SetIdentity, WatchEvent } from '@homeostat/kube';
import { compareRefs, gvkOf, PART_OF_LABEL, refKey } from '@homeostat/kube';
import type { LiveEntry } from './entry.ts';
import { SettledEntry } from './entry.ts';
import type { ChangedEvent, GoneEvent, Via } from './event.ts';
import type { ForeignMember } from './foreign.ts';
import type { Packed } from './pack.ts';
import type { Known } from './transition.ts';
import { onDeleted, onSighting, onUnlisted } from './transition.ts';
import { compareVersions, reaches } from './version.ts';

/** Where a list or watch looks: one kind, in one namespace or (`''`) everywhere. */
export interface Scope {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** Everything that the view can learn. */
export type Input =
  | { readonly input: 'listed'; readonly object: KubeObject }
  /** A list of `scope` is complete: it named the objects `keys` (see {@link keyOf}) as of `resourceVersion`. */
  | {
      readonly input: 'list-ended';
      readonly scope: Scope;
      readonly keys: ReadonlySet<string>;
      readonly resourceVersion: string;
    }
  | { readonly input: 'watched'; readonly scope: Scope; readonly event: WatchEvent }
  /** The server was set back: versions that were told of `scope` say nothing about those of the list that follows. */
  | { readonly input: 'set-back'; readonly scope: Scope }
  /** The answer to a request of our own. */
  | { readonly input: 'observed'; readonly object: KubeObject }
  /** The object with this uid is confirmed gone. */
  | { readonly input: 'forgotten'; readonly ref: Ref; readonly uid: string }
  /** The server no longer serves the kind. */
  | { readonly input: 'kind-ended'; readonly kind: GroupKind };

export type ViewEvent = ChangedEvent | GoneEvent;

export interface ViewOptions<S> {
  /** Only this set's members; without it the members of every set. */
  readonly set?: SetIdentity;
  /** Only the members of these sets (and of those that {@link View.track} adds) are kept whole; without it all are. */
  readonly tracked?: Iterable<string>;
  readonly summarize: (object: KubeObject) => S;
}

type Held<S> = LiveEntry<S> | ForeignMember;

/** What must not come back would do so within seconds, from a list or watch that lags: the oldest may be forgotten. */
const REMEMBERED = 10_000;

/**
 * The live view's memory: what was learned, reduced to the newest state of every selected object. No I/O, no clock; every
 * change is one call of {@link reduce}.
 *
 * Invariants
 * 1. It only goes forward: an older state never replaces a newer one, whoever brings it.
 * 2. Nor does it replace a newer absence: what a list, a watch or an answer showed without the label stays away until
 *    something newer shows it with the label.
 * 3. A uid that is confirmed gone never comes back.
 * 4. Two uids under one name are two objects: one is gone, the other is there.
 * 5. Absence is believed only from who can tell: DELETED of that uid, a complete list that is as new, a confirmed
 *    deletion, the end of the kind. An error takes nothing away.
 * 6. It does not depend on how lists, watches and answers interleave: once a list or watch has told everything, the view
 *    is what the server has.
 * 7. There is one event for each change, and none without a change.
 * 8. Of the members of a set that is not tracked it keeps what names them alone; they are no entries, and there is no event
 *    as long as no tracked set has to do with them.
 */
export class View<S> {
  readonly #options: ViewOptions<S>;
  /** The sets whose members are kept whole; `undefined`: all of them. */
  readonly #tracked: Set<string> | undefined;
  /** By `group/kind`, then by `namespace/name`. */
  readonly #kinds = new Map<string, Map<string, Held<S>>>();
  readonly #sets = new Map<string, Set<Held<S>>>();
  /** A set's members in order, until one of them changes. */
  readonly #sorted = new Map<string, readonly LiveEntry<S>[]>();
  /** Up to where lists and watches have told everything, by scope. */
  readonly #told = new Map<string, string>();
  /** Uids that are confirmed gone. */
  readonly #graves = new Set<string>();
  /** The versions at which answers showed that there was no such member (any more), by ref key. */
  readonly #absences = new Map<string, string>();
  /** Held since before the server was set back: their versions cannot be compared with those of today. */
  readonly #outlived = new WeakSet<Held<S>>();
  readonly #texts = new Map<string, string>();
  /** Entries that are not settled yet, in the order in which they came; never more than there are entries. */
  readonly #unsettled = new Set<SettledEntry<S>>();

  constructor(options: ViewOptions<S>) {
    this.#options = options;
    this.#tracked = options.tracked === undefined ? undefined : new Set(options.tracked);
  }

  /** @param now milliseconds since 1970. */
  reduce(input: Input, now: number): readonly ViewEvent[] {
    switch (input.input) {
      case 'listed':
        return this.#see(input.object, 'list', now);
      case 'list-ended':
        return this.#sweep(input.scope, input.keys, input.resourceVersion);
      case 'watched':
        return this.#watched(input.scope, input.event, now);
      case 'set-back':
        this.#setBack(input.scope);
        return [];
      case 'observed':
        return this.#see(input.object, 'observed', now);
      case 'forgotten':
        return this.#bury(input.ref, input.uid);
      case 'kind-ended':
        break;
    }
    return this.#endKind(input.kind);
  }

  get(ref: Ref): LiveEntry<S> | undefined {
    const held = this.#held(ref);
    return held !== undefined && isWhole(held) ? held : undefined;
  }

  /** The member of that name, where its set is not tracked. */
  foreign(ref: Ref): ForeignMember | undefined {
    const held = this.#held(ref);
    return held === undefined || isWhole(held) ? undefined : held;
  }

  /** Keeps the set's members whole from now on. Returns the kinds of those that are known already and must be read again. */
  track(set: string): readonly GroupKind[] {
    this.#tracked?.add(set);
    const lacking = [...(this.#sets.get(set) ?? [])].filter((held) => !isWhole(held));
    return [...new Map(lacking.map(({ ref }) => [kindKey(ref), ref])).values()];
  }

  /** Keeps of the set's members what names them alone. */
  untrack(set: string): void {
    if (this.#tracked?.delete(set) !== true) return;
    const whole = [...(this.#sets.get(set) ?? [])].filter(isWhole);
    for (const entry of whole) this.#put(foreignOf(entry, set));
  }

  /** Sorted by ref. The same array as long as nothing in the set changes. */
  members(set: string): readonly LiveEntry<S>[] {
    const known = this.#sorted.get(set);
    if (known !== undefined) return known;
    const sorted = [...(this.#sets.get(set) ?? [])].filter(isWhole).toSorted((a, b) => compareRefs(a.ref, b.ref));
    this.#sorted.set(set, sorted);
    return sorted;
  }

  *entries(): Iterable<LiveEntry<S>> {
    for (const held of this.#kinds.values()) yield* held.values().filter(isWhole);
  }

  /** How many entries are kept whole, and the bytes of their objects. */
  usage(): { readonly members: number; readonly bytes: number } {
    let members = 0;
    let bytes = 0;
    for (const held of this.#kinds.values()) {
      for (const entry of held.values()) {
        if (!(entry instanceof SettledEntry)) continue;
        members += 1;
        bytes += entry.bytes;
      }
    }
    return { members, bytes };
  }

  /** Whether the view cannot be older than `resourceVersion` as far as `ref` is concerned. */
  hasSeen(ref: Ref, resourceVersion: string): boolean {
    const held = this.#held(ref);
    return reaches(held && this.#knownOf(held).resourceVersion, resourceVersion) || this.#isTold(ref, resourceVersion);
  }

  /** Whether the label puts an object into the view. */
  selects({ metadata }: KubeObject): boolean {
    const set = metadata.labels?.[PART_OF_LABEL];
    return this.#options.set === undefined ? set !== undefined : set === this.#options.set.id;
  }

  /** Whether the object belongs into the view with its bytes. */
  keeps(object: KubeObject): boolean {
    return this.selects(object) && this.#isTracked(object.metadata.labels?.[PART_OF_LABEL]);
  }

  /** When the oldest of the entries came that can be made smaller; `undefined` when there is none. */
  get unsettledSince(): number | undefined {
    const [oldest] = this.#unsettled;
    return oldest?.changedAt;
  }

  /** The oldest entry that can be made smaller, if it came at `before` or earlier. */
  unsettled(before: number): SettledEntry<S> | undefined {
    const [oldest] = this.#unsettled;
    return oldest !== undefined && oldest.changedAt <= before ? oldest : undefined;
  }

  /** Makes an entry smaller, whether or not the view still holds it. */
  settle(entry: SettledEntry<S>, packed: Packed): void {
    entry.settle(packed);
    this.#unsettled.delete(entry);
  }

  /** The object as an entry that the view does not keep. */
  passing(object: KubeObject, now: number): SettledEntry<S> {
    const { ref, version } = this.#identify(object);
    const facts = { summary: this.#options.summarize(object), changedAt: now, intern: this.#intern };
    return new SettledEntry(object, ref, version, facts);
  }

  #foreign(object: KubeObject): ForeignMember {
    const { labels = {}, uid = '', resourceVersion = '' } = object.metadata;
    return { ...this.#identify(object), uid, resourceVersion, set: this.#intern(labels[PART_OF_LABEL] ?? '') };
  }

  #identify(object: KubeObject): { readonly ref: Ref; readonly version: string } {
    const { group, version, kind } = gvkOf(object);
    const { namespace = '', name } = object.metadata;
    const ref = { group: this.#intern(group), kind: this.#intern(kind), namespace: this.#intern(namespace), name };
    return { ref, version: this.#intern(version) };
  }

  #see(object: KubeObject, via: Via, now: number): readonly ViewEvent[] {
    const { group, version, kind } = gvkOf(object);
    const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
    if (this.#graves.has(uid)) return [];
    const ref = { group, kind, namespace, name };
    const known = this.#held(ref);
    const observed = via === 'observed';
    const selected = this.selects(object);
    const whole = this.keeps(object);
    const isAbsent = reaches(this.#absences.get(refKey(ref)), resourceVersion);
    // A list may name what was told of long ago and is not known any more; a watch does not.
    const outdated = isAbsent || (via !== 'list' && this.#isTold(ref, resourceVersion));
    const seen = { uid, resourceVersion, version, whole, selected, observed, outdated };
    const transition = onSighting(known && this.#knownOf(known), seen);
    if (observed && !selected && !outdated) this.#keepAway(ref, resourceVersion);
    switch (transition) {
      case 'ignore':
        return [];
      case 'store':
        return this.#store(object, whole, via, now);
      case 'replace':
        return [...this.#remove(known, via), ...this.#store(object, whole, via, now)];
      case 'remove':
        break;
    }
    return this.#remove(known, via);
  }

  #watched(scope: Scope, event: WatchEvent, now: number): readonly ViewEvent[] {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED': {
        const events = this.#see(event.object, 'watch', now);
        this.#tell(scope, event.object.metadata.resourceVersion ?? '');
        return events;
      }
      case 'DELETED': {
        const known = this.#held(event.ref);
        const events = onDeleted(known && this.#knownOf(known), event) === 'remove' ? this.#remove(known, 'watch') : [];
        this.#tell(scope, event.resourceVersion);
        return events;
      }
      case 'BOOKMARK':
        break;
    }
    this.#tell(scope, event.resourceVersion);
    return [];
  }

  #sweep(scope: Scope, keys: ReadonlySet<string>, resourceVersion: string): readonly ViewEvent[] {
    const events: ViewEvent[] = [];
    for (const [key, entry] of this.#kinds.get(kindKey(scope)) ?? []) {
      const inScope = scope.namespace === '' || scope.namespace === entry.ref.namespace;
      if (!inScope || keys.has(key) || onUnlisted(this.#knownOf(entry), resourceVersion) === 'ignore') continue;
      events.push(...this.#remove(entry, 'list'));
    }
    this.#tell(scope, resourceVersion);
    return events;
  }

  #setBack(scope: Scope): void {
    for (const held of this.#kinds.get(kindKey(scope))?.values() ?? []) {
      if (scope.namespace === '' || scope.namespace === held.ref.namespace) this.#outlived.add(held);
    }
    this.#told.delete(scopeKey(scope));
    // What was gone may be back, under versions that were passed before.
    this.#absences.clear();
    this.#graves.clear();
  }

  #bury(ref: Ref, uid: string): readonly ViewEvent[] {
    this.#graves.add(uid);
    dropOldest(this.#graves);
    const known = this.#held(ref);
    if (known?.uid !== uid) return [];
    this.#keepAway(ref, known.resourceVersion); // what bore the name before it is gone as well
    return this.#remove(known, 'observed');
  }

  #keepAway(ref: Ref, resourceVersion: string): void {
    this.#absences.delete(refKey(ref)); // so that it counts as the youngest
    this.#absences.set(refKey(ref), resourceVersion);
    dropOldest(this.#absences);
  }

  #endKind(kind: GroupKind): readonly ViewEvent[] {
    return [...(this.#kinds.get(kindKey(kind))?.values() ?? [])].flatMap((entry) => this.#remove(entry, 'list'));
  }

  #store(object: KubeObject, whole: boolean, via: Via, now: number): readonly ChangedEvent[] {
    const entry = whole ? this.passing(object, now) : this.#foreign(object);
    if (entry instanceof SettledEntry) this.#unsettled.add(entry);
    const former = this.#held(entry.ref);
    this.#put(entry);
    const formerSet = former !== undefined && isWhole(former) && former.set !== entry.set ? former.set : undefined;
    if (!whole && formerSet === undefined) return [];
    return [{ type: 'changed', ref: entry.ref, uid: entry.uid, set: entry.set, formerSet, via }];
  }

  #put(entry: Held<S>): void {
    const key = kindKey(entry.ref);
    const entries = this.#kinds.get(key) ?? new Map<string, Held<S>>();
    this.#kinds.set(key, entries);
    const former = entries.get(keyOf(entry.ref));
    if (former !== undefined) this.#drop(former);
    entries.set(keyOf(entry.ref), entry);
    this.#joinSet(entry);
  }

  #remove(held: Held<S> | undefined, via: Via): readonly GoneEvent[] {
    if (held === undefined) return [];
    this.#kinds.get(kindKey(held.ref))?.delete(keyOf(held.ref));
    this.#drop(held);
    return isWhole(held) ? [{ type: 'gone', ref: held.ref, uid: held.uid, set: held.set, via }] : [];
  }

  #held(ref: Ref): Held<S> | undefined {
    return this.#kinds.get(kindKey(ref))?.get(keyOf(ref));
  }

  #knownOf(held: Held<S>): Known {
    const { uid, version } = held;
    const resourceVersion = this.#outlived.has(held) ? '' : held.resourceVersion;
    return { uid, resourceVersion, version, whole: isWhole(held) };
  }

  #isTracked(set: string | undefined): boolean {
    return this.#tracked === undefined || set === undefined || this.#tracked.has(set);
  }

  #joinSet(entry: Held<S>): void {
    if (entry.set === undefined) return;
    const members = this.#sets.get(entry.set) ?? new Set();
    members.add(entry);
    this.#sets.set(entry.set, members);
    this.#sorted.delete(entry.set);
  }

  /** What is not held any more. */
  #drop(entry: Held<S>): void {
    if (entry instanceof SettledEntry) this.#unsettled.delete(entry);
    if (entry.set === undefined) return;
    const members = this.#sets.get(entry.set);
    members?.delete(entry);
    if (members?.size === 0) this.#sets.delete(entry.set);
    this.#sorted.delete(entry.set);
  }

  #tell(scope: Scope, resourceVersion: string): void {
    const key = scopeKey(scope);
    const told = this.#told.get(key);
    if (told === undefined || (compareVersions(resourceVersion, told) ?? 1) > 0) this.#told.set(key, resourceVersion);
  }

  #isTold(ref: Ref, resourceVersion: string): boolean {
    const told = (namespace: string): string | undefined => this.#told.get(scopeKey({ ...ref, namespace }));
    return (
      reaches(told(''), resourceVersion) || (ref.namespace !== '' && reaches(told(ref.namespace), resourceVersion))
    );
  }

  readonly #intern = (text: string): string => {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  };
}

function isWhole<S>(held: Held<S>): held is LiveEntry<S> {
  return 'object' in held;
}

function foreignOf<S>({ ref, version, uid, resourceVersion }: LiveEntry<S>, set: string): ForeignMember {
  return { ref, version, uid, resourceVersion, set };
}

/** What names an object within its kind. */
export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

export function kindKey({ group, kind }: GroupKind): string {
  return `${group}/${kind}`;
}

function scopeKey({ group, kind, namespace }: Scope): string {
  return `${group}/${kind}/${namespace}`;
}

/** Sets and maps keep the order in which things were added. */
function dropOldest(remembered: Set<string> | Map<string, unknown>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= REMEMBERED) break;
    remembered.delete(oldest);
  }
}
