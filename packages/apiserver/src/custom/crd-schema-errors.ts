import { isMap, mapAt, mapsAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { textsAt } from './custom-resource.ts';
import { fieldAt } from './field-path.ts';
import { listed, named, propertiesOf, propertyOf, says } from './raw-schema.ts';
import { isReadable } from './structural-errors.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const META_FIELDS = new Set(['metadata', 'kind', 'apiVersion']);
const RULE_REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

interface Place {
  readonly path: string;
  readonly root: boolean;
  /** Inside of metadata, apiVersion or kind of a resource. */
  readonly inMeta: boolean;
  /** Why no default may stand here. */
  readonly noDefaults: string | undefined;
}

/** What is wrong with a schema as one of a CRD, keyword by keyword. Whether it is structural is judged elsewhere. */
export function schemaErrors(schema: DraftMap, path: string): readonly FieldError[] {
  return errorsAt(schema, { path, root: true, inMeta: false, noDefaults: undefined });
}

function errorsAt(schema: DraftMap, place: Place): readonly FieldError[] {
  const { path } = place;
  return [
    ...keywordErrors(schema, place),
    ...(schema['uniqueItems'] === true
      ? [
          forbidden(
            `${path}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...belowErrors(schema, place),
    ...extensionErrors(schema, path),
    ...listTypeErrors(schema, path),
    ...keyErrors(schema, path),
    ...mapsAt(schema, 'x-kubernetes-validations').flatMap((rule, index) =>
      ruleErrors(rule, schema, `${path}.x-kubernetes-validations[${String(index)}]`),
    ),
  ];
}

function keywordErrors(schema: DraftMap, { path, inMeta, noDefaults }: Place): readonly FieldError[] {
  const type = textAt(schema, 'type');
  const errors: FieldError[] = [];
  if (type !== '' && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (noDefaults !== undefined && (schema['default'] ?? undefined) !== undefined) {
    errors.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  }
  for (const [field, there] of UNSUPPORTED) {
    if (there(schema, field)) errors.push(forbidden(`${path}.${field}`, `${field} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (listed(schema, 'items').length > 0) {
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (inMeta && schema['x-kubernetes-embedded-resource'] === true) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  }
  return errors;
}

const isThere = (schema: DraftMap, field: string): boolean => (schema[field] ?? undefined) !== undefined;
const UNSUPPORTED: readonly (readonly [field: string, there: (schema: DraftMap, field: string) => boolean])[] = [
  ['id', says],
  ['additionalItems', isThere],
  ['patternProperties', says],
  ['definitions', says],
  ['dependencies', isThere],
  ['$ref', isThere],
];

function belowErrors(schema: DraftMap, place: Place): readonly FieldError[] {
  const { path } = place;
  const errors: FieldError[] = [];
  const inner: Place = { ...place, root: false };
  const additional = schema['additionalProperties'];
  const properties = propertiesOf(schema);
  if (additional === false || isMap(additional)) {
    if (properties.length > 0) {
      const why = 'additionalProperties and properties are mutual exclusive';
      errors.push(forbidden(`${path}.additionalProperties`, why));
    }
  }
  if (isMap(additional)) {
    const noDefaults = place.inMeta ? 'inside additionalProperties applying to object metadata' : place.noDefaults;
    errors.push(...errorsAt(additional, { ...inner, path: `${path}.additionalProperties`, noDefaults }));
  }
  for (const [name, property] of properties) {
    const meta = (place.root || schema['x-kubernetes-embedded-resource'] === true) && META_FIELDS.has(name);
    errors.push(
      ...errorsAt(property, {
        path: `${path}.properties[${name}]`,
        root: false,
        inMeta: place.inMeta || meta,
        noDefaults: meta && place.root ? `in top-level ${name}` : place.noDefaults,
      }),
    );
  }
  const not = mapAt(schema, 'not');
  if (not !== undefined) errors.push(...errorsAt(not, { ...inner, path: `${path}.not` }));
  for (const field of ['allOf', 'oneOf', 'anyOf']) {
    for (const [index, one] of listed(schema, field).entries()) {
      errors.push(...errorsAt(one, { ...inner, path: `${path}.${field}[${String(index)}]` }));
    }
  }
  for (const [name, one] of named(schema, 'definitions')) {
    errors.push(...errorsAt(one, { ...inner, path: `${path}.definitions[${name}]` }));
  }
  const items = mapAt(schema, 'items');
  if (items !== undefined) errors.push(...errorsAt(items, { ...inner, path: `${path}.items` }));
  for (const [index, one] of listed(schema, 'items').entries()) {
    errors.push(...errorsAt(one, { ...inner, path: `${path}.items[${String(index)}]` }));
  }
  for (const [name, one] of named(schema, 'dependencies')) {
    errors.push(...errorsAt(one, { ...inner, path: `${path}.dependencies[${name}]` }));
  }
  return errors;
}

function extensionErrors(schema: DraftMap, path: string): readonly FieldError[] {
  const type = textAt(schema, 'type');
  const mapType = schema['x-kubernetes-map-type'];
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  if (typeof mapType !== 'string') return errors;
  if (type !== 'object') errors.push(needsType(path, type, 'object', 'x-kubernetes-map-type'));
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  return errors;
}

function needsType(path: string, type: string, needed: string, extension: string): FieldError {
  const why = `must be ${needed} if ${extension} is specified`;
  return type === '' ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why);
}

function listTypeErrors(schema: DraftMap, path: string): readonly FieldError[] {
  const type = textAt(schema, 'type');
  const listType = schema['x-kubernetes-list-type'];
  const items = mapAt(schema, 'items');
  const keys = textsAt(schema, 'x-kubernetes-list-map-keys');
  const errors: FieldError[] = [];
  if (typeof listType === 'string') {
    if (type !== 'array') errors.push(needsType(path, type, 'array', 'x-kubernetes-list-type'));
    else if (listType === 'set' && items !== undefined) errors.push(...setErrors(items, path));
    if (!['atomic', 'set', 'map'].includes(listType)) {
      errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
    }
  }
  if (keys.length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = `${path}.x-kubernetes-list-type`;
    errors.push(typeof listType === 'string' ? invalid(at, listType, why) : required(at, why));
  }
  if (listType === 'map') errors.push(...mapErrors(schema, items, keys, path));
  return errors;
}

/** Items of a set are compared whole, so nothing may own parts of them. */
function setErrors(items: DraftMap, path: string): readonly FieldError[] {
  const listType = items['x-kubernetes-list-type'];
  const mapType = items['x-kubernetes-map-type'];
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (textAt(items, 'type') === 'array' && typeof listType === 'string' && listType !== 'atomic') {
    return [invalid(`${path}.items.x-kubernetes-list-type`, listType, why)];
  }
  if (textAt(items, 'type') === 'object' && mapType !== 'atomic') {
    // The real server shows the list type here, too.
    return [invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, why)];
  }
  return [];
}

function mapErrors(
  schema: DraftMap,
  items: DraftMap | undefined,
  keys: readonly string[],
  path: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (keys.length === 0) {
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  }
  if (schema['items'] === undefined) {
    errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
  }
  if (items === undefined) return errors;
  const type = textAt(items, 'type');
  if (type !== 'object') {
    errors.push(invalid(`${path}.items.type`, type, "must be object if parent array's x-kubernetes-list-type is map"));
    return errors;
  }
  const at = `${path}.x-kubernetes-list-map-keys`;
  for (const [index, key] of keys.entries()) {
    const property = propertyOf(items, key);
    if (property === undefined) errors.push(invalid(at, keys, 'entries must all be names of item properties'));
    else if (['array', 'object'].includes(textAt(property, 'type'))) {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${path}.items.properties[${key}].type`, type, why));
    }
    if (keys.indexOf(key) !== index) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
  }
  return errors;
}

/** Items of sets and maps are never null, and keys always have a value. */
function keyErrors(schema: DraftMap, path: string): readonly FieldError[] {
  const items = mapAt(schema, 'items');
  const listType = schema['x-kubernetes-list-type'];
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  if (items['nullable'] === true) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbidden(`${path}.items.nullable`, why));
  }
  if (listType === 'set') return errors;
  const needed = textsAt(items, 'required');
  for (const key of textsAt(schema, 'x-kubernetes-list-map-keys')) {
    const property = propertyOf(items, key);
    if (property === undefined) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!needed.includes(key) && (property['default'] ?? undefined) === undefined) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${at}.default`, why));
    }
    if (property['nullable'] === true) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(`${at}.nullable`, why));
    }
  }
  return errors;
}

