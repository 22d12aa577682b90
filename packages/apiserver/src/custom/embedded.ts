import { DecodeError } from '../decode/decode-error.ts';
import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { fieldErrorText, invalid, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { dns1035LabelErrors } from '../kinds/meta/formats.ts';
import { schemaOfField } from './structural.ts';
import type { Structural } from './structural.ts';

/** How ObjectMeta is read and judged. It belongs to every object, whatever the schema of a custom resource says of it. */
export interface ObjectMetaRules {
  /**
   * Reads metadata as the real ObjectMeta. Unknown fields are dropped and named without the `metadata.` before them.
   *
   * @throws {DecodeError} when a known field has the wrong type, with Go's message about the metadata of any kind.
   */
  decode(metadata: unknown): { readonly metadata: DraftMap; readonly unknownFields: readonly string[] };
  /** What is wrong with the metadata of an object that stands inside of another, and need not have a name. */
  validate(metadata: Readonly<DraftMap>, path: string): readonly FieldError[];
}

/**
 * Reads the metadata of embedded resources, in place, and returns the paths of the fields that ObjectMeta does not have,
 * sorted.
 *
 * @throws {InvalidEmbedded} at the first that is not what it should be.
 */
export function coerceEmbedded(object: DraftMap, schema: Structural, rules: ObjectMetaRules): readonly string[] {
  const unknownFields: string[] = [];
  coerce(object, schema, '', rules, unknownFields);
  return unknownFields.sort();
}

/** An embedded resource that cannot be read: a bad request, in Kubernetes' words. */
export class InvalidEmbedded extends Error {
  override readonly name = 'InvalidEmbedded';
  readonly error: FieldError;

  /** `before`: what the message starts with. */
  constructor(error: FieldError, { before = '', cause }: { readonly before?: string; readonly cause?: unknown } = {}) {
    super(`${before}${error.field}: ${fieldErrorText(error)}`, { cause });
    this.error = error;
  }
}

function coerce(
  value: unknown,
  schema: Structural | undefined,
  path: string,
  rules: ObjectMetaRules,
  unknownFields: string[],
): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      coerce(item, schema.items, `${path}[${String(index)}]`, rules, unknownFields);
    return;
  }
  if (!isMap(value)) return;
  for (const [name, below] of Object.entries(value)) {
    if (schema.embedded && (name === 'apiVersion' || name === 'kind') && typeof below !== 'string') {
      throw new InvalidEmbedded(invalid(childPath(path, name), below, 'must be a string'));
    }
    if (schema.embedded && name === 'metadata') {
      const decoded = decodeMetadata(below, childPath(path, name), rules);
      value[name] = decoded.metadata;
      unknownFields.push(...decoded.unknownFields.map((field) => `${childPath(path, name)}.${field}`));
    }
    const at = schema.properties.has(name) ? childPath(path, name) : `${path}[${name}]`;
    coerce(value[name], schemaOfField(schema, name), at, rules, unknownFields);
  }
}

function decodeMetadata(
  metadata: unknown,
  path: string,
  rules: ObjectMetaRules,
): ReturnType<ObjectMetaRules['decode']> {
  try {
    return rules.decode(metadata);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new InvalidEmbedded(invalid(path, metadata, messageOfMetadata(error)), { cause: error });
  }
}

/** A message about the metadata of some kind, as one about metadata that stands alone. */
export function messageOfMetadata({ message }: DecodeError): string {
  return message
    .replace(/Go struct field \w+\.metadata of/, 'Go value of')
    .replace(/(Go struct field \w+\.)metadata\./, '$1');
}

/** Everything that is wrong with embedded resources as resources: apiVersion and kind are there, and metadata is sound. */
export function validateEmbedded(
  value: unknown,
  schema: Structural | undefined,
  rules: ObjectMetaRules,
  path = '',
): readonly FieldError[] {
  if (schema === undefined) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => validateEmbedded(item, schema.items, rules, `${path}[${String(index)}]`));
  }
  if (!isMap(value)) return [];
  const errors = schema.embedded ? resourceErrors(value, rules, path) : [];
  const below = Object.entries(value).flatMap(([name, child]) =>
    validateEmbedded(
      child,
      schemaOfField(schema, name),
      rules,
      schema.properties.has(name) ? childPath(path, name) : `${path}[${name}]`,
    ),
  );
  return [...errors, ...below];
}

function resourceErrors(value: DraftMap, rules: ObjectMetaRules, path: string): readonly FieldError[] {
  const absent = ['apiVersion', 'kind'].filter((name) => !Object.hasOwn(value, name));
  return [
    ...absent.map((name) => required(childPath(path, name))),
    ...(Object.hasOwn(value, 'apiVersion') ? apiVersionErrors(value['apiVersion'], childPath(path, 'apiVersion')) : []),
    ...(Object.hasOwn(value, 'kind') ? kindErrors(value['kind'], childPath(path, 'kind')) : []),
    ...(isMap(value['metadata']) ? rules.validate(value['metadata'], childPath(path, 'metadata')) : []),
  ];
}

function apiVersionErrors(apiVersion: unknown, path: string): readonly FieldError[] {
  if (typeof apiVersion !== 'string') return [invalid(path, apiVersion, 'must be a string')];
  if (apiVersion === '') return [invalid(path, apiVersion, 'must not be empty')];
  if (apiVersion.split('/').length <= 2) return [];
  return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
}

function kindErrors(kind: unknown, path: string): readonly FieldError[] {
  if (typeof kind !== 'string') return [invalid(path, kind, 'must be a string')];
  if (kind === '') return [invalid(path, kind, 'must not be empty')];
  const errors = dns1035LabelErrors(kind.toLowerCase());
  if (errors.length === 0) return [];
  return [invalid(path, kind, `may have mixed case, but should otherwise match: ${errors.join(',')}`)];
}

function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
