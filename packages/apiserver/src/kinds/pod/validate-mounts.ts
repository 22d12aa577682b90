import type { DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notFound, notSupported, required } from '../../field-error.ts';
import { item } from './rules.ts';
import { validateNoBacksteps, validateRelativePath } from './validate-path.ts';

/** The volumes of a pod that are right, by name. */
export type Volumes = ReadonlyMap<string, DraftMap>;

/** Where a container mounts volumes as file systems. */
export function validateMounts(container: DraftMap, volumes: Volumes, containerField: string): FieldError[] {
  const field = `${containerField}.volumeMounts`;
  const devices = mapsAt(container, 'volumeDevices');
  const paths = new Set<string>();
  return mapsAt(container, 'volumeMounts').flatMap((mount, index) => {
    const at = item(field, index);
    const name = textAt(mount, 'name');
    const path = textAt(mount, 'mountPath');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (path === '') errors.push(required(`${at}.mountPath`));
    if (paths.has(path)) errors.push(invalid(`${at}.mountPath`, path, 'must be unique'));
    paths.add(path);
    if (devices.some((device) => textAt(device, 'name') === name)) {
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((device) => textAt(device, 'devicePath') === path)) {
      errors.push(invalid(`${at}.mountPath`, path, 'must not already exist as a path in volumeDevices'));
    }
    // The places below miss the index of the mount on the real server too.
    return [
      ...errors,
      ...validateSubPath(mount, at, field),
      ...validatePropagation(mount, container, `${field}.mountPropagation`),
      ...validateRecursiveReadOnly(mount, `${field}.recursiveReadOnly`),
    ];
  });
}

function validateSubPath(mount: DraftMap, at: string, field: string): FieldError[] {
  const subPath = textAt(mount, 'subPath');
  const expression = textAt(mount, 'subPathExpr');
  const errors = subPath === '' ? [] : validateRelativePath(subPath, `${field}.subPath`);
  if (expression === '') return errors;
  if (subPath !== '') {
    errors.push(invalid(`${at}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'));
  }
  return [...errors, ...validateRelativePath(expression, `${field}.subPathExpr`)];
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];

function validatePropagation(mount: DraftMap, container: DraftMap, field: string): FieldError[] {
  const mode = mount['mountPropagation'];
  if (typeof mode !== 'string') return [];
  if (!PROPAGATIONS.includes(mode)) return [notSupported(field, mode, PROPAGATIONS)];
  const privileged = mapAt(container, 'securityContext')?.['privileged'] === true;
  return mode !== 'Bidirectional' || privileged
    ? []
    : [forbidden(field, 'Bidirectional mount propagation is available only to privileged containers')];
}

function validateRecursiveReadOnly(mount: DraftMap, field: string): FieldError[] {
  const mode = mount['recursiveReadOnly'];
  if (mode === undefined || mode === null || mode === 'Disabled') return [];
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    return [notSupported(field, mode, ['Disabled', 'Enabled', 'IfPossible'])];
  }
  const errors: FieldError[] = [];
  if (mount['readOnly'] !== true) errors.push(forbidden(field, 'may only be specified when readOnly is true'));
  if (typeof mount['mountPropagation'] === 'string' && mount['mountPropagation'] !== 'None') {
    errors.push(forbidden(field, 'may only be specified when mountPropagation is None or not specified'));
  }
  return errors;
}

/** Where a container sees volumes as raw block devices. */
export function validateDevices(container: DraftMap, volumes: Volumes, containerField: string): FieldError[] {
  const mounts = mapsAt(container, 'volumeMounts');
  const names = new Set<string>();
  const paths = new Set<string>();
  return mapsAt(container, 'volumeDevices').flatMap((device, index) => {
    const at = item(`${containerField}.volumeDevices`, index);
    const name = textAt(device, 'name');
    const path = textAt(device, 'devicePath');
    const volume = volumes.get(name);
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`));
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'));
    if (volume === undefined) errors.push(notFound(`${at}.name`, name));
    else if (mapAt(volume, 'persistentVolumeClaim') === undefined && mapAt(volume, 'ephemeral') === undefined) {
      const text = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalid(`${at}.name`, name, text));
    }
    if (path === '') errors.push(required(`${at}.devicePath`));
    if (paths.has(path)) errors.push(invalid(`${at}.devicePath`, path, 'must be unique'));
    if (path !== '' && validateNoBacksteps(path, at).length > 0) {
      errors.push(invalid(`${at}.devicePath`, path, "can not contain backsteps ('..')"));
    } else {
      paths.add(path);
    }
    if (mounts.some((mount) => textAt(mount, 'name') === name)) {
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some((mount) => textAt(mount, 'mountPath') === path)) {
      errors.push(invalid(`${at}.devicePath`, path, 'must not already exist as a path in volumeMounts'));
    }
    if (name !== '') names.add(name);
    return errors;
  });
}
