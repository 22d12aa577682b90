import { MergeError } from '../error.ts';
import { goType, goValue } from '../go-text.ts';
import { checkOrder, identityOf, orderItems } from './element-order.ts';
import { isList, isMap, ownValue, withoutNulls } from './json-value.ts';
import type { JsonMap } from './json-value.ts';
import type { PatchField, PatchType } from './patch-type.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

/**
 * A strategic merge patch, as the API server applies it to built-in kinds: maps are merged, and so are lists whose type
 * says so, item by item along their merge key; null removes. Directives in the patch:
 *
 * - `$patch: delete | replace` in a map: it becomes empty, or what else stands there; as an item of a merged list: the item
 *   with this merge key goes, or the rest of the list takes the place of the old one.
 * - `$retainKeys: [...]`: fields of this map that are not named go.
 * - `$deleteFromPrimitiveList/<field>: [...]`: these scalars go from the list. After additions to the same list.
 * - `$setElementOrder/<field>: [...]`: how the items of a merged list are ordered.
 *
 * Neither argument is changed; parts of both may stand in the result.
 *
 * @throws {MergeError} `INVALID_PATCH`: a directive of the wrong form; `MISSING_MERGE_KEY`; `UNKNOWN_FIELD`: a map or list
 * of both sides stands at a field that the type does not have; `PATCH_MISMATCH`: values that do not go together. Messages
 * are those of the API server.
 */
export function applyStrategicPatch(target: JsonMap, patch: JsonMap, type: PatchType): JsonMap {
  if (Object.hasOwn(patch, DIRECTIVE)) return directed(patch);
  const merged = new Map(Object.entries(target));
  const rest = new Map(Object.entries(patch));

  retainKeys(merged, rest);
  setElementOrder(merged, rest, type);
  for (const [key, value] of rest) {
    if (!key.startsWith(DELETE_FROM)) mergeField(merged, key, value, type);
  }
  for (const [key, value] of rest) {
    if (key.startsWith(DELETE_FROM)) deleteFromList(merged, fieldOf(key, DELETE_FROM), value, type);
  }
  return Object.fromEntries(merged);
}

function directed(patch: JsonMap): JsonMap {
  const { [DIRECTIVE]: directive, ...others } = patch;
  if (directive === 'replace') return others;
  if (directive === 'delete') return {};
  throw new MergeError('PATCH_MISMATCH', `unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`);
}

function retainKeys(merged: Map<string, unknown>, rest: Map<string, unknown>): void {
  if (!rest.has(RETAIN_KEYS)) return;
  const retained = rest.get(RETAIN_KEYS);
  rest.delete(RETAIN_KEYS);
  const sets = [...rest].filter(([key, value]) => value !== null && !isListDirective(key));
  if (!isList(retained) || sets.some(([key]) => !retained.includes(key))) {
    throw new MergeError('INVALID_PATCH', 'invalid patch format of retainKeys');
  }
  for (const key of merged.keys()) if (!retained.includes(key)) merged.delete(key);
}

function isListDirective(key: string): boolean {
  return key.startsWith(DELETE_FROM) || key.startsWith(ELEMENT_ORDER);
}

/** Merges the lists that have an order beside them, and takes both out of what is left to do. */
function setElementOrder(merged: Map<string, unknown>, rest: Map<string, unknown>, type: PatchType): void {
  for (const [key, order] of rest) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    rest.delete(key);
    listOrThrow(order);
    const name = fieldOf(key, ELEMENT_ORDER);
    const live = merged.has(name) ? listOrThrow(merged.get(name)) : undefined;
    const items = rest.has(name) ? listOrThrow(rest.get(name)) : undefined;
    const field = type.field(name);
    checkOrder(items ?? [], listOrThrow(order), field.mergeKey);
    if (live === undefined && items === undefined) continue;
    const added = live === undefined ? (withoutDirectives(items) as readonly unknown[]) : live;
    const all = live === undefined || items === undefined ? added : mergeLists(live, items, field);
    kindOfItems(live ?? [], items ?? []);
    merged.set(name, orderItems(all, listOrThrow(order), live ?? [], field.mergeKey));
    rest.delete(name);
  }
}

function mergeField(merged: Map<string, unknown>, key: string, value: unknown, type: PatchType): void {
  if (value === null) {
    merged.delete(key);
    return;
  }
  const live = merged.get(key);
  if (isMap(live) && isMap(value)) {
    const field = type.field(key);
    merged.set(key, field.strategy === 'replace' ? value : applyStrategicPatch(live, value, field.type));
  } else if (isList(live) && isList(value)) {
    merged.set(key, mergeLists(live, value, type.field(key)));
  } else if (isMap(value) && Object.hasOwn(value, DIRECTIVE)) {
    merged.delete(key);
  } else {
    merged.set(key, withoutDirectives(withoutNulls(value)));
  }
}

