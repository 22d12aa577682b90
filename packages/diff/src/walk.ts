import { isRecord } from '@homeostat/kube';
import {
  elementText,
  emptySet,
  indexElement,
  isEmpty,
  keyElement,
  locateItems,
  pick,
  printPath,
  valueElement,
} from '@homeostat/merge';
import type { FieldEntry, FieldSet, PathElement, Scalar } from '@homeostat/merge';
import type { ChangeKind } from './change.ts';
import type { Others } from './holder.ts';
import { compareLeaf } from './equality.ts';
import { fieldOf } from './field.ts';
import { ignoredField, ignoredItem } from './ignore.ts';
import type { Ignored } from './ignore.ts';
import { isZero, mayBeFilled } from './normalization.ts';
import { nameOf, toPath } from './place.ts';
import type { Place, Step } from './place.ts';

/** A difference, with values as they are and steps instead of text. */
export interface Finding {
  readonly steps: readonly Step[];
  readonly kind: ChangeKind;
  readonly desired: unknown;
  readonly live: unknown;
  /** The server's normalization may explain it. */
  readonly uncertain: boolean;
}

/** Where the walk stands, and what it has found so far. */
export interface Walk extends Place {
  readonly findings: Finding[];
  readonly others: Others;
}

type Json = Readonly<Record<string, unknown>>;

const NOTHING: Json = {};
const NO_ITEMS: readonly unknown[] = [];
/** Who an object is: never owned by anybody. */
const IDENTITY: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const METADATA_IDENTITY: ReadonlySet<string> = new Set(['name', 'namespace']);
const NO_IDENTITY: ReadonlySet<string> = new Set();

/**
 * Walks what we own through the desired and the live object at once. Settled objects cost one visit per owned field and
 * nothing else; what differs goes to `walk.findings`.
 */
export function walkRecord(owned: FieldSet, desired: Json, live: Json, ignored: Ignored | undefined, walk: Walk): void {
  let met = 0;
  for (const entry of owned.entries.values()) {
    if (entry.element.kind !== 'field') continue;
    const { name } = entry.element;
    const here = ignored && ignoredField(ignored, name);
    const wanted = fieldOf(desired, name);
    if (wanted !== undefined) met++;
    if (here?.everything === true) continue;
    walk.steps.push(entry.element);
    walkEntry(entry, wanted, fieldOf(live, name), here, walk);
    walk.steps.pop();
  }
  if (met < sizeOf(desired)) walkUnowned(owned, desired, live, ignored, walk);
}

function walkEntry(entry: FieldEntry, desired: unknown, live: unknown, ignored: Ignored | undefined, walk: Walk): void {
  if (desired === undefined) walkRemoved(entry, live, ignored, walk);
  else if (isEmpty(entry.children)) walkLeaf(entry, desired, live, ignored, walk);
  else walkBranch(entry.children, desired, live, ignored, walk);
}

function walkLeaf(entry: FieldEntry, desired: unknown, live: unknown, ignored: Ignored | undefined, walk: Walk): void {
  // The item of a set is its value: where it was found, it is equal.
  if (desired === live || entry.element.kind === 'value') return;
  const verdict = compareLeaf(desired, live, walk, ignored);
  if (verdict === 'equal') return;
  // Whoever else changes a field takes it from our set, so what stands here came with our own writes.
  found(walk, differing(live), desired, live, verdict === 'uncertain' || mayBeFilled(desired, walk));
}

function walkBranch(owned: FieldSet, desired: unknown, live: unknown, ignored: Ignored | undefined, walk: Walk): void {
  const isMap = holdsFields(owned);
  const absent = live === undefined || live === null;
  if (isMap && isRecord(desired) && (absent || isRecord(live))) {
    walkRecord(owned, desired, absent ? NOTHING : live, ignored, walk);
  } else if (!isMap && Array.isArray(desired) && (absent || Array.isArray(live))) {
    walkList(owned, desired, absent ? NO_ITEMS : live, ignored, walk);
  } else if (!isZero(desired) || !isZero(live)) {
    found(walk, differing(live), desired, live, false);
  }
}

/** The set says of what shape the value was when we applied it. */
function holdsFields(children: FieldSet): boolean {
  for (const { element } of children.entries.values()) return element.kind === 'field';
  return false;
}

/** We own it and do not want it any more. What live no longer has either is no difference: nothing is there to remove. */
function walkRemoved(entry: FieldEntry, live: unknown, ignored: Ignored | undefined, walk: Walk): void {
  if (live === undefined || live === null) return;
  const { children } = entry;
  if (isEmpty(children)) {
    found(walk, 'remove', undefined, live, false);
  } else if (ignored !== undefined) {
    // Some of it is left to others: look at what is not.
    walkEntry(entry, holdsFields(children) ? NOTHING : NO_ITEMS, live, ignored, walk);
  } else {
    const ours = pick(children, live);
    if (ours !== undefined) found(walk, 'remove', undefined, ours, false);
  }
}

/** Desired fields that our set does not hold. */
function walkUnowned(owned: FieldSet, desired: Json, live: Json, ignored: Ignored | undefined, walk: Walk): void {
  const identity = identityAt(walk);
  for (const name in desired) {
    const wanted = desired[name];
    if (wanted === undefined || owned.entries.has(`f:${name}`) || identity.has(name)) continue;
    const here = ignored && ignoredField(ignored, name);
    if (here?.everything === true) continue;
    walk.steps.push(name);
    compareUnowned(wanted, fieldOf(live, name), here, walk);
    walk.steps.pop();
  }
}

