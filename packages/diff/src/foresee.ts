import { builtinScope, gvkOf, isRecord, payloadOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { elementText, emptySet, fieldElement, isEmpty, locateItems, union } from '@homeostat/merge';
import type { FieldEntry, FieldSet } from '@homeostat/merge';
import type { CompareOptions } from './compare.ts';
import { compareLeaf } from './equality.ts';
import { fieldOf } from './field.ts';
import { entryOf, ownedBy, setOfEntry } from './holder.ts';
import { ignoredField, ignoredItem } from './ignore.ts';
import type { Ignored } from './ignore.ts';
import { isZero } from './normalization.ts';
import type { Place, Step } from './place.ts';

/**
 * What an apply of `desired` by force would probably make of `live`, without asking the server: for showing, where no dry run
 * is possible.
 *
 * Which lists are associative, and by which keys, is read from the managedFields of everyone. Not foreseen: defaults in what is
 * new, what admission does, and items of lists that nobody's managedFields name by key (those lists are replaced).
 */
export function foresee(desired: KubeObject, live: KubeObject, { manager, ignore }: CompareOptions): KubeObject {
  const ours = ownedBy(live, manager.current);
  const others = (live.metadata.managedFields ?? [])
    .filter((entry) => entry !== entryOf(live, manager.current) && entry.apiVersion === live.apiVersion)
    .map((entry) => setOfEntry(entry) ?? emptySet)
    .reduce(union, emptySet);
  const { group, kind } = gvkOf(live);
  const builtin = builtinScope(group, kind) !== undefined;
  const place: Place = { kind: !builtin ? '' : group === '' ? kind : `${kind}.${group}`, steps: [] };
  const payload = payloadOf(desired);
  const left = dropUnwanted(live, payload, ours, others, ignore);
  const set = union(ours, others);
  const root = isEmpty(set) ? undefined : { element: fieldElement(''), member: false, children: set };
  return overlay(payload, left, root, ignore, place) as KubeObject;
}

/** Live without what only we own and no longer desire. */
function dropUnwanted(
  live: unknown,
  desired: unknown,
  ours: FieldSet,
  others: FieldSet,
  ignored: Ignored | undefined,
): unknown {
  if (isEmpty(ours)) return live;
  if (isRecord(live)) {
    const fields = Object.entries(live).flatMap(([name, value]): [string, unknown][] => {
      const part = isRecord(desired) ? fieldOf(desired, name) : undefined;
      const kept = dropPart(value, part, `f:${name}`, ours, others, ignoredField(ignored, name));
      return kept === undefined ? [] : [[name, kept]];
    });
    return Object.fromEntries(fields);
  }
  if (!Array.isArray(live)) return live;
  const entries = [...ours.entries.values()];
  const [liveAt, wantedAt] = [locateItems(ours, live), Array.isArray(desired) ? locateItems(ours, desired) : []];
  return live.flatMap((item: unknown, position) => {
    const i = liveAt.indexOf(position);
    const entry = entries[i];
    if (entry === undefined) return [item];
    const wanted: unknown = Array.isArray(desired) ? desired[wantedAt[i] ?? -1] : undefined;
    const here = ignoredItem(ignored, wanted ?? item, wanted === undefined ? position : (wantedAt[i] as number));
    const kept = dropPart(item, wanted, elementText(entry.element), ours, others, here);
    return kept === undefined ? [] : [kept];
  });
}

function dropPart(
  value: unknown,
  wanted: unknown,
  text: string,
  ours: FieldSet,
  others: FieldSet,
  ignored: Ignored | undefined,
): unknown {
  const [mine, theirs] = [ours.entries.get(text), others.entries.get(text)];
  if (mine === undefined || ignored?.everything === true) return value;
  const isGone = wanted === undefined && theirs === undefined;
  if (isGone && (mine.member || isEmpty(mine.children))) return undefined;
  const rest = dropUnwanted(value, wanted, mine.children, theirs?.children ?? emptySet, ignored);
  return isGone && isRecord(rest) && Object.keys(rest).length === 0 ? undefined : rest;
}

/** `entry`: what anybody's managedFields say of this place; one without children is a scalar or an atomic value. */
function overlay(
  desired: unknown,
  live: unknown,
  entry: FieldEntry | undefined,
  ignored: Ignored | undefined,
  place: Place,
): unknown {
  if (live === undefined || live === null) {
    // The server drops zero values: one that is held and that live lacks was applied before.
    return entry !== undefined && isZero(desired) ? undefined : desired;
  }
  const isAtomic = entry !== undefined && isEmpty(entry.children);
  if (!isAtomic && isRecord(desired) && isRecord(live)) return overlayFields(desired, live, entry, ignored, place);
  if (entry !== undefined && Array.isArray(desired) && Array.isArray(live) && isAssociative(entry.children))
    return overlayItems(desired, live, entry.children, ignored, place);
  return compareLeaf(desired, live, place, ignored) === 'equal' ? live : desired;
}

function overlayFields(
  desired: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
  entry: FieldEntry | undefined,
  ignored: Ignored | undefined,
  place: Place,
): unknown {
  const merged = new Map(Object.entries(live));
  for (const name of Object.keys(desired)) {
    const value = at(name, place, () =>
      overlay(
        fieldOf(desired, name),
        fieldOf(live, name),
        entry?.children.entries.get(`f:${name}`),
        ignoredField(ignored, name),
        place,
      ),
    );
    if (value !== undefined) merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

function overlayItems(
  desired: readonly unknown[],
  live: readonly unknown[],
  set: FieldSet,
  ignored: Ignored | undefined,
  place: Place,
): unknown {
  const entries = [...set.entries.values()];
  const [wantedAt, liveAt] = [locateItems(set, desired), locateItems(set, live)];
  const items = [...live];
  desired.forEach((item, position) => {
    const i = wantedAt.indexOf(position);
    const there = liveAt[i] ?? -1;
    if (there < 0) items.push(item);
    else {
      items[there] = at(there, place, () =>
        overlay(item, live[there], entries[i], ignoredItem(ignored, item, position), place),
      );
    }
  });
  return items;
}

function isAssociative(set: FieldSet): boolean {
  for (const { element } of set.entries.values()) return element.kind === 'key' || element.kind === 'value';
  return false;
}

function at<T>(step: Step, { steps }: Place, look: () => T): T {
  steps.push(step);
  try {
    return look();
  } finally {
    steps.pop();
  }
}
