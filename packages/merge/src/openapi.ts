import { isRecord, ownField } from './json.ts';
import { atomicType, deducedType, field, lazyType } from './schema.ts';
import type { Atom, Field, ListAtom, MapAtom, ScalarKind, Schema, TypeUse } from './schema.ts';

/**
 * A schema as Kubernetes publishes it (`/openapi/v3`), or as a CustomResourceDefinition holds it. Only what decides about
 * merging is read: `type`, `format`, `properties`, `items`, `additionalProperties`, `default`, `$ref`, `x-kubernetes-*`.
 */
export type OpenApiSchema = Readonly<Record<string, unknown>>;

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Where a type is read: what `$ref` finds, and whether what surrounds it lets unknown fields be. */
interface Reading {
  readonly find: (name: string) => TypeUse | undefined;
  readonly preserve: boolean;
}

/**
 * The types of `components.schemas`. A type is read when it is first used; a reference to a type that is not there is the
 * deduced type.
 *
 * Source: kube-openapi, `schemaconv`.
 */
export function schemaFromOpenApi(components: Readonly<Record<string, OpenApiSchema>>): Schema {
  const types = new Map<string, TypeUse>();
  const find = (name: string): TypeUse | undefined => {
    const known = types.get(name);
    if (known !== undefined || !Object.hasOwn(components, name)) return known;
    const type = lazyType(() => namedAtom(name, components[name] as OpenApiSchema, { find, preserve: false }));
    types.set(name, type);
    return type;
  };
  return { find };
}

/**
 * The type of a custom resource from the schema of one version of its definition. Its `metadata`, and that of embedded
 * resources, is the real ObjectMeta, whatever the schema says of it.
 *
 * @param resolve finds the components that `$ref`s and `metadata` name; without it, metadata is of the deduced type.
 */
export function typeFromOpenApi(
  schema: OpenApiSchema,
  resolve: (name: string) => OpenApiSchema | undefined = () => undefined,
): TypeUse {
  const types = new Map<string, TypeUse>();
  const find = (name: string): TypeUse | undefined => {
    const known = types.get(name);
    const found = known === undefined ? resolve(name) : undefined;
    if (found === undefined) return known;
    const type = lazyType(() => namedAtom(name, found, { find, preserve: false }));
    types.set(name, type);
    return type;
  };
  return lazyType(() => atomOf(asResource(schema), { find, preserve: false }));
}

function asResource(schema: OpenApiSchema): OpenApiSchema {
  const given = ownField(schema, 'properties');
  const properties = {
    ...(isRecord(given) ? given : undefined),
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { $ref: `#/components/schemas/${OBJECT_META}` },
  };
  return { ...schema, type: 'object', properties };
}

function namedAtom(name: string, schema: OpenApiSchema, reading: Reading): Atom {
  if (name === QUANTITY) return { scalar: 'untyped' };
  if (name === RAW_EXTENSION) return atomicType.atom();
  return atomOf(schema, reading);
}

function atomOf(schema: OpenApiSchema, outer: Reading): Atom {
  const reading = schema['x-kubernetes-preserve-unknown-fields'] === true ? { ...outer, preserve: true } : outer;
  switch (schema['type']) {
    case undefined:
      return { scalar: 'untyped', list: listOf(schema, reading), map: mapOf(schema, reading) };
    case 'object':
      return { map: mapOf(schema, reading) };
    case 'array':
      return { list: listOf(schema, reading) };
    default:
      return { scalar: scalarOf(schema['type'], schema['format']) };
  }
}

function scalarOf(type: unknown, format: unknown): ScalarKind {
  if (type === 'integer' || type === 'number') return 'numeric';
  if (type === 'boolean') return 'boolean';
  // Other formats (date-time, int-or-string) are not always text on the wire.
  return type === 'string' && (format === undefined || format === '' || format === 'byte') ? 'string' : 'untyped';
}

/** A type where another one uses it; a reference may make it atomic, or not. */
function useOf(schema: unknown, reading: Reading): TypeUse {
  if (!isRecord(schema)) return deducedType;
  const name = referenceOf(schema);
  if (name === undefined) return lazyType(() => atomOf(embedded(schema), reading));
  const named = reading.find(name) ?? deducedType;
  const relationship = mapRelationship(schema);
  if (relationship === undefined) return named;
  return lazyType(() => withRelationship(named.atom(), relationship));
}

function embedded(schema: OpenApiSchema): OpenApiSchema {
  return schema['x-kubernetes-embedded-resource'] === true ? asResource(schema) : schema;
}

function referenceOf(schema: OpenApiSchema): string | undefined {
  const all = schema['allOf'];
  const holder: unknown = schema['$ref'] === undefined && Array.isArray(all) && all.length === 1 ? all[0] : schema;
  const reference = isRecord(holder) ? holder['$ref'] : undefined;
  return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined;
}

function withRelationship({ scalar, list, map }: Atom, relationship: MapAtom['relationship']): Atom {
  if (map !== undefined) return { ...(scalar && { scalar }), ...(list && { list }), map: { ...map, relationship } };
  if (list === undefined) return scalar === undefined ? {} : { scalar };
  const kept = relationship === 'atomic' ? 'atomic' : 'associative';
  return { ...(scalar && { scalar }), list: { ...list, relationship: kept } };
}

function mapOf(schema: OpenApiSchema, reading: Reading): MapAtom {
  const fields = new Map<string, Field>();
  const properties = schema['properties'];
  if (isRecord(properties)) {
    for (const name of Object.keys(properties)) {
      const property = properties[name];
      const keyDefault = isRecord(property) ? property['default'] : undefined;
      fields.set(name, field(name, useOf(property, reading), keyDefault ?? undefined));
    }
  }
  const element = elementOf(schema, fields.size, reading);
  return {
    relationship: mapRelationship(schema) ?? 'separable',
    fields,
    ...(element !== undefined && { element }),
    deduced: fields.size === 0 && element === deducedType,
  };
}

function elementOf(schema: OpenApiSchema, fields: number, reading: Reading): TypeUse | undefined {
  const additional = schema['additionalProperties'];
  if (additional === undefined) return reading.preserve || fields === 0 ? deducedType : undefined;
  if (typeof additional === 'boolean') return additional ? deducedType : undefined;
  return useOf(additional, reading);
}

function listOf(schema: OpenApiSchema, reading: Reading): ListAtom {
  const items = schema['items'];
  return { ...listRelationship(schema), element: items === undefined ? atomicType : useOf(items, reading) };
}

function listRelationship(schema: OpenApiSchema): Pick<ListAtom, 'relationship' | 'keys'> {
  const atomic = { relationship: 'atomic', keys: [] } as const;
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return { relationship: 'associative', keys: [] };
  if (type === 'map') return { relationship: 'associative', keys: textsOf(schema['x-kubernetes-list-map-keys']) };
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (type !== undefined || (strategy !== 'merge' && strategy !== 'merge,retainKeys')) return atomic;
  const key = schema['x-kubernetes-patch-merge-key'];
  return { relationship: 'associative', keys: typeof key === 'string' ? [key] : [] };
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

function mapRelationship(schema: OpenApiSchema): MapAtom['relationship'] | undefined {
  const type = schema['x-kubernetes-map-type'];
  return type === 'atomic' ? 'atomic' : type === 'granular' ? 'separable' : undefined;
}
