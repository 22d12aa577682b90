import { emptySet, isEmpty } from './field-set.ts';
import type { FieldEntry, FieldSet } from './field-set.ts';
import { itemName } from './item-element.ts';
import { isRecord, nonEmptyRecord } from './json.ts';
import { entryType, kindOf, listFor, mapFor } from './kind.ts';
import { fieldElement } from './path.ts';
import type { ListAtom, MapAtom, TypeUse } from './schema.ts';

/** A value's own path, and what lies beneath it. */
interface Named {
  readonly member: boolean;
  readonly children: FieldSet;
}

const LEAF: Named = { member: true, children: emptySet };
const NOTHING: Named = { member: false, children: emptySet };

/**
 * The fields that a configuration names, and so owns when it is applied: its leaves; list items and entries of maps, which
 * are no declared fields, with their contents; null and empty maps themselves. Not the containers around them, and not an
 * empty associative list. Of items with one identity only the identity.
 *
 * Source: structured-merge-diff, `typed/tofieldset.go`.
 */
export function fieldSetOf(value: unknown, type: TypeUse): FieldSet {
  return nameAll(value, type).children;
}

function nameAll(value: unknown, type: TypeUse): Named {
  const atom = type.atom();
  const kind = kindOf(atom, value);
  const map = mapFor(atom, kind);
  if (map !== undefined) return map.relationship === 'atomic' ? LEAF : nameEntries(value, map);
  const list = listFor(atom, kind);
  if (list !== undefined) return list.relationship === 'atomic' ? LEAF : nameItems(value, list);
  return LEAF;
}

function nameEntries(value: unknown, map: MapAtom): Named {
  if (!isRecord(value)) return NOTHING;
  const entries = new Map<string, FieldEntry>();
  for (const name in value) {
    const part = value[name];
    if (part === undefined) continue;
    const declared = map.fields.get(name);
    const { member, children } = nameAll(part, declared?.type ?? entryType(map, name));
    const itself =
      member || declared === undefined || part === null || (isRecord(part) && nonEmptyRecord(part) === undefined);
    if (!itself && isEmpty(children)) continue;
    const text = declared?.text ?? `f:${name}`;
    entries.set(text, { element: declared?.element ?? fieldElement(name), member: itself, children });
  }
  return { member: false, children: entries.size === 0 ? emptySet : { entries } };
}

function nameItems(value: unknown, list: ListAtom): Named {
  if (!Array.isArray(value)) return NOTHING;
  const entries = new Map<string, FieldEntry>();
  for (const item of value) {
    const name = itemName(list, item);
    if (name.fault !== undefined) continue;
    const { element, text } = name;
    const children = entries.has(text) ? emptySet : nameAll(item, list.element).children;
    entries.set(text, { element, member: true, children });
  }
  return { member: false, children: entries.size === 0 ? emptySet : { entries } };
}
