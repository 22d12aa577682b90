import type { Draft, DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported, required, tooLong } from '../../field-error.ts';
import { equal } from '../equal.ts';
import { validateLabels } from './label-selector.ts';
import {
  byteLength,
  dnsLabelErrors,
  dnsSubdomainErrors,
  pathSegmentErrors,
  pathSegmentPrefixErrors,
  qualifiedNameErrors,
} from './formats.ts';

/** What is wrong with a name of a kind. `prefix`: it is a `generateName`, to which letters and digits will be appended. */
export type NameRule = (name: string, prefix: boolean) => readonly string[];

export const dnsLabelName: NameRule = (name, prefix) => dnsLabelErrors(prefix ? withoutTrailingDash(name) : name);
export const dnsSubdomainName: NameRule = (name, prefix) =>
  dnsSubdomainErrors(prefix ? withoutTrailingDash(name) : name);
export const pathSegmentName: NameRule = (name, prefix) =>
  prefix ? pathSegmentPrefixErrors(name) : pathSegmentErrors(name);

const ANNOTATIONS_LIMIT = 256 * 1024;

/**
 * What is wrong with the metadata of a new object, after its name was generated and its namespace taken from the URL.
 * Each cause stands once: how often the real server repeats one is not reproduced.
 */
export function validateMetaCreate(draft: Readonly<Draft>, rule: NameRule): FieldError[] {
  return validateNewMeta(draft.metadata, rule, 'metadata');
}

/** As {@link validateMetaCreate}, for metadata that stands at `path`. */
export function validateNewMeta(metadata: Readonly<DraftMap>, rule: NameRule, path: string): FieldError[] {
  const generateName = textAt(metadata, 'generateName');
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  return [
    ...(generateName === '' ? [] : rule(generateName, true)).map((text) =>
      invalid(`${path}.generateName`, generateName, text),
    ),
    ...(name === ''
      ? [required(`${path}.name`, 'name or generateName is required')]
      : nameErrors(name, rule, `${path}.name`)),
    ...(namespace === '' ? [] : dnsLabelErrors(namespace)).map((text) => invalid(`${path}.namespace`, namespace, text)),
    ...generationErrors(metadata, `${path}.generation`),
    ...validateCommon(metadata, path),
    ...validateFinalizers(listAt(metadata, 'finalizers'), `${path}.finalizers`),
  ];
}

/**
 * What is wrong with the metadata of an object that replaces `old`: identity and times as they were, no finalizer added
 * while it is being deleted. The registry has restored what clients may not change before.
 */
export function validateMetaUpdate(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const { metadata } = draft;
  const errors: FieldError[] = [];
  if (old.metadata['deletionTimestamp'] !== undefined) {
    const known = new Set(listAt(old.metadata, 'finalizers'));
    const added = listAt(metadata, 'finalizers').filter((one) => !known.has(one));
    if (added.length > 0) errors.push(newFinalizers(added));
  }
  if (textAt(metadata, 'resourceVersion') === '') {
    errors.push(invalid('metadata.resourceVersion', '', 'must be specified for an update'));
  }
  const generation = numberAt(metadata, 'generation') ?? 0;
  if (generation < (numberAt(old.metadata, 'generation') ?? 0)) {
    errors.push(invalid('metadata.generation', generation, 'must not be decremented'));
  }
  for (const field of IMMUTABLE) {
    if (!equal(metadata[field], old.metadata[field])) {
      errors.push(invalid(`metadata.${field}`, metadata[field] ?? null, 'field is immutable'));
    }
  }
  return [
    ...errors,
    ...validateCommon(metadata, 'metadata'),
    ...validateFinalizers(listAt(metadata, 'finalizers'), 'metadata.finalizers'),
  ];
}