function identityAt({ steps }: Walk): ReadonlySet<string> {
  const [first, second] = steps;
  if (first === undefined) return IDENTITY;
  return second === undefined && nameOf(first) === 'metadata' ? METADATA_IDENTITY : NO_IDENTITY;
}

/**
 * A desired value of which our set holds nothing: a difference, whatever live has there, because nothing keeps it so. Only
 * an empty list and null never enter a set (where lists are associative, and where a default takes the place of null).
 */
function compareUnowned(desired: unknown, live: unknown, ignored: Ignored | undefined, walk: Walk): void {
  const absent = live === undefined || live === null;
  if (Array.isArray(desired) && desired.length === 0) {
    if (!isZero(live)) found(walk, 'change', desired, live, true);
  } else if (desired === null) {
    found(walk, absent ? 'add' : 'change', desired, live, true);
  } else if (isRecord(desired) && !isZero(desired) && absent) {
    walkUnowned(emptySet, desired, NOTHING, ignored, walk);
  } else if (isRecord(desired) && !isZero(desired) && isRecord(live) && !walk.others.holdWhole(toPath(walk.steps))) {
    walkUnowned(emptySet, desired, live, ignored, walk);
  } else if (absent) {
    found(walk, 'add', desired, live, false);
  } else {
    const equal = compareLeaf(desired, live, walk, ignored) === 'equal';
    found(walk, equal ? 'ownership' : 'change', desired, live, false);
  }
}

/** An associative list. Our items must stand in live in the desired relative order; others may stand between them. */
function walkList(
  owned: FieldSet,
  desired: readonly unknown[],
  live: readonly unknown[],
  ignored: Ignored | undefined,
  walk: Walk,
): void {
  const wantedAt = locateItems(owned, desired);
  const liveAt = locateItems(owned, live);
  const places: ItemPlace[] = [];
  let i = 0;
  for (const entry of owned.entries.values()) {
    const wanted = wantedAt[i] as number;
    const actual = liveAt[i++] as number;
    const here = ignored && itemIgnored(ignored, desired, wanted, live, actual);
    if (wanted >= 0) places[wanted] = { element: entry.element, live: here?.everything === true ? -1 : actual };
    if (here?.everything === true) continue;
    walk.steps.push(entry.element);
    if (wanted >= 0 && actual < 0) found(walk, 'add', desired[wanted], undefined, false);
    else walkEntry(entry, desired[wanted], live[actual], here, walk);
    walk.steps.pop();
  }
  for (let at = 0; at < desired.length; at++) {
    if (places[at] !== undefined) continue;
    const others = live.filter((_, position) => !liveAt.includes(position));
    walkUnownedItem(owned, desired[at], at, others, ignored, walk);
  }
  checkOrder(places, walk);
}

interface ItemPlace {
  readonly element: PathElement;
  /** Position in live; −1 where it does not stand there, or is ignored. */
  readonly live: number;
}

function itemIgnored(
  ignored: Ignored,
  desired: readonly unknown[],
  wanted: number,
  live: readonly unknown[],
  actual: number,
): Ignored | undefined {
  return wanted >= 0 ? ignoredItem(ignored, desired[wanted], wanted) : ignoredItem(ignored, live[actual], actual);
}

function checkOrder(places: readonly (ItemPlace | undefined)[], walk: Walk): void {
  let last = -1;
  let ordered = true;
  for (const place of places) {
    if (place === undefined || place.live < 0) continue;
    ordered &&= place.live > last;
    last = place.live;
  }
  if (ordered) return;
  const ours = places.filter((place) => place !== undefined && place.live >= 0) as readonly ItemPlace[];
  const names = (items: readonly ItemPlace[]) => items.map(({ element }) => printPath([element]));
  found(walk, 'order', names(ours), names(ours.toSorted((a, b) => a.live - b.live)), false);
}

function walkUnownedItem(
  owned: FieldSet,
  desired: unknown,
  at: number,
  live: readonly unknown[],
  ignored: Ignored | undefined,
  walk: Walk,
): void {
  const here = ignored && ignoredItem(ignored, desired, at);
  if (here?.everything === true) return;
  const element = nameItem(owned, desired, at);
  const level: FieldSet = { entries: new Map([[elementText(element), { element, member: true, children: emptySet }]]) };
  const [actual = -1] = element.kind === 'index' ? [] : locateItems(level, live);
  walk.steps.push(element);
  if (actual < 0) found(walk, 'add', desired, undefined, false);
  else compareUnowned(desired, live[actual], here, walk);
  walk.steps.pop();
}

/** Names an item as its siblings in the set are named: by the same key fields, as far as it has them. */
function nameItem(owned: FieldSet, item: unknown, at: number): PathElement {
  for (const { element } of owned.entries.values()) {
    if (element.kind === 'value' && !isObject(item)) return valueElement(item as Scalar);
    if (element.kind !== 'key' || !isRecord(item)) continue;
    const fields = element.fields.filter(({ name }) => Object.hasOwn(item, name) && !isObject(item[name]));
    if (fields.length > 0)
      return keyElement(Object.fromEntries(fields.map(({ name }) => [name, item[name] as Scalar])));
  }
  return indexElement(at);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function found(walk: Walk, kind: ChangeKind, desired: unknown, live: unknown, uncertain: boolean): void {
  walk.findings.push({ steps: [...walk.steps], kind, desired, live, uncertain });
}

function differing(live: unknown): ChangeKind {
  return live === undefined || live === null ? 'add' : 'change';
}

function sizeOf(record: Json): number {
  let size = 0;
  for (const _ in record) size++;
  return size;
}
