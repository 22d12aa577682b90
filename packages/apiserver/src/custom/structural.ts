import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { anyFormat, knownFormat } from './formats.ts';
import type { Format } from './formats.ts';
import { compilePattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';

/**
 * The schema of one version of a custom resource, compiled: what pruning, defaulting and validation walk. Names of fields
 * are keys of maps, never properties, so that no name (`__proto__`, `constructor`) means anything by itself.
 */
export interface Structural {
  /** The schema as it stands in the CRD. */
  readonly source: DraftMap;
  /** Empty where any type will do. */
  readonly types: readonly string[];
  readonly nullable: boolean;
  /** `undefined` where there is none; never null. */
  readonly default: unknown;
  readonly properties: ReadonlyMap<string, Structural>;
  /** Of fields that `properties` does not name; `undefined` where the schema does not say. */
  readonly additional: Structural | boolean | undefined;
  readonly items: Structural | undefined;
  readonly required: readonly string[];
  readonly enum: readonly unknown[];
  readonly allOf: readonly Structural[];
  readonly anyOf: readonly Structural[];
  readonly oneOf: readonly Structural[];
  readonly not: Structural | undefined;
  readonly pattern: { readonly source: string; readonly compiled: Pattern | { readonly error: string } } | undefined;
  /** Formats that Kubernetes does not know are no formats. */
  readonly format: { readonly name: string; readonly check: Format | undefined } | undefined;
  readonly limits: Limits;
  readonly preserveUnknown: boolean;
  readonly embedded: boolean;
  readonly listType: string;
  readonly listMapKeys: readonly string[];
  readonly mapType: string;
  /** How many x-kubernetes-validations rules stand here. */
  readonly rules: number;
}

export interface Limits {
  readonly minimum?: number;
  readonly exclusiveMinimum: boolean;
  readonly maximum?: number;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/**
 * Compiles a schema of a CRD. Total: what has the wrong shape counts as absent.
 *
 * `reading`: the real server reads schemas in two ways. Where it checks the `'defaults'` of a CRD, it knows nothing of
 * int-or-string, and heeds formats whatever the type.
 */
export function compileSchema(source: DraftMap, reading: 'values' | 'defaults' = 'values'): Structural {
  const type = text(source['type']);
  const intOrString = source['x-kubernetes-int-or-string'] === true && reading === 'values';
  const schemaAt = (value: unknown): Structural | undefined =>
    isMap(value) ? compileSchema(value, reading) : undefined;
  const schemas = (value: unknown): readonly Structural[] =>
    list(value)
      .filter(isMap)
      .map((one) => compileSchema(one, reading));
  const additional = source['additionalProperties'];
  const types = intOrString ? ['integer', 'string'] : type === '' ? [] : [type];
  const patternSource = text(source['pattern']);
  const validations = source['x-kubernetes-validations'];
  return {
    source,
    types,
    nullable: source['nullable'] === true,
    default: source['default'] ?? undefined,
    properties: new Map(
      Object.entries(isMap(source['properties']) ? source['properties'] : {}).flatMap(([name, schema]) =>
        isMap(schema) ? [[name, compileSchema(schema, reading)] as const] : [],
      ),
    ),
    additional: typeof additional === 'boolean' ? additional : schemaAt(additional),
    items: schemaAt(source['items']),
    required: texts(source['required']),
    enum: list(source['enum']),
    allOf: schemas(source['allOf']),
    anyOf: schemas(source['anyOf']),
    oneOf: schemas(source['oneOf']),
    not: schemaAt(source['not']),
    pattern: patternSource === '' ? undefined : { source: patternSource, compiled: compilePattern(patternSource) },
    format: (reading === 'values' ? knownFormat : anyFormat)(text(source['format']), types),
    limits: limitsOf(source),
    preserveUnknown: source['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: source['x-kubernetes-embedded-resource'] === true,
    listType: text(source['x-kubernetes-list-type']),
    listMapKeys: texts(source['x-kubernetes-list-map-keys']),
    mapType: text(source['x-kubernetes-map-type']),
    rules: list(validations).length,
  };
}

/** The schema that stands at `name` of an object of `schema`, where one does. */
export function schemaOfField(schema: Structural | undefined, name: string): Structural | undefined {
  if (schema === undefined) return undefined;
  const property = schema.properties.get(name);
  if (property !== undefined) return property;
  return typeof schema.additional === 'object' ? schema.additional : undefined;
}

/** The same schema for the root of a resource: apiVersion, kind and metadata belong to it without being named. */
export function asResource(schema: Structural): Structural {
  return schema.embedded ? schema : { ...schema, embedded: true };
}

/** Whether `schema` or anything below it (but not inside of allOf, anyOf, oneOf, not) carries x-kubernetes-validations. */
export function hasRules(schema: Structural): boolean {
  return schema.rules > 0 || children(schema).some(([, child]) => hasRules(child));
}

/** The schemas below, each with its place as field paths name it. */
export function children(schema: Structural): readonly (readonly [place: string, child: Structural])[] {
  return [
    ...[...schema.properties].map(([name, child]) => [`properties[${name}]`, child] as const),
    ...(typeof schema.additional === 'object' ? [['additionalProperties', schema.additional] as const] : []),
    ...(schema.items === undefined ? [] : [['items', schema.items] as const]),
  ];
}

function limitsOf(source: DraftMap): Limits {
  const limit = <Name extends string>(name: Name): { readonly [Key in Name]?: number } =>
    typeof source[name] === 'number' || typeof source[name] === 'bigint'
      ? ({ [name]: Number(source[name]) } as { readonly [Key in Name]?: number })
      : {};
  return {
    ...limit('minimum'),
    ...limit('maximum'),
    ...limit('multipleOf'),
    ...limit('minLength'),
    ...limit('maxLength'),
    ...limit('minItems'),
    ...limit('maxItems'),
    ...limit('minProperties'),
    ...limit('maxProperties'),
    exclusiveMinimum: source['exclusiveMinimum'] === true,
    exclusiveMaximum: source['exclusiveMaximum'] === true,
    uniqueItems: source['uniqueItems'] === true,
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === 'string');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
