import { isMap } from '../draft.ts';
import { deepEqual, keyText } from './go-values.ts';
import { schemaOfField } from './structural.ts';
import type { Structural } from './structural.ts';

/**
 * A value of a new object beside the value of the old one that it replaces. Ratcheting rests on it: what has not changed
 * may stay as invalid as it was. It lives for one validation and remembers what it has compared.
 */
export class Correlation {
  readonly #value: unknown;
  readonly #old: unknown;
  readonly #schema: Structural;
  readonly #below = new Map<string | number, Correlation | undefined>();
  #unchanged: boolean | undefined;
  #oldItems: ReadonlyMap<string, unknown> | undefined;

  constructor(value: unknown, old: unknown, schema: Structural) {
    this.#value = value;
    this.#old = old;
    this.#schema = schema;
  }

  /** The values of a field that both have; `undefined` where one has none, or the schema does not know it. */
  field(name: string): Correlation | undefined {
    return this.#remember(name, () => {
      const [value, old] = [this.#value, this.#old];
      const schema = schemaOfField(this.#schema, name);
      if (schema === undefined || !isMap(value) || !isMap(old)) return undefined;
      if (!Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined;
      return new Correlation(value[name], old[name], schema);
    });
  }

  /** An item of a keyed list and the old item of the same keys. Items of other lists have no identity. */
  item(index: number): Correlation | undefined {
    return this.#remember(index, () => {
      const { listType, listMapKeys, items } = this.#schema;
      if (listType !== 'map' || items === undefined || !Array.isArray(this.#value)) return undefined;
      const value: unknown = this.#value[index];
      const key = keyOf(value, listMapKeys);
      this.#oldItems ??= itemsByKey(this.#old, listMapKeys);
      const old = key === undefined ? undefined : this.#oldItems.get(key);
      return old === undefined ? undefined : new Correlation(value, old, items);
    });
  }

  /** Whether nothing has changed: the order of keyed lists aside, and with every field known to the schema. */
  get unchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  #compare(): boolean {
    const [value, old] = [this.#value, this.#old];
    if (Array.isArray(value) && Array.isArray(old)) {
      if (value.length !== old.length) return false;
      if (this.#schema.listType !== 'map') return deepEqual(value, old);
      return value.every((_, index) => this.item(index)?.unchanged === true);
    }
    if (isMap(value) && isMap(old)) {
      const names = Object.keys(value);
      return names.length === Object.keys(old).length && names.every((name) => this.field(name)?.unchanged === true);
    }
    return deepEqual(value, old);
  }

  #remember(place: string | number, find: () => Correlation | undefined): Correlation | undefined {
    if (!this.#below.has(place)) this.#below.set(place, find());
    return this.#below.get(place);
  }
}

function itemsByKey(list: unknown, keys: readonly string[]): ReadonlyMap<string, unknown> {
  const items = new Map<string, unknown>();
  for (const item of Array.isArray(list) ? list : []) {
    const key = keyOf(item, keys);
    if (key !== undefined && !items.has(key)) items.set(key, item);
  }
  return items;
}

function keyOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isMap(item)) return undefined;
  return keyText(keys.map((key) => (Object.hasOwn(item, key) ? item[key] : null)));
}
