import { emptySet } from './field-set.ts';
import type { FieldEntry, FieldSet } from './field-set.ts';
import { itemName } from './item-element.ts';
import { equalJson, nonEmptyList, nonEmptyRecord, ownField } from './json.ts';
import { entryType, kindOf, listFor, mapFor } from './kind.ts';
import type { Kind } from './kind.ts';
import { fieldElement } from './path.ts';
import type { PathElement } from './path.ts';
import type { Atom, ListAtom, MapAtom, TypeUse } from './schema.ts';

/** The fields in which one object differs from another. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/**
 * What an update from `left` to `right` did. A container that only one of them has is itself recorded, with its contents;
 * one that both have is not. Items of one identity are compared together, as one value.
 *
 * Source: structured-merge-diff, `typed/compare.go`.
 */
export function compareObjects(left: unknown, right: unknown, type: TypeUse): Comparison {
  const root = newNode();
  if (left !== right) compareAt(left, right, type, root);
  return { added: setOf(root.added), modified: setOf(root.modified), removed: setOf(root.removed) };
}

type Change = 'added' | 'modified' | 'removed';
type Level = Map<string, FieldEntry>;

/** What is known of one path: changes of itself, and, for each change, what lies beneath. Most have none. */
interface Node {
  self: readonly Change[];
  added: Level | undefined;
  modified: Level | undefined;
  removed: Level | undefined;
}

const CHANGES: readonly Change[] = ['added', 'modified', 'removed'];

function newNode(): Node {
  return { self: [], added: undefined, modified: undefined, removed: undefined };
}

function setOf(level: Level | undefined): FieldSet {
  return level === undefined ? emptySet : { entries: level };
}

/** `undefined` is a side on which there is nothing. */
function compareAt(left: unknown, right: unknown, type: TypeUse, node: Node): void {
  const atom = type.atom();
  const leftKind = kindOf(atom, left);
  const rightKind = kindOf(atom, right);
  let isLeaf: boolean;
  if (right === undefined) isLeaf = compareAs(leftKind, atom, left, right, node);
  else {
    // Of different shapes: what the left one held goes, what the right one holds comes.
    if (left !== undefined && leftKind !== rightKind) compareAs(leftKind, atom, left, right, node);
    isLeaf = compareAs(rightKind, atom, left, right, node);
  }
  if (isLeaf) return;
  if (left === undefined) record(node, 'added');
  else if (right === undefined) record(node, 'removed');
}

/** Compares as values of one kind. Whether it was a leaf, which records itself. */
function compareAs(kind: Kind, atom: Atom, left: unknown, right: unknown, node: Node): boolean {
  const map = mapFor(atom, kind);
  if (map !== undefined) return compareMaps(map, left, right, node);
  const list = listFor(atom, kind);
  return list === undefined ? compareLeaves(left, right, node) : compareLists(list, left, right, node);
}

function compareLeaves(left: unknown, right: unknown, node: Node): true {
  if (left === undefined) record(node, 'added');
  else if (right === undefined) record(node, 'removed');
  else if (!equalJson(left, right)) record(node, 'modified');
  return true;
}

function record(node: Node, change: Change): void {
  if (!node.self.includes(change)) node.self = [...node.self, change];
}

function compareMaps(map: MapAtom, left: unknown, right: unknown, node: Node): boolean {
  const from = nonEmptyRecord(left);
  const to = nonEmptyRecord(right);
  // Both empty: a leaf, so that null and {} stay different.
  if (map.relationship === 'atomic' || (from === undefined && to === undefined))
    return compareLeaves(left, right, node);
  if (from !== undefined) {
    for (const name in from) {
      compareEntry(map, name, from[name], to === undefined ? undefined : ownField(to, name), node);
    }
  }
  if (to !== undefined) {
    for (const name in to) {
      if (from === undefined || !Object.hasOwn(from, name)) compareEntry(map, name, undefined, to[name], node);
    }
  }
  return false;
}

function compareEntry(map: MapAtom, name: string, left: unknown, right: unknown, parent: Node): void {
  if (left === right) return;
  const declared = map.fields.get(name);
  const node = newNode();
  compareAt(left, right, declared?.type ?? entryType(map, name), node);
  attach(parent, node, declared?.element, declared?.text ?? `f:${name}`, name);
}

/** Puts what is known of a part under its parent. */
function attach(parent: Node, node: Node, element: PathElement | undefined, text: string, name: string): void {
  for (const change of CHANGES) {
    const beneath = node[change];
    const member = node.self.includes(change);
    if (!member && beneath === undefined) continue;
    const entry = { element: element ?? fieldElement(name), member, children: setOf(beneath) };
    (parent[change] ??= new Map<string, FieldEntry>()).set(text, entry);
  }
}

function compareLists(list: ListAtom, left: unknown, right: unknown, node: Node): boolean {
  const from = nonEmptyList(left);
  const to = nonEmptyList(right);
  if (list.relationship === 'atomic' || (from === undefined && to === undefined)) {
    return compareLeaves(left, right, node);
  }
  const before = byName(list, from ?? []);
  const after = byName(list, to ?? []);
  for (const [text, group] of before) compareItems(list, text, group, after.get(text), node);
  for (const [text, group] of after) if (!before.has(text)) compareItems(list, text, undefined, group, node);
  return false;
}

interface Group {
  readonly element: PathElement;
  readonly items: unknown[];
}

function byName(list: ListAtom, items: readonly unknown[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const item of items) {
    const name = itemName(list, item);
    if (name.fault !== undefined) continue;
    const group = groups.get(name.text);
    if (group === undefined) groups.set(name.text, { element: name.element, items: [item] });
    else group.items.push(item);
  }
  return groups;
}

function compareItems(
  list: ListAtom,
  text: string,
  from: Group | undefined,
  to: Group | undefined,
  parent: Node,
): void {
  const before = from?.items ?? [];
  const after = to?.items ?? [];
  const node = newNode();
  if (before.length <= 1 && after.length <= 1) {
    if (before[0] === after[0]) return;
    compareAt(before[0], after[0], list.element, node);
  } else if (before.length > 1 && after.length > 1) {
    if (!equalJson(before, after)) record(node, 'modified');
  } else if (before.length > 1) {
    if (after.length > 0) compareAt(undefined, after[0], list.element, node);
    record(node, 'removed');
  } else {
    if (before.length > 0) compareAt(before[0], undefined, list.element, node);
    record(node, 'added');
  }
  attach(parent, node, (from ?? to)?.element, text, '');
}
