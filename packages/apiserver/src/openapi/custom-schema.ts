import { isMap, listAt, mapAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import type { CustomResource, CustomVersion } from '../custom/custom-resource.ts';

type Schema = Readonly<Record<string, unknown>>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const TYPE_META: Schema = { apiVersion: { type: 'string' }, kind: { type: 'string' } };

/** `com.example.v1.Widget` for Widget of `example.com/v1`. */
export function customComponent(group: string, version: string, kind: string): string {
  return [...group.split('.').toReversed(), version, kind].join('.');
}

/**
 * The components of a custom resource in one version: its objects and their list. Their schema is that of the CRD, with
 * the descriptions of its author, completed by what Kubernetes knows without being told: apiVersion, kind and metadata of the
 * object and of resources embedded in it, and that an int-or-string is one of both.
 */
export function customComponents(custom: CustomResource, version: CustomVersion): Readonly<Record<string, Schema>> {
  const { group, names } = custom;
  const of = (kind: string): Schema => ({
    'x-kubernetes-group-version-kind': [{ group, version: version.name, kind }],
    ...(version.selectableFields.length > 0 && {
      'x-kubernetes-selectable-fields': version.selectableFields.map((fieldPath) => ({ fieldPath })),
    }),
  });
  const component = customComponent(group, version.name, names.kind);
  return {
    [component]: {
      ...schemaOf({ ...version.schema.source, type: 'object' }, { ...TYPE_META, metadata: reference('ObjectMeta') }),
      ...of(names.kind),
    },
    [customComponent(group, version.name, names.listKind)]: {
      type: 'object',
      required: ['items'],
      properties: {
        ...TYPE_META,
        items: { type: 'array', items: { $ref: `#/components/schemas/${component}` } },
        metadata: reference('ListMeta'),
      },
      ...of(names.listKind),
    },
  };
}

function reference(name: string): Schema {
  return { allOf: [{ $ref: `#/components/schemas/${META}.${name}` }] };
}

/** What stands in schemas below goes through {@link schemaOf}; all else is copied, unless it says what holds anyway. */
function schemaOf(source: DraftMap, known: Schema = {}): Schema {
  const properties = mapAt(source, 'properties');
  const embedded = source['x-kubernetes-embedded-resource'] === true;
  const added = embedded ? { ...TYPE_META, metadata: reference('ObjectMeta') } : known;
  const fields = [
    ...Object.entries(properties ?? {}).map(([name, field]) => [name, below(field)]),
    ...Object.entries(added),
  ];
  const required = [...listAt(source, 'required'), ...(embedded ? ['kind', 'apiVersion'] : [])];
  const rest = Object.entries(source).filter(
    ([key, value]) => !REWRITTEN.has(key) && (value !== false || VALUES.has(key)),
  );
  return {
    ...(Object.fromEntries(rest) as Schema),
    ...(required.length > 0 && { required: [...new Set(required)] }),
    ...(fields.length > 0 && { properties: Object.fromEntries(fields) as Schema }),
    ...(source['items'] !== undefined && { items: below(source['items']) }),
    ...(source['additionalProperties'] !== undefined && {
      additionalProperties: below(source['additionalProperties']),
    }),
    ...(source['x-kubernetes-int-or-string'] === true &&
      !saysBoth(source) && { anyOf: [{ type: 'integer' }, { type: 'string' }] }),
  };
}

const REWRITTEN = new Set(['properties', 'required', 'items', 'additionalProperties']);
const VALUES = new Set(['default', 'example']);

function below(value: unknown): unknown {
  return isMap(value) ? schemaOf(value) : value;
}

function saysBoth(schema: DraftMap): boolean {
  return (
    schema['anyOf'] !== undefined || listAt(schema, 'allOf').some((one) => isMap(one) && one['anyOf'] !== undefined)
  );
}
