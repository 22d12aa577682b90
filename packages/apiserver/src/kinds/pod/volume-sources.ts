import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, required, tooLong } from '../../field-error.ts';
import { byteLength } from '../meta/formats.ts';
import { validateAnnotations } from '../meta/object-meta.ts';
import { validateLabels } from '../meta/label-selector.ts';
import { isNegative } from './resource-list.ts';
import { dnsSubdomain, eachOf, oneOf, requiredOneOf, requiredText } from './rules.ts';
import {
  needsSecretName,
  validateAzureDisk,
  validateFc,
  validateFlex,
  validateFlocker,
  validateIscsi,
  validateQuobyte,
  validateStorageOs,
} from './vendor-volumes.ts';
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

function validateFiles(source: DraftMap, field: string): FieldError[] {
  return [...validateFileMode(source, 'defaultMode', field), ...eachOf(source, 'items', field, validateKeyToPath)];
}

function validateEmptyDir(source: DraftMap, field: string): FieldError[] {
  const limit = source['sizeLimit'];
  return limit !== undefined && isNegative(limit)
    ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : [];
}

export const HOST_PATH_TYPES: readonly string[] = [
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
