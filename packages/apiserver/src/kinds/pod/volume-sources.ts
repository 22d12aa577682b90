import type { DraftMap } from '../../draft.ts';
import { isMap, listAt, mapAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported, required, tooLong } from '../../field-error.ts';
import { byteLength } from '../meta/formats.ts';
import { validateAnnotations } from '../meta/object-meta.ts';
import { validateLabels } from '../meta/label-selector.ts';
import { isNegative } from './resource-list.ts';
import { dnsLabel, dnsSubdomain, eachOf, inRange, oneOf, requiredOneOf, requiredText } from './rules.ts';
import { validateClaimSpec } from './validate-claim-spec.ts';
import { validateNoBacksteps, validateRelativePath } from './validate-path.ts';
import { validateFileMode, validateFileOfPod, validateKeyToPath, validateProjected } from './validate-projected.ts';

type Check = (source: DraftMap, field: string) => FieldError[];

/** One kind of volume. */
export interface VolumeSource {
  readonly name: string;
  readonly check: Check;
  /** Where its own errors stand, where the server says it differently. */
  readonly field?: string;
  /** Where the error stands that there is another source already. */
  readonly taken?: string;
}

/** Every kind of volume, in the order in which the server looks for them. */
export const VOLUME_SOURCES: readonly VolumeSource[] = [
  { name: 'emptyDir', check: validateEmptyDir },
  { name: 'hostPath', check: validateHostPath },
  {
    name: 'gitRepo',
    check: (source, field) => [
      ...requiredText(source, 'repository', field),
      ...validateRelativePath(textAt(source, 'directory'), `${field}.directory`),
    ],
  },
  {
    name: 'gcePersistentDisk',
    field: 'persistentDisk',
    check: (source, field) => validateDisk(source, 'pdName', field),
  },
  { name: 'awsElasticBlockStore', check: (source, field) => validateDisk(source, 'volumeID', field) },
  {
    name: 'secret',
    check: (source, field) => [...requiredText(source, 'secretName', field), ...validateFiles(source, field)],
  },
  { name: 'nfs', check: validateNfs },
  { name: 'iscsi', check: validateIscsi },
  { name: 'glusterfs', check: needs('endpoints', 'path') },
  { name: 'flocker', check: validateFlocker },
  { name: 'persistentVolumeClaim', check: needs('claimName') },
  {
    name: 'rbd',
    check: (source, field) => [...needsMonitors(source, field), ...requiredText(source, 'image', field)],
  },
  {
    name: 'cinder',
    check: (source, field) => [...requiredText(source, 'volumeID', field), ...needsSecretName(source, field)],
  },
  { name: 'cephfs', taken: 'cephFS', check: needsMonitors },
  { name: 'quobyte', check: validateQuobyte },
  {
    name: 'downwardAPI',
    taken: 'downwarAPI',
    check: (source, field) => [
      ...validateFileMode(source, 'defaultMode', field),
      ...eachOf(source, 'items', field, (file) => validateFileOfPod(file, field)),
    ],
  },
  { name: 'fc', check: validateFc },
  { name: 'flexVolume', check: validateFlex },
  {
    name: 'configMap',
    check: (source, field) => [...requiredText(source, 'name', field), ...validateFiles(source, field)],
  },
  { name: 'azureFile', check: needs('secretName', 'shareName') },
  { name: 'vsphereVolume', check: needs('volumePath') },
  { name: 'photonPersistentDisk', check: needs('pdID') },
  { name: 'portworxVolume', check: needs('volumeID') },
  { name: 'azureDisk', check: validateAzureDisk },
  { name: 'storageos', check: validateStorageOs },
  { name: 'projected', check: validateProjected },
  { name: 'scaleIO', check: needs('gateway', 'system', 'volumeName') },
  { name: 'csi', check: validateCsi },
  { name: 'ephemeral', check: validateEphemeral },
  {
    name: 'image',
    check: (source, field) => [
      ...requiredText(source, 'reference', field),
      ...requiredOneOf(source, 'pullPolicy', field, ['Always', 'IfNotPresent', 'Never']),
    ],
  },
];

function needs(...names: readonly string[]): Check {
  return (source, field) => names.flatMap((name) => requiredText(source, name, field));
}

function needsMonitors(source: DraftMap, field: string): FieldError[] {
  return listAt(source, 'monitors').length === 0 ? [required(`${field}.monitors`)] : [];
}

