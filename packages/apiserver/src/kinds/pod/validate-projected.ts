import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../field-error.ts';
import { dnsSubdomainErrors } from '../meta/formats.ts';
import { validateLabelSelector } from '../meta/label-selector.ts';
import { internalValue } from './internal-value.ts';
import { eachOf, item, requiredText } from './rules.ts';
import { FILE_FIELDS, validateFieldRef, validateResourceFieldRef } from './validate-env.ts';
import { validateFilePath } from './validate-path.ts';
import { validateSignerName } from './validate-signer-name.ts';

/** Permissions of a file: 0 to 0777. */
export function validateFileMode(source: DraftMap, name: string, field: string): FieldError[] {
  const mode = numberAt(source, name) ?? 0;
  const text = 'must be a number between 0 and 0777 (octal), both inclusive';
  return mode >= 0 && mode <= 0o777 ? [] : [invalid(`${field}.${name}`, mode, text)];
}

/** One key of a ConfigMap or Secret and the file that it becomes. */
export function validateKeyToPath(key: DraftMap, field: string): FieldError[] {
  return [
    ...requiredText(key, 'key', field),
    ...requiredText(key, 'path', field),
    ...validateFilePath(textAt(key, 'path'), `${field}.path`),
    ...validateFileMode(key, 'mode', field),
  ];
}

