import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { immutable, needText, oneOf, within, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { byteLength, dnsLabelErrors, dnsSubdomainErrors } from './meta/formats.ts';
import { validateNodeSelector } from './meta/label-selector.ts';
import { goJson } from './pod/go-json.ts';
import { internalValue } from './pod/internal-value.ts';
import { quantityOf } from './pod/resource-list.ts';
import { unifiedDiff } from './pod/unified-diff.ts';

export const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];

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

export const persistentVolume: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    setDefault(spec, 'volumeMode', 'Filesystem');
    const hostPath = mapAt(spec, 'hostPath');
    if (hostPath !== undefined) setDefault(hostPath, 'type', '');
    setDefault(ensureMap(draft, 'status'), 'phase', 'Pending');
  },
  prepareCreate: (draft) => protect(draft, 'kubernetes.io/pv-protection'),
  validate: (draft) => specErrors(mapAt(draft, 'spec') ?? {}),
  validateChange(draft, old) {
    const spec = mapAt(draft, 'spec') ?? {};
    const before = mapAt(old, 'spec') ?? {};
    const attributes = 'volumeAttributesClassName';
    const unset = before[attributes] !== undefined && spec[attributes] === undefined;
    return [
      ...sourceChangeErrors(spec, before),
      ...immutable(spec, before, 'volumeMode'),
      ...(unset ? [forbidden(`spec.${attributes}`, 'update from non-nil value to nil is forbidden')] : []),
    ];
  },
  status: {
    initial: (_, { now }) => ({ phase: 'Pending', lastPhaseTransitionTime: now }),
    metadata: 'open',
  },
});

/** What the admission plugin StorageObjectInUseProtection does: nothing in use goes away. */
export function protect(draft: Draft, finalizer: string): void {
  const finalizers = listAt(draft.metadata, 'finalizers');
  if (!finalizers.includes(finalizer)) draft.metadata['finalizers'] = [...finalizers, finalizer];
}

/** How a volume may be mounted: at least one way, and a single pod alone or not. */
export function accessModeErrors(spec: DraftMap, detail: string): FieldError[] {
  const field = 'spec.accessModes';
  const modes = listAt(spec, 'accessModes').map(String);
  if (modes.length === 0) return [required(field, detail)];
  const known = modes.filter((mode) => ACCESS_MODES.includes(mode));
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(field, mode, ACCESS_MODES));
  const alone = known.includes('ReadWriteOncePod');
  if (!alone || known.every((mode) => mode === 'ReadWriteOncePod')) return errors;
  return [...errors, forbidden(field, 'may not use ReadWriteOncePod with other access modes')];
}

function specErrors(spec: DraftMap): FieldError[] {
  const storageClass = textAt(spec, 'storageClassName');
  const hostPath = textAt(mapAt(spec, 'hostPath'), 'path');
  const recyclesRoot =
    spec['persistentVolumeReclaimPolicy'] === 'Recycle' && hostPath !== '' && hostPath.replaceAll(/[/.]/g, '') === '';
  return [
    ...accessModeErrors(spec, ''),
    ...capacityErrors(spec),
    ...oneOf(spec, 'persistentVolumeReclaimPolicy', 'spec', ['Delete', 'Recycle', 'Retain']),
    ...within(spec, 'nodeAffinity', 'spec', (affinity, path) => {
      const needed = mapAt(affinity, 'required');
      if (needed === undefined) return [required(`${path}.required`, 'must specify required node constraints')];
      return validateNodeSelector(needed, `${path}.required`);
    }),
    ...sourceErrors(spec),
    ...(recyclesRoot
      ? [forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(storageClass === '' ? [] : wrong('spec.storageClassName', storageClass, dnsSubdomainErrors(storageClass))),
    ...oneOf(spec, 'volumeMode', 'spec', VOLUME_MODES),
    ...attributesClassErrors(spec),
  ];
}

function capacityErrors(spec: DraftMap): FieldError[] {
  const field = 'spec.capacity';
  const capacity = mapAt(spec, 'capacity') ?? {};
  const entries = Object.entries(capacity);
  const errors = entries.length === 0 ? [required(field)] : [];
  if (entries.length !== 1 || capacity['storage'] === undefined) {
    errors.push(notSupported(field, entries.length === 0 ? null : capacity, ['storage']));
  }
  return [
    ...errors,
    ...entries.flatMap(([name, amount]) => {
      const { nano } = quantityOf(amount);
      if (nano > 0n) return [];
      const at = `${field}[${name}]`;
      const positive = invalid(at, amount, 'must be greater than zero');
      // The amount is shown in whole units here.
      const whole = Number(nano / 1_000_000_000n);
      return whole < 0 ? [invalid(at, whole, 'must be a valid resource quantity'), positive] : [positive];
    }),
  ];
}

function sourceErrors(spec: DraftMap): FieldError[] {
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

function attributesClassErrors(spec: DraftMap): FieldError[] {
  const name = spec['volumeAttributesClassName'];
  if (typeof name !== 'string') return [];
  const field = 'spec.volumeAttributesClassName';
  const errors =
    name === '' ? [required(field, 'an empty string is disallowed')] : wrong(field, name, dnsSubdomainErrors(name));
  if (mapAt(spec, 'csi') !== undefined) return errors;
  return [...errors, required('spec.csi', 'has to be specified when using volumeAttributesClassName')];
}

function sourceChangeErrors(spec: DraftMap, before: DraftMap): FieldError[] {
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
