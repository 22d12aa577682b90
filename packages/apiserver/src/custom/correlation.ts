import { isMap } from '../draft.ts';
import { deepEqual, sorted } from './go-values.ts';
import { schemaOfField } from './structural.ts';
import type { Structural } from './structural.ts';

/**
 * A value of a new object beside the value of the old one that it replaces. Ratcheting rests on it: what has not changed
 * may stay as invalid as it was.
 */
export interface Correlation {
  readonly value: unknown;
  readonly old: unknown;
  readonly schema: Structural;
}

/** The fields of two objects that both have; `undefined` where one has none, or the schema does not know it. */
export function fieldPair(pair: Correlation | undefined, name: string): Correlation | undefined {
  if (pair === undefined || !isMap(pair.value) || !isMap(pair.old)) return undefined;
  if (!Object.hasOwn(pair.value, name) || !Object.hasOwn(pair.old, name)) return undefined;
  const schema = schemaOfField(pair.schema, name);
  return schema === undefined ? undefined : { value: pair.value[name], old: pair.old[name], schema };
}

/** An item of a keyed list and the old item of the same keys. Items of other lists have no identity. */
export function itemPair(pair: Correlation | undefined, index: number): Correlation | undefined {
  if (pair === undefined || pair.schema.listType !== 'map' || pair.schema.items === undefined) return undefined;
  if (!Array.isArray(pair.value) || !Array.isArray(pair.old)) return undefined;
  const value: unknown = pair.value[index];
  const key = keyOf(value, pair.schema.listMapKeys);
  if (key === undefined) return undefined;
  const old: unknown = pair.old.find((item) => keyOf(item, pair.schema.listMapKeys) === key);
  return old === undefined ? undefined : { value, old, schema: pair.schema.items };
}

/** Whether nothing has changed: the order of keyed lists aside, and with every field known to the schema. */
export function isUnchanged(pair: Correlation | undefined): boolean {
  if (pair === undefined) return false;
  const { value, old } = pair;
  if (Array.isArray(value) && Array.isArray(old)) {
    if (value.length !== old.length) return false;
    if (pair.schema.listType !== 'map') return deepEqual(value, old);
    return value.every((_, index) => isUnchanged(itemPair(pair, index)));
  }
  if (isMap(value) && isMap(old)) {
    const names = Object.keys(value);
    return names.length === Object.keys(old).length && names.every((name) => isUnchanged(fieldPair(pair, name)));
  }
  return deepEqual(value, old);
}

function keyOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isMap(item)) return undefined;
  return JSON.stringify(keys.map((key) => (Object.hasOwn(item, key) ? sorted(item[key]) : null)));
}
