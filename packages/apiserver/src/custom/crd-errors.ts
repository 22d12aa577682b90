import { isMap, listAt, mapAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooMany } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { dns1035LabelErrors, dnsSubdomainErrors } from '../kinds/meta/formats.ts';
import { readCrdSpec, schemaOf } from './crd-spec.ts';
import type { CrdParts, CrdVersion } from './crd-spec.ts';
import { schemaErrors } from './crd-schema-errors.ts';
import { textsAt } from './custom-resource.ts';
import { defaultErrors } from './default-errors.ts';
import type { ObjectMetaRules } from './embedded.ts';
import { fieldAt } from './field-path.ts';
import { deepEqual } from './go-values.ts';
import { internalSchema, internalVersions, SCHEMA_FIELDS } from './internal-form.ts';
import { allSchemas, says } from './raw-schema.ts';
import { isReadable, structuralErrors } from './structural-errors.ts';
import { compileSchema } from './structural.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;
const WITH_STATUS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';

/** Everything that is wrong with the spec of a CustomResourceDefinition. */
export function crdSpecErrors(crd: Readonly<DraftMap>, rules: ObjectMetaRules): readonly FieldError[] {
  const { spec, versions, shared } = readCrdSpec(crd);
  const errors: FieldError[] = [...groupErrors(textAt(spec, 'group')), ...scopeErrors(textAt(spec, 'scope'))];
  if (schemaOf(shared.validation) === undefined) {
    for (const [index, version] of versions.entries()) {
      if (schemaOf(version.validation) !== undefined) continue;
      errors.push(required(`spec.versions[${String(index)}].schema.openAPIV3Schema`));
    }
  }
  for (const [index, version] of versions.entries()) {
    errors.push(...versionErrors(version, shared, versions, `spec.versions[${String(index)}]`, rules));
  }
  const names = versions.map(({ name }) => name);
  if (new Set(names).size !== names.length) {
    errors.push(invalid('spec.versions', internalVersions(versions), 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    const shown = Array.isArray(spec['versions']) ? internalVersions(versions) : null;
    errors.push(invalid('spec.versions', shown, why));
  }
  const first = versions[0]?.name ?? '';
  if (first !== '') errors.push(...labelErrors(first, 'spec.version'));
  errors.push(
    ...nameErrors(mapAt(spec, 'names') ?? {}),
    ...validationErrors(shared.validation, hasStatus(shared) || versions.some(hasStatus), 'spec.validation', rules),
    ...subresourceErrors(shared.subresources, 'spec.subresources'),
    ...columnErrors(shared.columns, 'spec.additionalPrinterColumns'),
    ...sharedSelectableErrors(shared),
    ...conversionErrors(mapAt(spec, 'conversion')),
  );
  if (spec['preserveUnknownFields'] === true) errors.push(...preserveErrors(crd));
  return errors;
}

/** `spec.preserveUnknownFields: true` is of the first version of the API, with what it meant for schemas. */
function preserveErrors(crd: Readonly<DraftMap>): readonly FieldError[] {
  const { versions, shared } = readCrdSpec(crd);
  const schemas = [shared, ...versions].map((part) => schemaOf(part.validation)).filter(isMap);
  const defaults = schemas.some((schema) => [...allSchemas(schema)].some((one) => (one['default'] ?? null) !== null));
  const why = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [
    ...(defaults
      ? [invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')]
      : []),
    invalid('spec.preserveUnknownFields', true, why),
  ];
}

/** `metadata.name` is the plural and the group. */
export function crdNameErrors(crd: Readonly<DraftMap>): readonly FieldError[] {
  const name = textAt(mapAt(crd, 'metadata'), 'name');
  const spec = mapAt(crd, 'spec');
  const needed = `${textAt(mapAt(spec, 'names'), 'plural')}.${textAt(spec, 'group')}`;
  return name === '' || name === needed
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

/** What may not change: the identity, always; scope and kind, once objects may exist. */
export function crdImmutableErrors(
  crd: Readonly<DraftMap>,
  old: Readonly<DraftMap>,
  established: boolean,
): readonly FieldError[] {
  const paths = [
    ...(established ? ([['scope'], ['names', 'kind']] as const) : []),
    ['group'] as const,
    ['names', 'plural'] as const,
  ];
  return paths.flatMap((path) => {
    const [now, before] = [crd, old].map((one) => {
      const parent = path.length === 2 ? mapAt(mapAt(one, 'spec'), path[0]) : mapAt(one, 'spec');
      return textAt(parent, path.at(-1) ?? '');
    });
    return now === before ? [] : [invalid(`spec.${path.join('.')}`, now, 'field is immutable')];
  });
}

export function storedVersionErrors(crd: Readonly<DraftMap>): readonly FieldError[] {
  const stored = textsAt(mapAt(crd, 'status'), 'storedVersions');
  const path = 'status.storedVersions';
  if (stored.length === 0) return [invalid(path, null, 'must have at least one stored version')];
  const { versions } = readCrdSpec(crd);
  const names = versions.map(({ name }) => name);
  return [
    // A second version of the same name is looked for in vain, as on the real server.
    ...versions
      .filter(({ name, storage }, index) => storage && (!stored.includes(name) || names.indexOf(name) !== index))
      .map(({ name }) => invalid(path, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) => {
      if (names.includes(name) || stored.lastIndexOf(name) !== index) return [];
      const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      return [invalid(`${path}[${String(index)}]`, name, why)];
    }),
  ];
}

function groupErrors(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const errors = dnsSubdomainErrors(group);
  if (errors.length > 0) return [invalid('spec.group', group, errors.join(','))];
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string): readonly FieldError[] {
  if (scope === '') return [required('spec.scope')];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

function versionErrors(
  version: CrdVersion,
  shared: CrdParts,
  versions: readonly CrdVersion[],
  path: string,
  rules: ObjectMetaRules,
): readonly FieldError[] {
  const own = versions.some(({ subresources }) => subresources !== undefined);
  return [
    ...labelErrors(version.name, `${path}.name`),
    ...deprecationErrors(version.source, `${path}.deprecationWarning`),
    ...validationErrors(version.validation, hasStatus(own ? version : shared), `${path}.schema`, rules),
    ...subresourceErrors(version.subresources, `${path}.subresources`),
    ...columnErrors(version.columns, `${path}.additionalPrinterColumns`),
    ...(version.selectableFields.length === 0 ? [] : versionSelectableErrors(version, path)),
  ];
}

function hasStatus({ subresources }: CrdParts): boolean {
  return isMap(subresources?.['status']);
}

function deprecationErrors(version: DraftMap, path: string): readonly FieldError[] {
  const warning = version['deprecationWarning'];
  if (typeof warning !== 'string') return [];
  if (version['deprecated'] !== true) return [invalid(path, warning, 'can only be set for deprecated versions')];
  const errors: string[] = [];
  if (Buffer.byteLength(warning) > 256) errors.push('must be <= 256 characters long');
  if (warning === '') errors.push('must not be an empty string');
  const odd = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
  if (odd !== null) {
    const at = Buffer.byteLength(warning.slice(0, odd.index));
    errors.push(`must only contain printable UTF-8 characters; non-printable character found at index ${String(at)}`);
  }
  return errors.map((error) => invalid(path, warning, error));
}

function validationErrors(
  validation: DraftMap | undefined,
  status: boolean,
  path: string,
  rules: ObjectMetaRules,
): readonly FieldError[] {
  const schema = schemaOf(validation);
  if (schema === undefined) return [];
  const at = `${path}.openAPIV3Schema`;
  const errors: FieldError[] = status ? [...statusRootErrors(schema, at)] : [];
  if (schema['nullable'] === true) errors.push(forbidden(`${at}.nullable`, 'nullable cannot be true at the root'));
  if (isReadable(schema)) {
    const structural = structuralErrors(schema, at);
    errors.push(...(structural.length > 0 ? structural : defaultErrors(compileSchema(schema, 'defaults'), at, rules)));
  }
  return [...errors, ...schemaErrors(schema, at)];
}

/** With a status subresource, `status` is validated by its part of the schema alone: the root may say nothing about it. */
function statusRootErrors(schema: DraftMap, path: string): readonly FieldError[] {
  const allowed = WITH_STATUS.split(' ');
  for (const [goName, field] of SCHEMA_FIELDS) {
    const present = isSet(schema, field);
    if (!present) continue;
    if (goName === 'Type' && textAt(schema, 'type') !== 'object') {
      const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalid(`${path}.type`, textAt(schema, 'type'), why)];
    }
    if (!allowed.includes(goName)) {
      const why = `only [${WITH_STATUS}] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalid(path, internalSchema(schema), why)];
    }
  }
  return [];
}

function isSet(schema: DraftMap, field: string): boolean {
  const value = schema[field];
  // Pointers and lists that are there are no zero values, whatever they hold.
  return (
    typeof value === 'number' ||
    Array.isArray(value) ||
    isMap(value) ||
    says(schema, field) ||
    (value === false && field === 'additionalProperties')
  );
}

function subresourceErrors(subresources: DraftMap | undefined, path: string): readonly FieldError[] {
  const scale = mapAt(subresources, 'scale');
  if (scale === undefined) return [];
  const selector = textAt(scale, 'labelSelectorPath');
  return [
    ...scalePathErrors(scale, 'specReplicasPath', path, ['.spec.'], 'under .spec'),
    ...scalePathErrors(scale, 'statusReplicasPath', path, ['.status.'], 'under .status'),
    ...(selector === ''
      ? []
      : scalePathErrors(scale, 'labelSelectorPath', path, ['.spec.', '.status.'], 'under either .spec or .status')),
  ];
}

function scalePathErrors(
  scale: DraftMap,
  name: string,
  path: string,
  starts: readonly string[],
  where: string,
): readonly FieldError[] {
  const value = textAt(scale, name);
  const at = `${path}.scale.${name}`;
  if (value === '') return [required(at)];
  const errors = jsonPathErrors(value, at);
  if (errors.length > 0) return errors;
  return starts.some((start) => value.startsWith(start)) ? [] : [invalid(at, value, `should be a json path ${where}`)];
}

function jsonPathErrors(path: string, at: string): readonly FieldError[] {
  return path.startsWith('.') ? [] : [invalid(at, path, 'must be a simple json path starting with .')];
}

function columnErrors(columns: readonly DraftMap[], path: string): readonly FieldError[] {
  return columns.flatMap((column, index) => {
    const at = `${path}[${String(index)}]`;
    const [type, format, jsonPath] = [textAt(column, 'type'), textAt(column, 'format'), textAt(column, 'jsonPath')];
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    const errors: FieldError[] = textAt(column, 'name') === '' ? [required(`${at}.name`)] : [];
    if (type === '') errors.push(required(`${at}.type`, types));
    else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${at}.type`, type, types));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      errors.push(invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    return [
      ...errors,
      ...(jsonPath === '' ? [required(`${at}.JSONPath`)] : jsonPathErrors(jsonPath, `${at}.JSONPath`)),
    ];
  });
}

function versionSelectableErrors(version: CrdVersion, path: string): readonly FieldError[] {
  const schema = schemaOf(version.validation);
  const at = `${path}.selectableFields`;
  if (schema !== undefined) return selectableErrors(version.selectableFields, schema, at);
  return [invalid(at, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
}

function sharedSelectableErrors(shared: CrdParts): readonly FieldError[] {
  if (shared.selectableFields.length === 0) return [];
  const at = 'spec.selectableFields';
  const schema = schemaOf(shared.validation);
  if (schema !== undefined) return selectableErrors(shared.selectableFields, schema, at);
  return [invalid(at, '', 'may only be set when validations.schema is included')];
}

function selectableErrors(fields: readonly DraftMap[], schema: DraftMap, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, field] of fields.entries()) {
    const at = `${path}[${String(index)}].jsonPath`;
    const jsonPath = textAt(field, 'jsonPath');
    if (jsonPath === '') {
      errors.push(required(at));
      continue;
    }
    const found = fieldAt(jsonPath, schema, { brackets: false });
    if ('error' in found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found.error}`));
      continue;
    }
    if (found.names[0] === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(textAt(found.schema, 'type'))) {
      const why =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(at, jsonPath, why));
    }
    const name = found.names.join('.');
    if (seen.has(name)) errors.push(duplicate(at, jsonPath));
    seen.add(name);
  }
  return seen.size > MAX_SELECTABLE_FIELDS ? [...errors, tooMany(path, seen.size, MAX_SELECTABLE_FIELDS)] : errors;
}

function nameErrors(names: DraftMap): readonly FieldError[] {
  const absent = ['plural', 'singular', 'kind', 'listKind'].filter((field) => textAt(names, field) === '');
  return [...absent.map((field) => required(`spec.names.${field}`)), ...acceptedNameErrors(names, 'spec.names')];
}

/** Names that are there and are none. */
export function acceptedNameErrors(names: DraftMap, path: string): readonly FieldError[] {
  const [kind, listKind] = [textAt(names, 'kind'), textAt(names, 'listKind')];
  const plain = ['plural', 'singular'].flatMap((field) =>
    textAt(names, field) === '' ? [] : labelErrors(textAt(names, field), `${path}.${field}`),
  );
  const kinds = ['kind', 'listKind'].flatMap((field) => {
    const value = textAt(names, field);
    const errors = value === '' ? [] : dns1035LabelErrors(value.toLowerCase());
    const why = `may have mixed case, but should otherwise match: ${errors.join(',')}`;
    return errors.length === 0 ? [] : [invalid(`${path}.${field}`, value, why)];
  });
  const each = (field: string): readonly FieldError[] =>
    textsAt(names, field).flatMap((name, index) => labelErrors(name, `${path}.${field}[${String(index)}]`));
  return [
    ...plain,
    ...kinds,
    ...each('shortNames'),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...each('categories'),
  ];
}

function labelErrors(name: string, path: string): readonly FieldError[] {
  const errors = dns1035LabelErrors(name);
  return errors.length === 0 ? [] : [invalid(path, name, errors.join(','))];
}

/** Only `None` is implemented: a CRD that needs a webhook is refused rather than served wrongly. */
function conversionErrors(conversion: DraftMap | undefined): readonly FieldError[] {
  if (conversion === undefined) return [];
  const strategy = textAt(conversion, 'strategy');
  const path = 'spec.conversion';
  const webhook = mapAt(conversion, 'webhook');
  if (strategy === 'Webhook') {
    return [forbidden(`${path}.strategy`, 'conversion by webhook is not implemented by this server')];
  }
  const unused = 'should not be set when strategy is not set to Webhook';
  return [
    ...(strategy === '' ? [required(`${path}.strategy`)] : []),
    ...(strategy !== '' && strategy !== 'None'
      ? [notSupported(`${path}.strategy`, strategy, ['None', 'Webhook'])]
      : []),
    ...(mapAt(webhook, 'clientConfig') === undefined ? [] : [forbidden(`${path}.webhookClientConfig`, unused)]),
    ...(listAt(webhook, 'conversionReviewVersions').length === 0
      ? []
      : [forbidden(`${path}.conversionReviewVersions`, unused)]),
  ];
}

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_RULE = `protected groups must have approval annotation "${APPROVAL}"`;
const APPROVAL_LINK = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups of Kubernetes itself need an annotation that says who approved them, or that nobody did. */
export function approvalErrors(crd: Readonly<DraftMap>, old: Readonly<DraftMap> | undefined): readonly FieldError[] {
  const group = textAt(mapAt(crd, 'spec'), 'group');
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return [];
  const verdict = approval(crd);
  if (old !== undefined && deepEqual(approval(old).state, verdict.state)) return [];
  const path = `metadata.annotations[${APPROVAL}]`;
  if (verdict.state === 'missing') return [required(path, `${APPROVAL_RULE}, ${APPROVAL_LINK}`)];
  if (verdict.state !== 'invalid') return [];
  const why = `${APPROVAL_RULE} with either a URL or a reason starting with "unapproved", ${APPROVAL_LINK}`;
  return [invalid(path, verdict.annotation, why)];
}

function approval(crd: Readonly<DraftMap>): {
  readonly state: 'missing' | 'bypassed' | 'approved' | 'invalid';
  readonly annotation: string;
} {
  const annotation = textAt(mapAt(mapAt(crd, 'metadata'), 'annotations'), APPROVAL);
  if (annotation === '') return { state: 'missing', annotation };
  if (annotation.startsWith('unapproved')) return { state: 'bypassed', annotation };
  return { state: /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]/.test(annotation) ? 'approved' : 'invalid', annotation };
}