function mergeLists(live: readonly unknown[], items: readonly unknown[], field: PatchField): readonly unknown[] {
  if (field.strategy !== 'merge') return items;
  if (live.length === 0 && items.length === 0) return live;
  return kindOfItems(live, items) === 'map' ? mergeMapLists(live, items, field) : mergeScalars(live, items, field);
}

function mergeScalars(live: readonly unknown[], items: readonly unknown[], field: PatchField): readonly unknown[] {
  return orderItems([...new Set([...live, ...items])], items, live, field.mergeKey);
}

function mergeMapLists(live: readonly unknown[], items: readonly unknown[], field: PatchField): readonly unknown[] {
  const { mergeKey, type } = field;
  if (mergeKey === undefined) {
    throw new MergeError('PATCH_MISMATCH', 'cannot merge lists without merge key for struct');
  }
  const { kept, plain } = obeyItems(live as readonly JsonMap[], items as readonly JsonMap[], mergeKey);
  const merged: unknown[] = [...kept];
  for (const item of plain) {
    const id = identityOf(item, mergeKey);
    const at = merged.findIndex((there) => isMap(there) && ownValue(there, mergeKey) === id);
    if (at === -1) merged.push(item);
    else merged[at] = applyStrategicPatch(merged[at] as JsonMap, item, type);
  }
  return orderItems(merged, plain, kept, mergeKey);
}

/** Does what items with `$patch` say: what is left of the live list, and the items without. */
function obeyItems(
  live: readonly JsonMap[],
  items: readonly JsonMap[],
  mergeKey: string,
): { readonly kept: readonly JsonMap[]; readonly plain: readonly JsonMap[] } {
  const plain: JsonMap[] = [];
  const deleted = new Set<unknown>();
  let replaced = false;
  for (const item of items) {
    const directive = ownValue(item, DIRECTIVE);
    if (directive === undefined) plain.push(item);
    else if (directive === 'replace') replaced = true;
    else if (directive === 'delete') deleted.add(identityOf(item, mergeKey));
    else throw unknownDirective(directive, item);
  }
  const kept = live.filter((item) => !Object.hasOwn(item, mergeKey) || !deleted.has(item[mergeKey]));
  return { kept: replaced ? [] : kept, plain };
}

function unknownDirective(directive: unknown, item: JsonMap): MergeError {
  const text =
    directive === 'merge'
      ? 'merging lists cannot yet be specified in the patch'
      : `unknown patch type: ${goValue(directive)} in map: ${goValue(item)}`;
  return new MergeError('PATCH_MISMATCH', text);
}

function deleteFromList(merged: Map<string, unknown>, name: string, value: unknown, type: PatchType): void {
  if (value === null) {
    merged.delete(name);
    return;
  }
  const live = merged.get(name);
  if (!isList(live) || !isList(value) || (live.length === 0 && value.length === 0)) return;
  const field = type.field(name);
  if (kindOfItems(live, value) === 'map') merged.set(name, mergeMapLists(live, value, field));
  else
    merged.set(
      name,
      live.filter((item) => !value.includes(item)),
    );
}

/** Of all items, which must be of one kind. */
function kindOfItems(live: readonly unknown[], items: readonly unknown[]): 'map' | 'scalar' {
  const kinds = new Set([...live, ...items].map((item) => (isList(item) ? 'list' : isMap(item) ? 'map' : typeof item)));
  if (kinds.has('list')) throw new MergeError('PATCH_FAILED', 'lists of lists are not supported');
  if (kinds.size === 0) throw new MergeError('PATCH_MISMATCH', 'no elements in any of the given slices');
  if (kinds.size > 1 || kinds.has('object')) {
    throw new MergeError('PATCH_MISMATCH', `list element types are not identical: ${goValue([live, items])}`);
  }
  return kinds.has('map') ? 'map' : 'scalar';
}

function fieldOf(key: string, directive: string): string {
  if (key.startsWith(`${directive}/`)) return key.slice(directive.length + 1);
  const what = directive === ELEMENT_ORDER ? 'setElementOrder list' : 'primitive list';
  throw new MergeError('INVALID_PATCH', `invalid patch format of ${what}`);
}

function listOrThrow(value: unknown): readonly unknown[] {
  if (isList(value)) return value;
  throw new MergeError('PATCH_MISMATCH', `expected a []interface {}, but received a ${goType(value)}`);
}

/** Maps with `$patch` have nothing to act on in what is new. */
function withoutDirectives(value: unknown): unknown {
  const acts = (child: unknown): boolean => isMap(child) && Object.hasOwn(child, DIRECTIVE);
  if (isList(value)) return value.filter((item) => !acts(item)).map(withoutDirectives);
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(([, child]) => !acts(child));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutDirectives(child)]));
}
