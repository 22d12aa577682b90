import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { sorted } from './go-values.ts';
import type { CrdVersion } from './crd-spec.ts';

/**
 * Values as messages of the real server show them where it prints its own structures: every field there is, with its Go
 * name and in Go's order, whether it is set or not.
 */
type Shape =
  | 'text'
  | 'boolean'
  | 'number'
  | 'value'
  | 'list'
  | 'schema'
  | 'schemas'
  | 'schemaMap'
  | 'items'
  | 'additional';

/** The fields of a schema in Go's order. */
export const SCHEMA_FIELDS: readonly (readonly [goName: string, field: string, shape: Shape])[] = [
  ['ID', 'id', 'text'],
  ['Schema', '$schema', 'text'],
  ['Ref', '$ref', 'value'],
  ['Description', 'description', 'text'],
  ['Type', 'type', 'text'],
  ['Nullable', 'nullable', 'boolean'],
  ['Format', 'format', 'text'],
  ['Title', 'title', 'text'],
  ['Default', 'default', 'value'],
  ['Maximum', 'maximum', 'number'],
  ['ExclusiveMaximum', 'exclusiveMaximum', 'boolean'],
  ['Minimum', 'minimum', 'number'],
  ['ExclusiveMinimum', 'exclusiveMinimum', 'boolean'],
  ['MaxLength', 'maxLength', 'number'],
  ['MinLength', 'minLength', 'number'],
  ['Pattern', 'pattern', 'text'],
  ['MaxItems', 'maxItems', 'number'],
  ['MinItems', 'minItems', 'number'],
  ['UniqueItems', 'uniqueItems', 'boolean'],
  ['MultipleOf', 'multipleOf', 'number'],
  ['Enum', 'enum', 'list'],
  ['MaxProperties', 'maxProperties', 'number'],
  ['MinProperties', 'minProperties', 'number'],
  ['Required', 'required', 'list'],
  ['Items', 'items', 'items'],
  ['AllOf', 'allOf', 'schemas'],
  ['OneOf', 'oneOf', 'schemas'],
  ['AnyOf', 'anyOf', 'schemas'],
  ['Not', 'not', 'schema'],
  ['Properties', 'properties', 'schemaMap'],
  ['AdditionalProperties', 'additionalProperties', 'additional'],
  ['PatternProperties', 'patternProperties', 'schemaMap'],
  ['Dependencies', 'dependencies', 'value'],
  ['AdditionalItems', 'additionalItems', 'additional'],
  ['Definitions', 'definitions', 'schemaMap'],
  ['ExternalDocs', 'externalDocs', 'value'],
  ['Example', 'example', 'value'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', 'value'],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', 'boolean'],
  ['XIntOrString', 'x-kubernetes-int-or-string', 'boolean'],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', 'list'],
  ['XListType', 'x-kubernetes-list-type', 'value'],
  ['XMapType', 'x-kubernetes-map-type', 'value'],
  ['XValidations', 'x-kubernetes-validations', 'list'],
];

export function internalSchema(schema: DraftMap): unknown {
  return Object.fromEntries(SCHEMA_FIELDS.map(([name, field, shape]) => [name, shaped(schema[field], shape, field)]));
}

function shaped(value: unknown, shape: Shape, field: string): unknown {
  const none = value === undefined || value === null;
  switch (shape) {
    case 'text':
      return none ? '' : value;
    case 'boolean':
      return value === true;
    case 'number':
    case 'value':
      if (field === 'externalDocs' && isMap(value))
        return { Description: value['description'] ?? '', URL: value['url'] ?? '' };
      return none ? null : sorted(value);
    case 'list':
      if (!Array.isArray(value)) return null;
      return field === 'x-kubernetes-validations' ? value.filter(isMap).map(internalRule) : value.map(sorted);
    case 'schema':
      return isMap(value) ? internalSchema(value) : null;
    case 'schemas':
      return Array.isArray(value) ? value.filter(isMap).map(internalSchema) : null;
    case 'schemaMap':
      return isMap(value) ? internalMap(value) : null;
    case 'items':
      if (isMap(value)) return { Schema: internalSchema(value), JSONSchemas: null };
      return Array.isArray(value) ? { Schema: null, JSONSchemas: value.filter(isMap).map(internalSchema) } : null;
    case 'additional':
      if (isMap(value)) return { Allows: true, Schema: internalSchema(value) };
      return typeof value === 'boolean' ? { Allows: value, Schema: null } : null;
    default:
      return shape satisfies never;
  }
}

function internalMap(schemas: DraftMap): DraftMap {
  const entries = Object.entries(schemas).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, schema]) => [name, internalOrNull(schema)]));
}

function internalRule(rule: DraftMap): unknown {
  return {
    Rule: rule['rule'] ?? '',
    Message: rule['message'] ?? '',
    MessageExpression: rule['messageExpression'] ?? '',
    Reason: rule['reason'] ?? null,
    FieldPath: rule['fieldPath'] ?? '',
    OptionalOldSelf: rule['optionalOldSelf'] ?? null,
  };
}

export function internalVersions(versions: readonly CrdVersion[]): unknown {
  return versions
    .map((version) => ({
      Name: version.name,
      Served: version.served,
      Storage: version.storage,
      Deprecated: version.source['deprecated'] === true,
      DeprecationWarning: version.source['deprecationWarning'] ?? null,
      Schema: version.validation && { OpenAPIV3Schema: internalOrNull(version.validation['openAPIV3Schema']) },
      Subresources: version.subresources && internalSubresources(version.subresources),
      AdditionalPrinterColumns: version.columns.length === 0 ? null : version.columns.map(internalColumn),
      SelectableFields:
        version.selectableFields.length === 0
          ? null
          : version.selectableFields.map((field) => ({ JSONPath: field['jsonPath'] ?? '' })),
    }))
    .map((version) => mapValues(version, (value) => value ?? null));
}

function internalOrNull(schema: unknown): unknown {
  return isMap(schema) ? internalSchema(schema) : null;
}

function internalSubresources(subresources: DraftMap): unknown {
  const scale = subresources['scale'];
  return {
    Status: isMap(subresources['status']) ? {} : null,
    Scale: isMap(scale)
      ? {
          SpecReplicasPath: scale['specReplicasPath'] ?? '',
          StatusReplicasPath: scale['statusReplicasPath'] ?? '',
          LabelSelectorPath: scale['labelSelectorPath'] ?? null,
        }
      : null,
  };
}

function internalColumn(column: DraftMap): unknown {
  return {
    Name: column['name'] ?? '',
    Type: column['type'] ?? '',
    Format: column['format'] ?? '',
    Description: column['description'] ?? '',
    Priority: column['priority'] ?? 0,
    JSONPath: column['jsonPath'] ?? '',
  };
}

function mapValues(map: DraftMap, change: (value: unknown) => unknown): DraftMap {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}