/** Everything about a rule but its expression, which is not read. */
function ruleErrors(rule: DraftMap, schema: DraftMap, path: string): readonly FieldError[] {
  const text = textAt(rule, 'rule');
  const message = textAt(rule, 'message');
  const expression = textAt(rule, 'messageExpression');
  const fieldPath = textAt(rule, 'fieldPath');
  const reason = textAt(rule, 'reason');
  const errors: FieldError[] = [];
  if (text.trim() === '') errors.push(required(`${path}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(`${path}.message`, message, 'must be non-empty if specified'));
  } else if (hasNewline(message.trim())) {
    errors.push(invalid(`${path}.message`, message, 'must not contain line breaks'));
  } else if (hasNewline(text.trim()) && message.trim() === '') {
    errors.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (expression !== '' && expression.trim() === '') {
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  if (rule['reason'] !== undefined && !RULE_REASONS.includes(reason)) {
    errors.push(notSupported(`${path}.reason`, reason, RULE_REASONS));
  }
  if (fieldPath === '') return errors;
  const at = `${path}.fieldPath`;
  if (fieldPath.trim() === '') errors.push(invalid(at, fieldPath, 'must be non-empty if specified'));
  if (hasNewline(fieldPath)) errors.push(invalid(at, fieldPath, 'must not contain line breaks'));
  if (isReadable(schema) && 'error' in fieldAt(fieldPath, schema, { brackets: true })) {
    errors.push(invalid(at, fieldPath, 'must be a valid path'));
  }
  return errors;
}

function hasNewline(text: string): boolean {
  return /[\n\r]/.test(text);
}
