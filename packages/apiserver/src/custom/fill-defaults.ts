import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { schemaOfField } from './structural.ts';
import type { Structural } from './structural.ts';

/**
 * Fills in, in place, the defaults of a schema: for fields that are absent, or null where the schema allows no null. Only
 * inside of objects that are there (or whose own default puts them there). Idempotent.
 */
export function fillDefaults(value: unknown, schema: Structural | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (mayNotBeNull(item, schema.items)) value[index] = structuredClone(schema.items?.default ?? null);
      fillDefaults(value[index], schema.items);
    }
    return;
  }
  if (!isMap(value)) return;
  for (const [name, property] of schema.properties) {
    if (property.default === undefined) continue;
    if (!Object.hasOwn(value, name) || mayNotBeNull(value[name], property)) put(value, name, property.default);
  }
  for (const name of Object.keys(value)) {
    const child = schemaOfField(schema, name);
    if (!schema.properties.has(name) && mayNotBeNull(value[name], child)) put(value, name, child?.default ?? null);
    fillDefaults(value[name], child);
  }
}

function mayNotBeNull(value: unknown, schema: Structural | undefined): boolean {
  return value === null && schema !== undefined && !schema.nullable;
}

/** Sets a field by definition: `__proto__` is a name like any other. */
function put(map: DraftMap, name: string, value: unknown): void {
  Object.defineProperty(map, name, {
    value: structuredClone(value),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
