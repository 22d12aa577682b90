import { isMap, listAt, mapAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { fieldErrorText, forbidden, invalid, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { deepEqual } from './go-values.ts';
import { compilePattern } from './pattern.ts';
import { allSchemas, listed, propertiesOf, propertyOf, says } from './raw-schema.ts';

type Level = 'root' | 'item' | 'field';

/** Whether a schema says only what structural schemas can say: what else there is, is refused elsewhere. */
export function isReadable(schema: DraftMap): boolean {
  const odd = ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'definitions'];
  for (const one of allSchemas(schema)) {
    if (odd.some((field) => says(one, field)) || one['additionalItems'] !== undefined) return false;
    if (listed(one, 'items').length > 0 || one['x-kubernetes-preserve-unknown-fields'] === false) return false;
  }
  return true;
}

/**
 * What keeps a schema from being structural: types stand outside of allOf, anyOf, oneOf and not, and everything that is
 * judged inside of them is defined outside. Sorted by text, as the real server sorts.
 */
export function structuralErrors(schema: DraftMap, path: string): readonly FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...completeness(schema, schema, path, path)];
  const text = (error: FieldError): string => `${error.field}: ${fieldErrorText(error)}`;
  return errors.sort((left, right) => (text(left) < text(right) ? -1 : 1));
}

function invariants(schema: DraftMap, level: Level, path: string): FieldError[] {
  const type = textAt(schema, 'type');
  const items = mapAt(schema, 'items');
  const additional = mapAt(schema, 'additionalProperties');
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  const errors: FieldError[] = [];

  if (type === 'array' && items === undefined) errors.push(required(`${path}.items`, 'must be specified'));
  if (items !== undefined) errors.push(...invariants(items, 'item', `${path}.items`));
  for (const [name, property] of propertiesOf(schema)) {
    errors.push(...invariants(property, 'field', `${path}.properties[${name}]`));
  }
  if (hasAdditional(schema) && level === 'root') {
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  }
  if (additional !== undefined) errors.push(...invariants(additional, 'field', `${path}.additionalProperties`));

  if (intOrString && preserve) {
    const at = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalid(at, true, 'must be false if x-kubernetes-int-or-string is true'));
  }
  if (intOrString && embedded) {
    const at = `${path}.x-kubernetes-embedded-resource`;
    errors.push(invalid(at, true, 'must be false if x-kubernetes-int-or-string is true'));
  }
  const allOf = listed(schema, 'allOf');
  errors.push(
    ...junctors(schema, isIntOrString(schema['anyOf']), isIntOrString(allOf[0]?.['anyOf']), level, path),
    ...typeErrors(schema, level, path),
  );

  const own = level === 'root' || embedded;
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name);
    if (own && property !== undefined && textAt(property, 'type') !== 'string') {
      errors.push(invalid(`${path}.properties[${name}].type`, textAt(property, 'type'), 'must be string'));
    }
  }
  const metadata = propertyOf(schema, 'metadata');
  if (metadata !== undefined) errors.push(...metadataErrors(metadata, own, level, `${path}.properties[metadata]`));
  if (embedded && !preserve && propertiesOf(schema).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, why));
  }
  return errors;
}

function typeErrors(schema: DraftMap, level: Level, path: string): readonly FieldError[] {
  const type = textAt(schema, 'type');
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const untyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const errors: FieldError[] = [];
  if (embedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why));
  } else if (type === '' && !untyped) errors.push(required(`${path}.type`, UNTYPED[level]));
  if (embedded && hasAdditional(schema)) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  }
  return errors;
}

const UNTYPED: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** At the root, a schema of metadata may restrict names and nothing else. */
function metadataErrors(metadata: DraftMap, own: boolean, level: Level, path: string): readonly FieldError[] {
  const type = textAt(metadata, 'type');
  const errors = own && type !== 'object' ? [invalid(`${path}.type`, type, 'must be object')] : [];
  if (level !== 'root') return errors;
  const restricted = propertiesOf(metadata).every(([name]) => name === 'name' || name === 'generateName');
  const others = Object.keys(metadata).filter((field) => !['type', 'default', 'properties'].includes(field));
  if (restricted && !others.some((field) => says(metadata, field))) return errors;
  const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [...errors, forbidden(path, why)];
}

function isIntOrString(anyOf: unknown): boolean {
  return deepEqual(anyOf, [{ type: 'integer' }, { type: 'string' }]);
}

function hasAdditional(schema: DraftMap): boolean {
  return schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== null;
}

