import type { DraftMap } from '../draft.ts';
import { mapAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, required, tooLong } from '../field-error.ts';
import { needText, oneOf, within, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { byteLength, dnsLabelErrors, dnsSubdomainErrors } from './meta/formats.ts';
import { goJson } from './pod/go-json.ts';
import { internalValue } from './pod/internal-value.ts';
import { unifiedDiff } from './pod/unified-diff.ts';
import { HOST_PATH_TYPES } from './pod/volume-sources.ts';

/**
 * The kinds of volume, in the order in which the real server looks at them. `hostPath`, `nfs`, `local` and `csi` are
 * looked into; of the others, none of which a cluster of today has, it is only counted that there is one.
 */
const SOURCES: Readonly<Record<string, (source: DraftMap, path: string) => readonly FieldError[]>> = {
  hostPath: hostPathErrors,
  gcePersistentDisk: nothing,
  awsElasticBlockStore: nothing,
  glusterfs: nothing,
  flocker: nothing,
  nfs: nfsErrors,
  rbd: nothing,
  quobyte: nothing,
  cephfs: nothing,
  iscsi: nothing,
  cinder: nothing,
  fc: nothing,
  flexVolume: nothing,
  azureFile: nothing,
  vsphereVolume: nothing,
  photonPersistentDisk: nothing,
  portworxVolume: nothing,
  azureDisk: nothing,
  scaleIO: nothing,
  local: localErrors,
  storageos: nothing,
  csi: csiErrors,
};
/** Go name, JSON name, and for the kinds that are printed as Go does, the type. */
const GO_SOURCES = [
  'GCEPersistentDisk gcePersistentDisk GCEPersistentDiskVolumeSource',
  'AWSElasticBlockStore awsElasticBlockStore AWSElasticBlockStoreVolumeSource',
  'HostPath hostPath HostPathVolumeSource',
  'Glusterfs glusterfs',
  'NFS nfs NFSVolumeSource',
  'RBD rbd',
  'ISCSI iscsi',
  'Cinder cinder',
  'CephFS cephfs',
  'FC fc FCVolumeSource',
  'Flocker flocker FlockerVolumeSource',
  'FlexVolume flexVolume',
  'AzureFile azureFile',
  'VsphereVolume vsphereVolume VsphereVirtualDiskVolumeSource',
  'Quobyte quobyte QuobyteVolumeSource',
  'AzureDisk azureDisk AzureDiskVolumeSource',
  'PhotonPersistentDisk photonPersistentDisk PhotonPersistentDiskVolumeSource',
  'PortworxVolume portworxVolume PortworxVolumeSource',
  'ScaleIO scaleIO',
  'Local local',
  'StorageOS storageos',
  'CSI csi',
];

/** What is wrong with what a volume is made of: one kind, and enough said of it. */
export function sourceErrors(spec: DraftMap): FieldError[] {
  const present = Object.entries(SOURCES).filter(([name]) => spec[name] !== undefined);
  if (present.length === 0) return [required('spec', 'must specify a volume type')];
  const errors = present.flatMap(([name, check], index) => {
    if (index > 0 && name !== 'flexVolume') {
      return [forbidden(`spec.${name === 'cephfs' ? 'cephFS' : name}`, 'may not specify more than 1 volume type')];
    }
    return [...check(mapAt(spec, name) ?? {}, `spec.${name}`)];
  });
  const loose = present[0]?.[0] === 'local' && mapAt(spec, 'nodeAffinity') === undefined;
  return loose ? [...errors, required('spec.nodeAffinity', 'Local volume requires node affinity')] : errors;
}

/** What a volume is made of does not change. */
export function sourceChangeErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  const late = mapAt(before, 'csi')?.['controllerExpandSecretRef'] === undefined;
  const of = (one: DraftMap): DraftMap => {
    const source = Object.fromEntries(Object.keys(SOURCES).map((name) => [name, one[name]]));
    const csi = mapAt(one, 'csi');
    // A Secret for expansion may be added later.
    return csi !== undefined && late ? { ...source, csi: { ...csi, controllerExpandSecretRef: undefined } } : source;
  };
  if (equal(of(spec), of(before))) return [];
  const diff = unifiedDiff(goJson(goSource(before), ' '), goJson(goSource(spec), ' '));
  const text = `spec.persistentvolumesource is immutable after creation\n${diff}`;
  return [forbidden('spec.persistentvolumesource', text)];
}

/** The source as the server keeps it: all kinds in the order of its Go type, whose fields have no JSON names. */
function goSource(spec: DraftMap): DraftMap {
  return Object.fromEntries(
    GO_SOURCES.map((entry) => {
      const [goName = '', name = '', type = ''] = entry.split(' ');
      const source = mapAt(spec, name);
      if (source === undefined) return [goName, null];
      return [goName, type === '' ? source : internalValue(type, source)];
    }),
  );
}

function nothing(): readonly FieldError[] {
  return [];
}

function hostPathErrors(source: DraftMap, path: string): FieldError[] {
  const errors = pathErrors(source, path);
  return textAt(source, 'path') === '' ? errors : [...errors, ...oneOf(source, 'type', path, HOST_PATH_TYPES)];
}

function localErrors(source: DraftMap, path: string): FieldError[] {
  return pathErrors(source, path);
}

function pathErrors(source: DraftMap, path: string): FieldError[] {
  const value = textAt(source, 'path');
  if (value === '') return [required(`${path}.path`)];
  return value.split('/').includes('..') ? [invalid(`${path}.path`, value, "must not contain '..'")] : [];
}

function nfsErrors(source: DraftMap, path: string): FieldError[] {
  const value = textAt(source, 'path');
  return [
    ...needText(source, 'server', path),
    ...needText(source, 'path', path),
    ...(value.startsWith('/') ? [] : [invalid(`${path}.path`, value, 'must be an absolute path')]),
  ];
}

function csiErrors(source: DraftMap, path: string): FieldError[] {
  return [
    ...driverNameErrors(textAt(source, 'driver'), `${path}.driver`),
    ...needText(source, 'volumeHandle', path),
    ...[
      'controllerPublishSecretRef',
      'controllerExpandSecretRef',
      'nodePublishSecretRef',
      'nodeExpandSecretRef',
    ].flatMap((name) => within(source, name, path, secretErrors)),
  ];
}

/** The name of a CSI driver: a subdomain in any case, of at most 63 bytes. */
export function driverNameErrors(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  return [
    ...(byteLength(name) > 63 ? [tooLong(field, 63)] : []),
    ...wrong(field, name, dnsSubdomainErrors(name.toLowerCase())),
  ];
}

function secretErrors(reference: DraftMap, path: string): FieldError[] {
  const name = textAt(reference, 'name');
  const namespace = textAt(reference, 'namespace');
  return [
    ...(name === '' ? [required(`${path}.name`)] : wrong(`${path}.name`, name, dnsSubdomainErrors(name))),
    ...(namespace === ''
      ? [required(`${path}.namespace`)]
      : wrong(`${path}.namespace`, namespace, dnsLabelErrors(namespace))),
  ];
}
