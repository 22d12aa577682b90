import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../field-error.ts';
import { validateLabelSelector } from '../meta/label-selector.ts';
import { quantityOf } from './resource-list.ts';
import { dnsLabel, dnsSubdomain, oneOf, requiredText } from './rules.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** The spec of a PersistentVolumeClaim inside of a template. */
export function validateClaimSpec(spec: DraftMap, field: string): FieldError[] {
  const source = mapAt(spec, 'dataSource');
  const reference = mapAt(spec, 'dataSourceRef');
  return [
    ...validateAccess(spec, `${field}.accessModes`),
    ...validateStorage(spec, `${field}.resources[storage]`),
    ...className(spec, 'storageClassName', field),
    ...oneOf(spec, 'volumeMode', field, ['Block', 'Filesystem']),
    ...(source === undefined ? [] : validateDataSource(source, `${field}.dataSource`)),
    ...(reference === undefined ? [] : validateDataSource(reference, `${field}.dataSourceRef`)),
    ...validateTwoSources(source, reference, field),
    ...className(spec, 'volumeAttributesClassName', field),
  ];
}

function validateAccess(spec: DraftMap, field: string): FieldError[] {
  const modes = listAt(spec, 'accessModes').map(String);
  const errors = modes.length === 0 ? [required(field, 'at least 1 access mode is required')] : [];
  const selectorField = `${field.slice(0, -'.accessModes'.length)}.selector`;
  errors.push(...validateLabelSelector(mapAt(spec, 'selector'), selectorField));
  const unknown = modes.filter((mode) => !ACCESS_MODES.includes(mode));
  errors.push(...unknown.map((mode) => notSupported(field, mode, ACCESS_MODES)));
  const others = modes.some((mode) => ACCESS_MODES.includes(mode) && mode !== 'ReadWriteOncePod');
  if (modes.includes('ReadWriteOncePod') && others) {
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

function validateStorage(spec: DraftMap, field: string): FieldError[] {
  const storage = mapAt(mapAt(spec, 'resources'), 'requests')?.['storage'];
  if (storage === undefined) return [required(field)];
  return quantityOf(storage).nano > 0n ? [] : [invalid(field, storage, 'must be greater than zero')];
}

function className(spec: DraftMap, name: string, field: string): FieldError[] {
  const value = textAt(spec, name);
  return value === '' ? [] : dnsSubdomain(value, `${field}.${name}`);
}

function validateDataSource(source: DraftMap, field: string): FieldError[] {
  const kind = textAt(source, 'kind');
  const group = textAt(source, 'apiGroup');
  const namespace = textAt(source, 'namespace');
  const errors = [...requiredText(source, 'name', field), ...requiredText(source, 'kind', field)];
  if (group !== '') errors.push(...dnsSubdomain(group, `${field}.apiGroup`));
  else if (kind !== 'PersistentVolumeClaim') {
    errors.push(invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  return namespace === '' ? errors : [...errors, ...dnsLabel(namespace, `${field}.namespace`)];
}

function validateTwoSources(
  source: DraftMap | undefined,
  reference: DraftMap | undefined,
  field: string,
): FieldError[] {
  if (source === undefined || reference === undefined) return [];
  // The real server shows the place itself, whose type prints as nothing.
  if (textAt(reference, 'namespace') !== '') {
    return [invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified')];
  }
  const same = ['apiGroup', 'kind', 'name'].every((name) => source[name] === reference[name]);
  return same ? [] : [invalid(field, {}, 'must match dataSourceRef')];
}