function generationErrors(metadata: Readonly<DraftMap>, field: string): FieldError[] {
  const generation = numberAt(metadata, 'generation') ?? 0;
  return generation < 0 ? [invalid(field, generation, 'must be greater than or equal to 0')] : [];
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

function nameErrors(name: string, rule: NameRule, field: string): FieldError[] {
  const ofKind = rule(name, false);
  // The rule of the kind speaks first; what stands in a URL is asked of every name.
  const texts = ofKind.length > 0 ? ofKind : pathSegmentErrors(name);
  return texts.map((text) => invalid(field, name, text));
}

function validateCommon(metadata: Readonly<DraftMap>, path: string): FieldError[] {
  return [
    ...validateLabels(metadata['labels'], `${path}.labels`),
    ...validateAnnotations(mapAt(metadata, 'annotations') ?? {}, `${path}.annotations`),
    ...validateOwners(mapsAt(metadata, 'ownerReferences'), `${path}.ownerReferences`),
    ...validateManagedFields(mapsAt(metadata, 'managedFields'), `${path}.managedFields`),
  ];
}

export function validateAnnotations(annotations: DraftMap, field: string): FieldError[] {
  const errors = Object.keys(annotations).flatMap((key) =>
    qualifiedNameErrors(key.toLowerCase()).map((text) => invalid(field, key, text)),
  );
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + byteLength(key) + byteLength(String(value)),
    0,
  );
  return size > ANNOTATIONS_LIMIT ? [...errors, tooLong(field, ANNOTATIONS_LIMIT)] : errors;
}

function validateOwners(owners: readonly DraftMap[], field: string): FieldError[] {
  const errors = owners.flatMap((owner, index) => validateOwner(owner, `${field}[${String(index)}]`));
  const controllers = owners.filter((owner) => owner['controller'] === true).map(kindSlashName);
  for (const second of controllers.slice(1)) {
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0] ?? ''} and ${second}`;
    errors.push(invalid(field, owners.map(ownerShown), detail));
  }
  return errors;
}

function validateOwner(owner: DraftMap, field: string): FieldError[] {
  const apiVersion = textAt(owner, 'apiVersion');
  const parts = apiVersion.split('/');
  const errors: FieldError[] = [];
  if (apiVersion === '') errors.push(required(`${field}.apiVersion`, 'must not be empty'));
  else if (parts.length > 2 || parts.at(-1) === '') {
    errors.push(invalid(`${field}.apiVersion`, apiVersion, 'must be <group>/<version> or <version>'));
  }
  for (const name of ['kind', 'name', 'uid'] as const) {
    if (textAt(owner, name) === '') errors.push(required(`${field}.${name}`, 'must not be empty'));
  }
  if (apiVersion === 'v1' && owner['kind'] === 'Event') {
    errors.push(invalid(field, ownerShown(owner), '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** An owner as the server's messages show it: all four fields, in its order. */
function ownerShown(owner: DraftMap): DraftMap {
  const { controller, blockOwnerDeletion } = owner;
  return {
    apiVersion: textAt(owner, 'apiVersion'),
    kind: textAt(owner, 'kind'),
    name: textAt(owner, 'name'),
    uid: textAt(owner, 'uid'),
    ...(controller !== undefined && { controller }),
    ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
  };
}

function kindSlashName(owner: DraftMap): string {
  return `${textAt(owner, 'kind')}/${textAt(owner, 'name')}`;
}

function validateFinalizers(finalizers: readonly unknown[], field: string): FieldError[] {
  const errors = finalizers.flatMap((one) => qualifiedNameErrors(String(one)).map((text) => invalid(field, one, text)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

function newFinalizers(added: readonly unknown[]): FieldError {
  const listed = added
    .map((one) => JSON.stringify(one))
    .toSorted()
    .join(', ');
  return forbidden(
    'metadata.finalizers',
    `no new finalizers can be added if the object is being deleted, found new finalizers []string{${listed}}`,
  );
}

function validateManagedFields(entries: readonly DraftMap[], path: string): FieldError[] {
  return entries.flatMap((entry, index) => {
    const field = `${path}[${String(index)}]`;
    const operation = textAt(entry, 'operation');
    const errors: FieldError[] = [];
    if (operation === '') errors.push(required(`${field}.operation`, 'must not be empty'));
    else if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(notSupported(`${field}.operation`, operation, ['Apply', 'Update']));
    }
    const type = textAt(entry, 'fieldsType');
    if (type !== '' && type !== 'FieldsV1') errors.push(invalid(`${field}.fieldsType`, type, 'must be `FieldsV1`'));
    if (byteLength(textAt(entry, 'manager')) > 128) errors.push(tooLong(`${field}.manager`, 128));
    if (byteLength(textAt(entry, 'subresource')) > 256) errors.push(tooLong(`${field}.subresource`, 256));
    return errors;
  });
}

function withoutTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}
