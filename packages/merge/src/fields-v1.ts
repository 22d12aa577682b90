import { MergeError } from './error.ts';
import { emptySet, isEmpty, sortedEntries } from './field-set.ts';
import type { FieldEntry, FieldSet } from './field-set.ts';
import { elementText, parseElement } from './path.ts';

/** How a field set stands in `managedFields`: element text → what lies beneath; `"."` marks a member that has children. */
export type FieldsV1 = { readonly [element: string]: FieldsV1 };

/** No set that describes an object is nested as deep; one from the network must not exhaust the stack. */
const MAX_DEPTH = 2000;

/**
 * Reads `managedFields[].fieldsV1`. Elements with an unknown prefix are skipped with all beneath them; an element with
 * nothing (known) beneath it is a member. `undefined` is the empty set.
 *
 * @throws {MergeError} `INVALID_FIELDS`.
 */
export function parseFieldsV1(json: unknown): FieldSet {
  return json === undefined ? emptySet : parseLevel(json, 0);
}

function parseLevel(json: unknown, depth: number): FieldSet {
  if (depth > MAX_DEPTH) throw new MergeError('INVALID_FIELDS', `FieldsV1 nested deeper than ${MAX_DEPTH} levels`);
  if (json === null) return emptySet;
  if (typeof json !== 'object' || Array.isArray(json)) {
    throw new MergeError('INVALID_FIELDS', `FieldsV1 nests objects, and here is ${JSON.stringify(json)}`);
  }
  let entries: Map<string, FieldEntry> | undefined;
  for (const text in json) {
    if (text === '.') continue;
    const element = parseElement(text);
    if (element === undefined) continue;
    const beneath = (json as Readonly<Record<string, unknown>>)[text];
    const children = parseLevel(beneath, depth + 1);
    const member = isEmpty(children) || Object.hasOwn(beneath as object, '.');
    entries ??= new Map();
    // A field's text is its own; keys and values may have been written in another form.
    entries.set(element.kind === 'field' ? text : elementText(element), { element, member, children });
  }
  return entries === undefined ? emptySet : { entries };
}

/** The inverse of {@link parseFieldsV1}, in element order, exactly as the API server writes it. */
export function toFieldsV1(set: FieldSet): FieldsV1 {
  return Object.fromEntries(
    sortedEntries(set).map(({ element, member, children }) => [
      elementText(element),
      member && !isEmpty(children) ? { '.': {}, ...toFieldsV1(children) } : toFieldsV1(children),
    ]),
  );
}
