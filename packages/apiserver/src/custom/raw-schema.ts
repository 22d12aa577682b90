import { isMap, listAt, mapAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';

/** The schemas of `properties` by name. */
export function propertiesOf(schema: DraftMap): readonly (readonly [name: string, property: DraftMap])[] {
  return named(schema, 'properties');
}

/** The schemas of a map of them, such as `properties` or `definitions`, by name. */
export function named(schema: DraftMap, field: string): readonly (readonly [name: string, below: DraftMap])[] {
  return Object.entries(mapAt(schema, field) ?? {})
    .filter((entry): entry is [string, DraftMap] => isMap(entry[1]))
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

export function propertyOf(schema: DraftMap | undefined, name: string): DraftMap | undefined {
  const properties = mapAt(schema, 'properties');
  return properties !== undefined && Object.hasOwn(properties, name) ? mapAt(properties, name) : undefined;
}

/** The schemas of `allOf`, `anyOf`, `oneOf`, or of `items` where it is a list. */
export function listed(schema: DraftMap, field: string): readonly DraftMap[] {
  return listAt(schema, field).filter(isMap);
}

/** Whether something is said at `field`: neither absent nor what Go takes for nothing. */
export function says(schema: DraftMap, field: string): boolean {
  const value = schema[field];
  if (value === undefined || value === null || value === '' || value === false || value === 0) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isMap(value) || Object.keys(value).length > 0 || !MAPS.has(field);
}

/** Fields of maps: empty, they say nothing. Elsewhere an empty object is an empty schema. */
const MAPS = new Set(['properties', 'patternProperties', 'definitions']);

/** Every schema at and below `schema`, wherever it may stand. */
export function* allSchemas(schema: DraftMap): Generator<DraftMap> {
  yield schema;
  for (const field of ['items', 'not', 'additionalProperties', 'additionalItems']) {
    const below = mapAt(schema, field);
    if (below !== undefined) yield* allSchemas(below);
  }
  for (const field of ['items', 'allOf', 'anyOf', 'oneOf']) {
    for (const below of listed(schema, field)) yield* allSchemas(below);
  }
  for (const field of ['properties', 'patternProperties', 'definitions', 'dependencies']) {
    for (const [, below] of named(schema, field)) yield* allSchemas(below);
  }
}
