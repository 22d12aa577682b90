import { isMap } from '../draft.ts';
import { duplicate, invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { keyText, sorted } from './go-values.ts';
import { schemaOfField } from './structural.ts';
import type { Structural } from './structural.ts';

/** Items that stand twice in lists of type set, or with the same keys twice in lists of type map: each named once. */
export function repeatedItems(value: unknown, schema: Structural | undefined, path = ''): readonly FieldError[] {
  if (schema === undefined) return [];
  if (Array.isArray(value)) {
    const below = value.flatMap((item, index) => repeatedItems(item, schema.items, `${path}[${String(index)}]`));
    return [...ofList(value, schema, path), ...below];
  }
  if (!isMap(value)) return [];
  return Object.keys(value)
    .sort()
    .flatMap((name) => {
      // A field that has a schema of its own is not one of a map, whose fields stand in brackets.
      const at = schema.properties.has(name) ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
      return repeatedItems(value[name], schemaOfField(schema, name), at);
    });
}

function ofList(list: readonly unknown[], schema: Structural, path: string): readonly FieldError[] {
  if (schema.listType === 'set') {
    return seconds(list).map((index) => duplicate(`${path}[${String(index)}]`, sorted(list[index])));
  }
  if (schema.listType !== 'map') return [];
  const odd = list.findIndex((item) => item !== null && !isMap(item));
  if (odd >= 0) {
    return [invalid(`${path}[${String(odd)}]`, list[odd], 'must be an object for an array of list-type map')];
  }
  const keys = list.map((item) => keysOf(item, schema.listMapKeys));
  return seconds(keys).map((index) => duplicate(`${path}[${String(index)}]`, sorted(keys[index])));
}

function keysOf(item: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isMap(item)) return {};
  return Object.fromEntries(names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]));
}

/** Where values stand for the second time. */
function seconds(values: readonly unknown[]): readonly number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const key = keyText(value);
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return times === 1 ? [index] : [];
  });
}