/** A field of the Pod and the file that it becomes. The real server names the list here, not the item. */
export function validateFileOfPod(file: DraftMap, field: string): FieldError[] {
  const ofField = mapAt(file, 'fieldRef');
  const ofResource = mapAt(file, 'resourceFieldRef');
  const errors = [...requiredText(file, 'path', field), ...validateFilePath(textAt(file, 'path'), `${field}.path`)];
  if (ofField !== undefined) {
    errors.push(...validateFieldRef(ofField, FILE_FIELDS, `${field}.fieldRef`));
    if (ofResource !== undefined) {
      errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
  } else if (ofResource === undefined) {
    errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
  } else {
    errors.push(...validateResourceFieldRef(ofResource, `${field}.resourceFieldRef`, true));
  }
  return [...errors, ...validateFileMode(file, 'mode', field)];
}

/** One directory made from several sources, each of one kind, whose files do not clash. */
export function validateProjected(volume: DraftMap, field: string): FieldError[] {
  const paths = new Set<string>();
  const clash = (path: string, shown: string = path): FieldError[] => {
    if (path === '') return [];
    if (paths.has(path)) return [invalid(field, shown, 'conflicting duplicate paths')];
    paths.add(path);
    return [];
  };
  const sources = mapsAt(volume, 'sources').flatMap((source, index) => {
    const at = item(`${field}.sources`, index);
    const given = KINDS.filter(({ name }) => mapAt(source, name) !== undefined);
    const errors = given.flatMap(({ name, check }) => check(mapAt(source, name) ?? {}, `${at}.${name}`, clash, field));
    if (given.length < 2) return errors;
    return [...errors, forbidden(at, 'may not specify more than 1 volume type per source')];
  });
  return [...validateFileMode(volume, 'defaultMode', field), ...sources];
}

type Clash = (path: string, shown?: string) => FieldError[];
type Check = (source: DraftMap, field: string, clash: Clash, volumeField: string) => FieldError[];

const KINDS: readonly { readonly name: string; readonly check: Check }[] = [
  { name: 'secret', check: validateKeys },
  { name: 'configMap', check: validateKeys },
  {
    name: 'downwardAPI',
    check: (source, field, clash) =>
      mapsAt(source, 'items').flatMap((file) => [...validateFileOfPod(file, field), ...clash(textAt(file, 'path'))]),
  },
  { name: 'serviceAccountToken', check: validateToken },
  { name: 'clusterTrustBundle', check: validateTrustBundle },
  { name: 'podCertificate', check: validateCertificate },
];

function validateKeys(source: DraftMap, field: string, clash: Clash): FieldError[] {
  const name = textAt(source, 'name');
  return [
    ...requiredText(source, 'name', field),
    ...eachOf(source, 'items', field, (key, at) => [
      ...validateKeyToPath(key, at),
      ...clash(textAt(key, 'path'), name),
    ]),
  ];
}

function validateToken(source: DraftMap, field: string, _clash: Clash, volumeField: string): FieldError[] {
  const at = `${field}.expirationSeconds`;
  const seconds = numberAt(source, 'expirationSeconds');
  const path = textAt(source, 'path');
  const errors: FieldError[] = [];
  if (seconds === undefined) errors.push(required(at));
  else if (seconds < 600) errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
  else if (seconds > 2 ** 32) {
    errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  // The place of the path lacks the source on the real server too.
  return path === ''
    ? [...errors, required(`${volumeField}.path`)]
    : [...errors, ...validateFilePath(path, `${volumeField}.path`)];
}

function validateTrustBundle(source: DraftMap, field: string, clash: Clash): FieldError[] {
  const name = source['name'];
  const signer = source['signerName'];
  const path = textAt(source, 'path');
  const selector = mapAt(source, 'labelSelector');
  const errors: FieldError[] = [];
  if (typeof name === 'string' && typeof signer === 'string') {
    const shown = internalValue('ClusterTrustBundleProjection', source);
    errors.push(invalid(field, shown, 'only one of name and signerName may be used'));
  } else if (typeof name === 'string') {
    if (name === '') errors.push(required(`${field}.name`, 'must be a valid object name'));
    errors.push(...validateBundleName(name, `${field}.name`));
    if (selector !== undefined) {
      const text = 'labelSelector must be unset if name is specified';
      errors.push(invalid(`${field}.labelSelector`, selector, text));
    }
  } else if (typeof signer === 'string') {
    if (signer === '') errors.push(required(`${field}.signerName`, 'must be a valid signer name'));
    errors.push(...validateSignerName(signer, `${field}.signerName`));
    errors.push(...validateLabelSelector(selector, `${field}.labelSelector`));
  } else {
    errors.push(required(field, 'either name or signerName must be specified'));
  }
  return [
    ...errors,
    ...requiredText(source, 'path', field),
    ...validateFilePath(path, `${field}.path`),
    ...clash(path),
  ];
}

function validateBundleName(name: string, field: string): FieldError[] {
  const last = name.slice(name.lastIndexOf(':') + 1);
  return dnsSubdomainErrors(last).map((text) => invalid(field, name, `not a valid clustertrustbundlename: ${text}`));
}

const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const DAY = 24 * 60 * 60;

function validateCertificate(source: DraftMap, field: string, clash: Clash): FieldError[] {
  const signer = textAt(source, 'signerName');
  const keyType = textAt(source, 'keyType');
  const errors = validateSignerName(signer, `${field}.signerName`);
  if (!KEY_TYPES.includes(keyType)) errors.push(notSupported(`${field}.keyType`, keyType, KEY_TYPES));
  const seconds = numberAt(source, 'maxExpirationSeconds');
  if (seconds !== undefined) {
    const max = /^([^/]*\.)?kubernetes\.io\//.test(signer) ? DAY : 91 * DAY;
    const at = `${field}.maxExpirationSeconds`;
    const rule = 'if provided, maxExpirationSeconds must be';
    if (seconds < 3600) errors.push(invalid(at, seconds, `${rule} >= 3600`));
    if (seconds > max) errors.push(invalid(at, seconds, `${rule} <= ${String(max)}`));
  }
  const paths = ['credentialBundlePath', 'keyPath', 'certificateChainPath'].filter(
    (name) => textAt(source, name) !== '',
  );
  errors.push(
    ...paths.flatMap((name) => [
      ...validateFilePath(textAt(source, name), `${field}.${name}`),
      ...clash(textAt(source, name)),
    ]),
  );
  if (paths.length > 0) return errors;
  const text = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath';
  return [...errors, required(field, text)];
}

/** Whether a volume hands out tokens of a service account, and where. */
export function tokenSources(volume: DraftMap, volumeField: string): readonly string[] {
  return listAt(mapAt(volume, 'projected'), 'sources').flatMap((source, index) =>
    typeof source === 'object' && source !== null && 'serviceAccountToken' in source
      ? [`${item(`${volumeField}.projected.sources`, index)}.serviceAccountToken`]
      : [],
  );
}
