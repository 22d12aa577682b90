import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { immutable, oneOf, within, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dnsSubdomainErrors } from './meta/formats.ts';
import { validateNodeSelector } from './meta/label-selector.ts';
import { sourceChangeErrors, sourceErrors } from './persistent-volume-source.ts';
import { quantityOf } from './pod/resource-list.ts';

export const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];

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

function attributesClassErrors(spec: DraftMap): FieldError[] {
  const name = spec['volumeAttributesClassName'];
  if (typeof name !== 'string') return [];
  const field = 'spec.volumeAttributesClassName';
  const errors =
    name === '' ? [required(field, 'an empty string is disallowed')] : wrong(field, name, dnsSubdomainErrors(name));
  if (mapAt(spec, 'csi') !== undefined) return errors;
  return [...errors, required('spec.csi', 'has to be specified when using volumeAttributesClassName')];
}