/** allOf, anyOf, oneOf and not; `skipAny`: anyOf is the one way in which types may stand there, `skipFirst`: in allOf[0]. */
function junctors(
  schema: DraftMap,
  skipAny: boolean,
  skipFirst: boolean,
  level: Level,
  path: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, one] of (skipAny ? [] : listed(schema, 'anyOf')).entries()) {
    errors.push(...nested(one, false, level, `${path}.anyOf[${String(index)}]`));
  }
  for (const [index, one] of listed(schema, 'allOf').entries()) {
    errors.push(...nested(one, skipFirst && index === 0, level, `${path}.allOf[${String(index)}]`));
  }
  for (const [index, one] of listed(schema, 'oneOf').entries()) {
    errors.push(...nested(one, false, level, `${path}.oneOf[${String(index)}]`));
  }
  const not = mapAt(schema, 'not');
  if (not !== undefined) errors.push(...nested(not, false, level, `${path}.not`));
  const pattern = textAt(schema, 'pattern');
  const compiled = pattern === '' ? undefined : compilePattern(pattern);
  if (compiled !== undefined && 'error' in compiled) {
    const why = `must be a valid regular expression, but isn't: ${compiled.error}`;
    errors.push(invalid(`${path}.pattern`, pattern, why));
  }
  return errors;
}

const FORBIDDEN_NESTED: readonly (readonly [field: string, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/** A schema inside of a junctor: it judges values, and defines none. */
function nested(schema: DraftMap, skipAny: boolean, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [...junctors(schema, skipAny, false, level, path)];
  const items = mapAt(schema, 'items');
  if (items !== undefined) errors.push(...nested(items, false, level, `${path}.items`));
  for (const [name, property] of propertiesOf(schema)) {
    errors.push(...nested(property, false, 'field', `${path}.properties[${name}]`));
  }
  const additional = schema['additionalProperties'];
  if (additional === true || isMap(additional)) {
    errors.push(forbidden(`${path}.additionalProperties`, 'must be undefined to be structural'));
  }
  for (const [field, detail] of FORBIDDEN_NESTED) {
    const said = field === 'default' ? (schema[field] ?? undefined) !== undefined : says(schema, field);
    if (said) errors.push(forbidden(`${path}.${field}`, detail));
  }
  if (propertyOf(schema, 'metadata') !== undefined) {
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  return errors;
}

/** What junctors judge without its being defined: `judged` stands beside `schema`, or inside of a junctor of it. */
function completeness(
  judged: DraftMap,
  schema: DraftMap,
  schemaPath: string,
  judgedPath: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const check = (one: DraftMap, place: string): void => {
    errors.push(...nestedCompleteness(one, schema, schemaPath, `${judgedPath}.${place}`));
  };
  const not = mapAt(judged, 'not');
  if (not !== undefined) check(not, 'not');
  for (const field of ['allOf', 'anyOf', 'oneOf']) {
    for (const [index, one] of listed(judged, field).entries()) check(one, `${field}[${String(index)}]`);
  }
  return errors;
}

function nestedCompleteness(
  judged: DraftMap,
  schema: DraftMap,
  schemaPath: string,
  judgedPath: string,
): readonly FieldError[] {
  const errors = [...completeness(judged, schema, schemaPath, judgedPath)];
  const below = (one: DraftMap, other: DraftMap | undefined, place: string): void => {
    const at = `${judgedPath}.${place}`;
    if (other === undefined) errors.push(required(`${schemaPath}.${place}`, `because it is defined in ${at}`));
    else errors.push(...nestedCompleteness(one, other, `${schemaPath}.${place}`, at));
  };
  const items = mapAt(judged, 'items');
  if (items !== undefined) below(items, mapAt(schema, 'items'), 'items');
  for (const [name, property] of propertiesOf(judged)) below(property, propertyOf(schema, name), `properties[${name}]`);
  return errors;
}

/** Paths of x-kubernetes-validations in a schema, in order. */
export function rulePaths(schema: DraftMap, path: string): readonly string[] {
  const own = listAt(schema, 'x-kubernetes-validations').map(
    (_, index) => `${path}.x-kubernetes-validations[${String(index)}]`,
  );
  const items = mapAt(schema, 'items');
  const additional = mapAt(schema, 'additionalProperties');
  return [
    ...own,
    ...propertiesOf(schema).flatMap(([name, property]) => rulePaths(property, `${path}.properties[${name}]`)),
    ...(additional === undefined ? [] : rulePaths(additional, `${path}.additionalProperties`)),
    ...(items === undefined ? [] : rulePaths(items, `${path}.items`)),
  ];
}
