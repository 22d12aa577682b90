import type { DraftMap } from '../../draft.ts';
import { isMap, listAt, mapAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, notSupported, required } from '../../field-error.ts';
import { byteLength } from '../meta/formats.ts';
import { dnsLabel, inRange, oneOf, requiredText } from './rules.ts';

// Kinds of volumes that came with Kubernetes before CSI, and that one maker's storage or one protocol serves.

/** The Secret that a volume may refer to has a name. */
export function needsSecretName(source: DraftMap, field: string): FieldError[] {
  const secret = mapAt(source, 'secretRef');
  return secret === undefined ? [] : requiredText(secret, 'name', `${field}.secretRef`);
}

const IQN = /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/;
const EUI = /^eui.[A-Za-z0-9]{16}$/;
const NAA = /^naa.[A-Za-z0-9]{32}$/;

export function validateIscsi(source: DraftMap, field: string): FieldError[] {
  const iqn = textAt(source, 'iqn');
  const initiator = source['initiatorName'];
  const chap = source['chapAuthDiscovery'] === true || source['chapAuthSession'] === true;
  return [
    ...requiredText(source, 'targetPortal', field),
    ...(iqn === '' ? [required(`${field}.iqn`)] : validateIqn(iqn, `${field}.iqn`)),
    ...inRange(source, 'lun', field, 0, 255),
    ...(chap && !isMap(source['secretRef']) ? [required(`${field}.secretRef`)] : []),
    ...(typeof initiator === 'string' ? validateIqn(initiator, `${field}.initiatorname`) : []),
  ];
}

function validateIqn(name: string, field: string): FieldError[] {
  const format = { iqn: IQN, eui: EUI, naa: NAA }[name.slice(0, 3)];
  if (format === undefined) return [invalid(field, name, 'must be valid format starting with iqn, eui, or naa')];
  return format.test(name) ? [] : [invalid(field, name, 'must be valid format')];
}

export function validateFlocker(source: DraftMap, field: string): FieldError[] {
  const name = textAt(source, 'datasetName');
  const uuid = textAt(source, 'datasetUUID');
  const errors: FieldError[] = [];
  if (name === '' && uuid === '') errors.push(required(field, 'one of datasetName and datasetUUID is required'));
  if (name !== '' && uuid !== '') {
    errors.push(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  }
  if (name.includes('/')) errors.push(invalid(`${field}.datasetName`, name, "must not contain '/'"));
  return errors;
}

export function validateQuobyte(source: DraftMap, field: string): FieldError[] {
  const registry = textAt(source, 'registry');
  const text = 'must be a host:port pair or multiple pairs separated by commas';
  const errors: FieldError[] = [];
  if (registry === '') errors.push(required(`${field}.registry`, text));
  else if (byteLength(textAt(source, 'tenant')) >= 65) {
    errors.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  } else {
    const wrong = registry.split(',').filter((pair) => !/^([^:[\]]*|\[[^[\]]*\]):[^:]*$/.test(pair));
    errors.push(...wrong.map(() => invalid(`${field}.registry`, registry, text)));
  }
  return [...errors, ...requiredText(source, 'volume', field)];
}

export function validateFc(source: DraftMap, field: string): FieldError[] {
  const targets = listAt(source, 'targetWWNs');
  const ids = listAt(source, 'wwids');
  const errors: FieldError[] = [];
  if (targets.length === 0 && ids.length === 0) {
    errors.push(required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  }
  if (targets.length > 0 && ids.length > 0) {
    const text = 'targetWWNs and wwids can not be specified simultaneously';
    errors.push(invalid(`${field}.targetWWNs`, targets, text));
  }
  if (targets.length === 0) return errors;
  return numberAt(source, 'lun') === undefined
    ? [...errors, required(`${field}.lun`, 'lun is required if targetWWNs is specified')]
    : [...errors, ...inRange(source, 'lun', field, 0, 255)];
}

export function validateFlex(source: DraftMap, field: string): FieldError[] {
  const reserved = Object.keys(mapAt(source, 'options') ?? {}).filter((key) =>
    /\.(kubernetes|k8s)\.io$/.test(`.${(key.split('/')[0] ?? '').toLowerCase()}`),
  );
  return [
    ...requiredText(source, 'driver', field),
    ...reserved.map((key) =>
      invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'),
    ),
  ];
}

const MANAGED_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function validateAzureDisk(source: DraftMap, field: string): FieldError[] {
  const uri = textAt(source, 'diskURI');
  const managed = source['kind'] === 'Managed';
  const errors = [
    ...requiredText(source, 'diskName', field),
    ...requiredText(source, 'diskURI', field),
    ...oneOf(source, 'cachingMode', field, ['None', 'ReadOnly', 'ReadWrite']),
    ...oneOf(source, 'kind', field, ['Dedicated', 'Managed', 'Shared']),
  ];
  return uri.startsWith(managed ? '/subscriptions/' : 'https://')
    ? errors
    : [...errors, notSupported(`${field}.diskURI`, uri, [managed ? MANAGED_DISK : BLOB_DISK])];
}

export function validateStorageOs(source: DraftMap, field: string): FieldError[] {
  const name = textAt(source, 'volumeName');
  const namespace = textAt(source, 'volumeNamespace');
  return [
    ...(name === '' ? [required(`${field}.volumeName`)] : dnsLabel(name, `${field}.volumeName`)),
    ...(namespace === '' ? [] : dnsLabel(namespace, `${field}.volumeNamespace`)),
    ...needsSecretName(source, field),
  ];
}
