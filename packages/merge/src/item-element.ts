import { isRecord, ownField } from './json.ts';
import { elementText, keyElement, valueElement } from './path.ts';
import type { PathElement, Scalar } from './path.ts';
import type { ListAtom } from './schema.ts';

/** What an item of an associative list is named by, or why it cannot be named. */
export type ItemName =
  | { readonly element: PathElement; readonly text: string; readonly fault?: undefined }
  | { readonly fault: string };

/**
 * The identity of an item: its key fields, defaulted; one without default that is absent is no part of it. In a set, the
 * item itself.
 */
export function itemName(list: ListAtom, item: unknown): ItemName {
  return list.keys.length > 0 ? keyedName(list, item) : setName(item);
}

function keyedName(list: ListAtom, item: unknown): ItemName {
  if (item === null || item === undefined) return { fault: 'associative list with keys may not have a null element' };
  if (!isRecord(item)) return { fault: 'associative list with keys may not have non-map elements' };
  const fields: Record<string, Scalar> = {};
  let count = 0;
  for (const key of list.keys) {
    const value = ownField(item, key) ?? keyDefault(list, item, key);
    if (value === undefined) continue;
    fields[key] = value as Scalar;
    count++;
  }
  if (count > 0) return named(keyElement(fields));
  const keys = list.keys.map((key) => JSON.stringify(key)).join(' ');
  const why = "(and doesn't have default values for any key fields)";
  return { fault: `associative list with keys has an element that omits all key fields [${keys}] ${why}` };
}

function keyDefault(list: ListAtom, item: object, key: string): unknown {
  // A key that is there with the value null keeps that value.
  return Object.hasOwn(item, key) ? null : list.element.atom().map?.fields.get(key)?.keyDefault;
}

function setName(item: unknown): ItemName {
  if (isRecord(item)) return { fault: "associative list without keys has an element that's a map type" };
  if (Array.isArray(item)) return { fault: 'not supported: associative list with lists as elements' };
  if (item === null || item === undefined) {
    return { fault: "associative list without keys has an element that's an explicit null" };
  }
  return named(valueElement(item as Scalar));
}

function named(element: PathElement): ItemName {
  return { element, text: elementText(element) };
}
