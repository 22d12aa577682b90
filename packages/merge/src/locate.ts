import { isEmpty, sortedEntries } from './field-set.ts';
import type { FieldEntry, FieldSet } from './field-set.ts';
import { isScalar } from './path.ts';
import type { Path, PathElement } from './path.ts';

/** A member of a set and what stands there; `undefined` where nothing does. */
export interface Located {
  readonly path: Path;
  readonly value: unknown;
}

/**
 * Finds every member of a set in a value, with no schema: the set itself says which lists are associative and by which
 * keys. In the order of the set.
 */
export function* locate(set: FieldSet, root: unknown, prefix: Path = []): Generator<Located> {
  const parts = partsOf(set, root);
  for (const entry of sortedEntries(set)) {
    const path = [...prefix, entry.element];
    const part = parts.get(entry);
    if (entry.member) yield { path, value: part };
    yield* locate(entry.children, part, path);
  }
}

function partsOf(set: FieldSet, container: unknown): ReadonlyMap<FieldEntry, unknown> {
  const parts = new Map<FieldEntry, unknown>();
  if (Array.isArray(container)) {
    const positions = locateItems(set, container);
    let i = 0;
    for (const entry of set.entries.values()) parts.set(entry, container[positions[i++] as number]);
  } else if (isRecord(container)) {
    for (const entry of set.entries.values()) parts.set(entry, fieldOf(container, entry.element));
  }
  return parts;
}

/**
 * The part of a value that a set names, or `undefined` when none of it is there. List items keep their order and the key
 * fields that name them, so that the result can be applied; everything else is left out. Parts are shared, not copied.
 */
export function pick(set: FieldSet, root: unknown): unknown {
  if (Array.isArray(root)) return pickItems(set, root);
  if (!isRecord(root)) return undefined;
  const fields: [string, unknown][] = [];
  for (const { element, children } of set.entries.values()) {
    const part = fieldOf(root, element);
    const picked = isEmpty(children) ? part : pick(children, part);
    if (element.kind === 'field' && picked !== undefined) fields.push([element.name, picked]);
  }
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

function pickItems(set: FieldSet, list: readonly unknown[]): unknown {
  const positions = locateItems(set, list);
  const found = [...set.entries.values()].map((entry, i) => ({ entry, at: positions[i] as number }));
  const items = found.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at);
  return items.length === 0 ? undefined : items.map(({ entry, at }) => pickItem(entry, list[at]));
}

function pickItem({ element, children }: FieldEntry, item: unknown): unknown {
  if (element.kind !== 'key' || !isRecord(item)) return item;
  const keys = element.fields.filter(({ name }) => Object.hasOwn(item, name)).map(({ name }) => [name, item[name]]);
  return { ...Object.fromEntries(keys), ...(pick(children, item) as object | undefined) };
}

/**
 * Where in a list the items stand that one level of a set names: a position for each of `level.entries`, in that order;
 * −1 where there is none. No position is given twice.
 *
 * Defaulted keys: the server names an item by its key fields *after* defaulting (`containerPort: 80` becomes
 * `k:{"containerPort":80,"protocol":"TCP"}`), and a manifest may leave them out. So items that have all key fields are
 * taken first; then, among those left, an item may lack a key field that the set does not hold either (it would hold it,
 * had it been applied).
 */
export function locateItems(level: FieldSet, list: readonly unknown[]): readonly number[] {
  const entries = [...level.entries.values()];
  const free = list.map(() => true);
  const names = mixedKeyNames(entries);
  const positions: number[] = [];
  for (const { element } of entries) positions.push(takeNamed(list, free, positions.length, element, names));
  for (let i = 0; i < entries.length; i++) {
    const { element, children } = entries[i] as FieldEntry;
    if (positions[i] === -1 && element.kind === 'key') positions[i] = takeByDefault(list, free, element, children);
  }
  return positions;
}

/** Takes the first free item of this name, looking from `start` round to it again: sets and lists are often in one order. */
function takeNamed(
  list: readonly unknown[],
  free: boolean[],
  start: number,
  element: PathElement,
  names: ReadonlySet<string> | undefined,
): number {
  for (let i = 0; i < list.length; i++) {
    const at = (start + i) % list.length;
    if (free[at] === true && isNamed(list[at], at, element, names)) {
      free[at] = false;
      return at;
    }
  }
  return -1;
}

function takeByDefault(
  list: readonly unknown[],
  free: boolean[],
  element: PathElement & { kind: 'key' },
  children: FieldSet,
): number {
  const at = list.findIndex((item, i) => free[i] === true && isNamedByDefault(item, element, children));
  if (at >= 0) free[at] = false;
  return at;
}

/**
 * All names of key fields of a level whose elements do not all have the same ones: a key field without default that an
 * item lacks is no part of its identity, so `k:{"a":1}` and `k:{"a":1,"b":2}` are two items.
 */
function mixedKeyNames(entries: readonly FieldEntry[]): ReadonlySet<string> | undefined {
  const sizeOf = ({ element }: FieldEntry) => (element.kind === 'key' ? element.fields.length : 0);
  const [first] = entries;
  if (first === undefined || entries.every((entry) => sizeOf(entry) === sizeOf(first))) return undefined;
  return new Set(
    entries.flatMap(({ element }) => (element.kind === 'key' ? element.fields.map(({ name }) => name) : [])),
  );
}

function isNamed(item: unknown, at: number, element: PathElement, names: ReadonlySet<string> | undefined): boolean {
  switch (element.kind) {
    case 'field':
      return false;
    case 'key': {
      if (!isRecord(item)) return false;
      for (const { name, value } of element.fields) if (!isScalar(item[name], value)) return false;
      if (names === undefined) return element.fields.length > 0;
      return [...names].every(
        (name) => element.fields.some((known) => known.name === name) || !Object.hasOwn(item, name),
      );
    }
    case 'value':
      return isScalar(item, element.value);
    case 'index':
      return at === element.index;
    default:
      return element satisfies never;
  }
}

function isNamedByDefault(item: unknown, element: PathElement & { kind: 'key' }, children: FieldSet): boolean {
  if (!isRecord(item)) return false;
  let present = 0;
  for (const { name, value } of element.fields) {
    if (Object.hasOwn(item, name)) {
      if (!isScalar(item[name], value)) return false;
      present++;
    } else if (children.entries.has(`f:${name}`)) {
      return false;
    }
  }
  return present > 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldOf(record: Readonly<Record<string, unknown>>, element: PathElement): unknown {
  return element.kind === 'field' && Object.hasOwn(record, element.name) ? record[element.name] : undefined;
}
