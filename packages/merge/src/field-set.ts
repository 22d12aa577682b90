import { compareElements, elementText } from './path.ts';
import type { Path, PathElement } from './path.ts';

/**
 * An immutable set of paths, kept as a tree. A path's membership and that of what lies beneath it are independent: a list
 * item may be a member, its fields may be, or both. The root is never a member.
 *
 * Laws (tested): union and intersection are commutative, associative and idempotent and absorb one another;
 * `difference(a, b)` and `intersection(a, b)` are disjoint and unite to `a`; `recursiveDifference(a, b)` is the part of
 * `difference(a, b)` that lies beneath no member of `b`.
 *
 * Source: structured-merge-diff, `fieldpath.Set`.
 */
export interface FieldSet {
  /** By {@link elementText}. Each entry is a member, or has children, or both. Not in any order. */
  readonly entries: ReadonlyMap<string, FieldEntry>;
}

export interface FieldEntry {
  readonly element: PathElement;
  readonly member: boolean;
  readonly children: FieldSet;
}

export const emptySet: FieldSet = { entries: new Map() };

/** The set of these paths. The root path adds nothing. */
export function fieldSet(members: Iterable<Path>): FieldSet {
  let set = emptySet;
  for (const path of members) set = union(set, pathSet(path));
  return set;
}

function pathSet(path: Path): FieldSet {
  let set = emptySet;
  for (const element of path.toReversed()) {
    set = { entries: new Map([[elementText(element), { element, member: isEmpty(set), children: set }]]) };
  }
  return set;
}

export function isEmpty(set: FieldSet): boolean {
  return set.entries.size === 0;
}

/** Whether this very path is a member; what lies above or beneath it does not count. */
export function has(set: FieldSet, path: Path): boolean {
  let level = set;
  let member = false;
  for (const element of path) {
    const entry = level.entries.get(elementText(element));
    if (entry === undefined) return false;
    ({ member, children: level } = entry);
  }
  return member;
}

/** What lies beneath a path, relative to it. */
export function withPrefix(set: FieldSet, prefix: Path): FieldSet {
  let level = set;
  for (const element of prefix) level = level.entries.get(elementText(element))?.children ?? emptySet;
  return level;
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b) || a === b) return a;
  const entries = new Map(a.entries);
  for (const [text, right] of b.entries) {
    const left = entries.get(text);
    entries.set(
      text,
      left === undefined
        ? right
        : {
            element: left.element,
            member: left.member || right.member,
            children: union(left.children, right.children),
          },
    );
  }
  return { entries };
}

/** What is in both: exactly the same paths. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return filter(a, (entry, text) => {
    const other = b.entries.get(text);
    if (other === undefined) return undefined;
    return { ...entry, member: entry.member && other.member, children: intersection(entry.children, other.children) };
  });
}

/** What is in `a` and not in `b`, path by path: without a parent its children stay, and the other way round. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return filter(a, (entry, text) => {
    const other = b.entries.get(text);
    if (other === undefined) return entry;
    return { ...entry, member: entry.member && !other.member, children: difference(entry.children, other.children) };
  });
}

/** What is in `a`, and neither in `b` nor beneath a member of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return filter(a, (entry, text) => {
    const other = b.entries.get(text);
    if (other === undefined) return entry;
    return other.member ? undefined : { ...entry, children: recursiveDifference(entry.children, other.children) };
  });
}

/** The members that have no member beneath them. */
export function leaves(set: FieldSet): FieldSet {
  return filter(set, (entry) => ({
    ...entry,
    member: entry.member && isEmpty(entry.children),
    children: leaves(entry.children),
  }));
}

/** Maps every entry; those that end up with nothing in them are left out. */
function filter(set: FieldSet, map: (entry: FieldEntry, text: string) => FieldEntry | undefined): FieldSet {
  const entries = new Map<string, FieldEntry>();
  for (const [text, entry] of set.entries) {
    const mapped = map(entry, text);
    if (mapped !== undefined && (mapped.member || !isEmpty(mapped.children))) entries.set(text, mapped);
  }
  return entries.size === 0 ? emptySet : { entries };
}

/** Whether both hold exactly the same paths. */
export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.entries.size !== b.entries.size) return false;
  for (const [text, left] of a.entries) {
    const right = b.entries.get(text);
    if (right === undefined || left.member !== right.member || !equalSets(left.children, right.children)) return false;
  }
  return true;
}

/** Whether every member of `a` is one of `b`. */
export function isSubset(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  for (const [text, left] of a.entries) {
    const right = b.entries.get(text);
    if (right === undefined || (left.member && !right.member) || !isSubset(left.children, right.children)) return false;
  }
  return true;
}

/** Every member, parents before what lies beneath them, in the order of {@link compareElements}. */
export function* paths(set: FieldSet, prefix: Path = []): Generator<Path> {
  for (const { element, member, children } of sortedEntries(set)) {
    const path = [...prefix, element];
    if (member) yield path;
    yield* paths(children, path);
  }
}

/** The entries of one level in the order of {@link compareElements}. */
export function sortedEntries(set: FieldSet): readonly FieldEntry[] {
  return [...set.entries.values()].sort((a, b) => compareElements(a.element, b.element));
}
