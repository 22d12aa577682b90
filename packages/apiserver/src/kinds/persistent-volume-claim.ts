import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, mapAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { immutable, needText, oneOf, within, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dnsLabelErrors, dnsSubdomainErrors } from './meta/formats.ts';
import { validateLabelSelector } from './meta/label-selector.ts';
import { accessModeErrors, protect, VOLUME_MODES } from './persistent-volume.ts';
import { goJson } from './pod/go-json.ts';
import { internalValue } from './pod/internal-value.ts';
import { unifiedDiff } from './pod/unified-diff.ts';
import { compareAmounts, quantityOf, roundToMilli } from './pod/resource-list.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

export const persistentVolumeClaim: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    setDefault(spec, 'volumeMode', 'Filesystem');
    roundToMilli(mapAt(mapAt(spec, 'resources'), 'requests'));
    roundToMilli(mapAt(mapAt(spec, 'resources'), 'limits'));
    setDefault(ensureMap(draft, 'status'), 'phase', 'Pending');
  },
  prepareCreate(draft) {
    protect(draft, 'kubernetes.io/pvc-protection');
    settleDataSource(mapAt(draft, 'spec') ?? {}, undefined);
  },
  prepareUpdate: (draft, old) => settleDataSource(mapAt(draft, 'spec') ?? {}, mapAt(old, 'spec')),
  validate: (draft) => specErrors(mapAt(draft, 'spec') ?? {}),
  validateChange,
  status: {
    initial: () => ({ phase: 'Pending' }),
    metadata: 'open',
    validate: (draft) =>
      Object.entries(mapAt(mapAt(draft, 'status'), 'capacity') ?? {}).flatMap(([name, amount]) => {
        const whole = Number(quantityOf(amount).nano / 1_000_000_000n);
        return whole < 0 ? [invalid(`status.capacity[${name}]`, whole, 'must be a valid resource quantity')] : [];
      }),
  },
});

/** `dataSource` and `dataSourceRef` say the same; a source that the older field never knew is dropped from it. */
function settleDataSource(spec: DraftMap, before: DraftMap | undefined): void {
  const inUse = before?.['dataSource'] !== undefined || before?.['dataSourceRef'] !== undefined;
  const source = mapAt(spec, 'dataSource');
  // Sources in other namespaces are a feature that is off.
  if (textAt(mapAt(spec, 'dataSourceRef'), 'namespace') !== '' && before?.['dataSourceRef'] === undefined) {
    delete spec['dataSourceRef'];
  }
  const reference = mapAt(spec, 'dataSourceRef');
  if (source !== undefined && reference === undefined) {
    const kind = `${textAt(source, 'apiGroup')}/${textAt(source, 'kind')}`;
    const known = kind === '/PersistentVolumeClaim' || kind === 'snapshot.storage.k8s.io/VolumeSnapshot';
    if (known || inUse) spec['dataSourceRef'] = { ...source };
    else delete spec['dataSource'];
  } else if (reference !== undefined && source === undefined && textAt(reference, 'namespace') === '') {
    const { namespace: _, ...local } = reference;
    spec['dataSource'] = local;
  }
}

function specErrors(spec: DraftMap): FieldError[] {
  const storageClass = textAt(spec, 'storageClassName');
  const attributes = textAt(spec, 'volumeAttributesClassName');
  return [
    ...accessModeErrors(spec, 'at least 1 access mode is required'),
    ...validateLabelSelector(mapAt(spec, 'selector'), 'spec.selector'),
    ...storageErrors(spec),
    ...(storageClass === '' ? [] : wrong('spec.storageClassName', storageClass, dnsSubdomainErrors(storageClass))),
    ...oneOf(spec, 'volumeMode', 'spec', VOLUME_MODES),
    ...within(spec, 'dataSource', 'spec', dataSourceErrors),
    ...within(spec, 'dataSourceRef', 'spec', dataSourceErrors),
    ...dataSourcePairErrors(spec),
    ...(attributes === '' ? [] : wrong('spec.volumeAttributesClassName', attributes, dnsSubdomainErrors(attributes))),
  ];
}