function needsSecretName(source: DraftMap, field: string): FieldError[] {
  const secret = mapAt(source, 'secretRef');
  return secret === undefined ? [] : requiredText(secret, 'name', `${field}.secretRef`);
}

function validateFiles(source: DraftMap, field: string): FieldError[] {
  return [...validateFileMode(source, 'defaultMode', field), ...eachOf(source, 'items', field, validateKeyToPath)];
}

function validateEmptyDir(source: DraftMap, field: string): FieldError[] {
  const limit = source['sizeLimit'];
  return limit !== undefined && isNegative(limit)
    ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : [];
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function validateHostPath(source: DraftMap, field: string): FieldError[] {
  const path = textAt(source, 'path');
  if (path === '') return [required(`${field}.path`)];
  return [...validateNoBacksteps(path, `${field}.path`), ...oneOf(source, 'type', field, HOST_PATH_TYPES)];
}

function validateDisk(source: DraftMap, name: string, field: string): FieldError[] {
  const partition = numberAt(source, 'partition') ?? 0;
  const errors = requiredText(source, name, field);
  // 0 stands for the whole disk, though the text starts at 1.
  return partition >= 0 && partition <= 255
    ? errors
    : [...errors, invalid(`${field}.partition`, partition, 'must be between 1 and 255, inclusive')];
}

function validateNfs(source: DraftMap, field: string): FieldError[] {
  const path = textAt(source, 'path');
  const errors = [...requiredText(source, 'server', field), ...requiredText(source, 'path', field)];
  return path.startsWith('/') ? errors : [...errors, invalid(`${field}.path`, path, 'must be an absolute path')];
}

const IQN = /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/;
const EUI = /^eui.[A-Za-z0-9]{16}$/;
const NAA = /^naa.[A-Za-z0-9]{32}$/;

function validateIscsi(source: DraftMap, field: string): FieldError[] {
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

function validateFlocker(source: DraftMap, field: string): FieldError[] {
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

function validateQuobyte(source: DraftMap, field: string): FieldError[] {
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

function validateFc(source: DraftMap, field: string): FieldError[] {
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

function validateFlex(source: DraftMap, field: string): FieldError[] {
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

function validateAzureDisk(source: DraftMap, field: string): FieldError[] {
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

function validateStorageOs(source: DraftMap, field: string): FieldError[] {
  const name = textAt(source, 'volumeName');
  const namespace = textAt(source, 'volumeNamespace');
  return [
    ...(name === '' ? [required(`${field}.volumeName`)] : dnsLabel(name, `${field}.volumeName`)),
    ...(namespace === '' ? [] : dnsLabel(namespace, `${field}.volumeNamespace`)),
    ...needsSecretName(source, field),
  ];
}

function validateCsi(source: DraftMap, field: string): FieldError[] {
  const driver = textAt(source, 'driver');
  const secret = mapAt(source, 'nodePublishSecretRef');
  const errors: FieldError[] = [];
  if (driver === '') errors.push(required(`${field}.driver`));
  else {
    if (byteLength(driver) > 63) errors.push(tooLong(`${field}.driver`, 63));
    const found = dnsSubdomain(driver.toLowerCase(), `${field}.driver`);
    errors.push(...found.map((error) => ({ ...error, value: driver })));
  }
  if (secret === undefined) return errors;
  const name = textAt(secret, 'name');
  return name === ''
    ? [...errors, required(`${field}.nodePublishSecretRef.name`)]
    : [...errors, ...dnsSubdomain(name, `${field}.name`)];
}

function validateEphemeral(source: DraftMap, field: string): FieldError[] {
  const template = mapAt(source, 'volumeClaimTemplate');
  const at = `${field}.volumeClaimTemplate`;
  if (template === undefined) return [required(at)];
  const meta = mapAt(template, 'metadata') ?? {};
  const others = ['name', 'generateName', 'namespace', 'ownerReferences', 'finalizers'].filter(
    (name) => meta[name] !== undefined,
  );
  return [
    ...validateAnnotations(mapAt(meta, 'annotations') ?? {}, `${at}.metadata.annotations`),
    ...validateLabels(meta['labels'], `${at}.metadata.labels`),
    ...others.map((name) => forbidden(`${at}.metadata.${name}`, 'cannot be set')),
    ...validateClaimSpec(mapAt(template, 'spec') ?? {}, `${at}.spec`),
  ];
}
