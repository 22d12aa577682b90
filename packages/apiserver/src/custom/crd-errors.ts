import { isMap, listAt, mapAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { groupErrors, labelErrors, nameErrors } from './crd-name-errors.ts';
import { columnErrors, sharedSelectableErrors, subresourceErrors, versionSelectableErrors } from './crd-part-errors.ts';
import { readCrdSpec, schemaOf } from './crd-spec.ts';
import type { CrdParts, CrdVersion } from './crd-spec.ts';
import { validationErrors } from './crd-validation-errors.ts';
import { textsAt } from './custom-resource.ts';
import type { ObjectMetaRules } from './embedded.ts';
import { internalVersions } from './internal-form.ts';
import { allSchemas } from './raw-schema.ts';

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

/** Versions that objects may be stored in stay, and the one that they are stored in is among them. */
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