function storageErrors(spec: DraftMap): FieldError[] {
  const field = 'spec.resources[storage]';
  const amount = mapAt(mapAt(spec, 'resources'), 'requests')?.['storage'];
  if (amount === undefined) return [required(field)];
  return quantityOf(amount).nano > 0n ? [] : [invalid(field, amount, 'must be greater than zero')];
}

function dataSourceErrors(source: DraftMap, path: string): FieldError[] {
  const group = textAt(source, 'apiGroup');
  const namespace = textAt(source, 'namespace');
  const kind = textAt(source, 'kind');
  const foreign = group === '' && kind !== 'PersistentVolumeClaim';
  return [
    ...needText(source, 'name', path),
    ...needText(source, 'kind', path),
    ...(foreign ? [invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")] : []),
    ...(group === '' ? [] : wrong(`${path}.apiGroup`, group, dnsSubdomainErrors(group))),
    ...(namespace === '' ? [] : wrong(`${path}.namespace`, namespace, dnsLabelErrors(namespace))),
  ];
}

function dataSourcePairErrors(spec: DraftMap): FieldError[] {
  const source = mapAt(spec, 'dataSource');
  const reference = mapAt(spec, 'dataSourceRef');
  if (source === undefined || reference === undefined) return [];
  // The server shows the path of the field where others show its value; a path prints as an empty object.
  if (textAt(reference, 'namespace') !== '') {
    return [invalid('spec', {}, 'may not be specified when dataSourceRef.namespace is specified')];
  }
  const same = ['apiGroup', 'kind', 'name'].every((name) => source[name] === reference[name]);
  return same ? [] : [invalid('spec', {}, 'must match dataSourceRef')];
}

function validateChange(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const before = mapAt(old, 'spec') ?? {};
  const errors: FieldError[] = [];
  const annotation = (one: Readonly<Draft>): string => textAt(mapAt(one.metadata, 'annotations'), BETA_CLASS);
  if (annotation(draft) !== annotation(old)) {
    errors.push(invalid(`metadata.annotations[${BETA_CLASS}]`, annotation(draft), 'field is immutable'));
  }
  errors.push(...specChangeErrors(draft, old));
  errors.push(...sizeErrors(draft, old), ...immutable(spec, before, 'volumeMode'));
  const attributes = spec['volumeAttributesClassName'];
  const current = mapAt(old, 'status')?.['currentVolumeAttributesClassName'];
  if (current !== undefined && attributes !== before['volumeAttributesClassName'] && (attributes ?? '') === '') {
    const what = attributes === undefined ? 'nil' : 'empty string';
    const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
    errors.push(forbidden('spec.volumeAttributesClassName', detail));
  }
  return errors;
}

/** Of a claim may change: the volume and the class that were not known, and for a bound one its size. */
function specChangeErrors(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const next: DraftMap = { ...mapAt(draft, 'spec') };
  const before: DraftMap = { ...mapAt(old, 'spec') };
  if (textAt(before, 'volumeName') === '') before['volumeName'] = next['volumeName'];
  if (before['storageClassName'] === undefined) delete next['storageClassName'];
  if (textAt(mapAt(draft, 'status'), 'phase') === 'Bound') {
    next['volumeAttributesClassName'] = before['volumeAttributesClassName'];
    const resources = mapAt(next, 'resources');
    const storage = mapAt(mapAt(before, 'resources'), 'requests')?.['storage'];
    next['resources'] = { ...resources, requests: { ...mapAt(resources, 'requests'), storage } };
  }
  if (equal(next, before)) return [];
  const print = (spec: DraftMap): string => goJson(internalValue('PersistentVolumeClaimSpec', spec), ' ');
  const text =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  return [forbidden('spec', `${text}\n${unifiedDiff(print(before), print(next))}`)];
}

function sizeErrors(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const size = (one: Readonly<Draft>): unknown =>
    mapAt(mapAt(mapAt(one, 'spec'), 'resources'), 'requests')?.['storage'];
  const capacity = mapAt(mapAt(old, 'status'), 'capacity')?.['storage'];
  if (compareAmounts(size(draft), size(old)) >= 0 || compareAmounts(size(draft), capacity) > 0) return [];
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}
