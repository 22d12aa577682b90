import { isEmpty } from './field-set.ts';
import type { FieldEntry, FieldSet } from './field-set.ts';
import { itemName } from './item-element.ts';
import { isRecord, setField } from './json.ts';
import type { JsonObject } from './json.ts';
import { entryType, kindOf, listFor, mapFor } from './kind.ts';
import type { ListAtom, MapAtom, TypeUse } from './schema.ts';

/**
 * A value without the members of `set` and all that lies beneath them. A container from which something is taken and in
 * which nothing stays becomes null. Parts that stay the same are shared with `value`.
 *
 * Source: structured-merge-diff, `typed/remove.go`.
 */
export function removeFields(value: unknown, set: FieldSet, type: TypeUse): unknown {
  if (isEmpty(set)) return value;
  const atom = type.atom();
  const kind = kindOf(atom, value);
  const map = mapFor(atom, kind);
  if (map !== undefined) return isRecord(value) ? removeEntries(value, set, map) : null;
  const list = listFor(atom, kind);
  if (list !== undefined) return Array.isArray(value) ? removeItems(value, set, list) : null;
  return value;
}

function removeEntries(value: JsonObject, set: FieldSet, map: MapAtom): unknown {
  if (map.relationship === 'atomic') return null;
  const kept: Record<string, unknown> = {};
  let count = 0;
  for (const name in value) {
    const entry = set.entries.get(map.fields.get(name)?.text ?? `f:${name}`);
    if (entry?.member === true) continue;
    setField(kept, name, withoutChildren(value[name], entry, entryType(map, name)));
    count++;
  }
  return count === 0 ? null : kept;
}

function removeItems(value: readonly unknown[], set: FieldSet, list: ListAtom): unknown {
  if (list.relationship === 'atomic') return null;
  const kept: unknown[] = [];
  for (const item of value) {
    const name = itemName(list, item);
    const entry = name.fault === undefined ? set.entries.get(name.text) : undefined;
    if (entry?.member !== true) kept.push(withoutChildren(item, entry, list.element));
  }
  return kept.length === 0 ? null : kept;
}

function withoutChildren(value: unknown, entry: FieldEntry | undefined, type: TypeUse): unknown {
  return entry === undefined ? value : removeFields(value, entry.children, type);
}
