import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../../field-error.ts';
import { byteLength, rangeErrors } from '../meta/formats.ts';
import { internalValue } from './internal-value.ts';
import { validateWindowsOptions } from './validate-windows.ts';
import { dnsSubdomain, item, oneOf, validId } from './rules.ts';
import { validateRelativePath } from './validate-path.ts';

/** What a container may do on its node. */
export function validateSecurityContext(container: DraftMap, hostUsers: boolean, containerField: string): FieldError[] {
  const context = mapAt(container, 'securityContext');
  if (context === undefined) return [];
  const field = `${containerField}.securityContext`;
  const mount = context['procMount'];
  const errors = [
    ...validId(context, 'runAsUser', field),
    ...validId(context, 'runAsGroup', field),
    ...oneOf(context, 'procMount', field, ['Default', 'Unmasked']),
  ];
  if (hostUsers && mount === 'Unmasked') {
    errors.push(invalid(`${field}.procMount`, mount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...validateSeccomp(context, field));
  if (context['allowPrivilegeEscalation'] === false) {
    const shown = internalValue('SecurityContext', context);
    if (context['privileged'] === true) {
      const text = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalid(field, shown, text));
    }
    if (listAt(mapAt(context, 'capabilities'), 'add').includes('CAP_SYS_ADMIN')) {
      const text = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalid(field, shown, text));
    }
  }
  return [...errors, ...validateWindowsOptions(context, field), ...validateAppArmor(context, field)];
}

/** What all containers of a pod may do on its node. */
export function validatePodSecurityContext(spec: DraftMap, specField: string): FieldError[] {
  const context = mapAt(spec, 'securityContext');
  if (context === undefined) return [];
  const field = `${specField}.securityContext`;
  return [
    ...validId(context, 'fsGroup', field),
    ...validId(context, 'runAsUser', field),
    ...validId(context, 'runAsGroup', field),
    ...listAt(context, 'supplementalGroups').flatMap((id, index) =>
      rangeErrors(Number(id), 0, 2 ** 31 - 1).map((text) =>
        invalid(item(`${field}.supplementalGroups`, index), id, text),
      ),
    ),
    ...validateSysctls(context, spec, field),
    ...oneOf(context, 'fsGroupChangePolicy', field, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context, field),
    ...validateWindowsOptions(context, field),
    ...validateAppArmor(context, field),
    ...oneOf(context, 'supplementalGroupsPolicy', field, ['Merge', 'Strict']),
    ...oneOf(context, 'seLinuxChangePolicy', field, ['MountOption', 'Recursive']),
  ];
}

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateSeccomp(context: DraftMap, contextField: string): FieldError[] {
  const profile = mapAt(context, 'seccompProfile');
  if (profile === undefined) return [];
  const field = `${contextField}.seccompProfile`;
  const type = textAt(profile, 'type');
  const path = profile['localhostProfile'];
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, PROFILE_TYPES));
  const at = `${field}.localhostProfile`;
  if (type !== 'Localhost') {
    if (typeof path !== 'string') return errors;
    const shown = internalValue('SeccompProfile', profile);
    return [...errors, invalid(at, shown, 'can only be set when seccomp type is Localhost')];
  }
  if (typeof path !== 'string') return [...errors, required(at, 'must be set when seccomp type is Localhost')];
  return [...errors, ...validateRelativePath(path, at)];
}

const MAX_PROFILE_LENGTH = 4095;

function validateAppArmor(context: DraftMap, contextField: string): FieldError[] {
  const profile = mapAt(context, 'appArmorProfile');
  if (profile === undefined) return [];
  const field = `${contextField}.appArmorProfile`;
  const at = `${field}.localhostProfile`;
  const type = textAt(profile, 'type');
  const name = profile['localhostProfile'];
  if (type === '') return [required(`${field}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILE_TYPES.includes(type)) return [notSupported(`${field}.type`, type, PROFILE_TYPES)];
  if (type !== 'Localhost') {
    return typeof name === 'string' ? [invalid(at, name, 'can only be set when AppArmor type is Localhost')] : [];
  }
  if (typeof name !== 'string') return [required(at, 'must be set when AppArmor type is Localhost')];
  const errors: FieldError[] = [];
  if (name.trim() !== name) errors.push(invalid(at, name, 'must not be padded with whitespace'));
  else if (name === '') errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  if (byteLength(name) > MAX_PROFILE_LENGTH) errors.push(tooLong(at, MAX_PROFILE_LENGTH));
  return errors;
}

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';

function validateSysctls(context: DraftMap, spec: DraftMap, contextField: string): FieldError[] {
  const seen = new Set<string>();
  return mapsAt(context, 'sysctls').flatMap((sysctl, index) => {
    const field = `${item(`${contextField}.sysctls`, index)}.name`;
    const name = textAt(sysctl, 'name');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(field));
    else if (byteLength(name) > 253 || !new RegExp(SYSCTL).test(name)) {
      errors.push(invalid(field, name, `must have at most 253 characters and match regex ${SYSCTL}`));
    } else if (seen.has(name)) errors.push(duplicate(field, name));
    seen.add(name);
    const space = namespaceOfSysctl(name);
    if (space === 'net' && spec['hostNetwork'] === true) {
      errors.push(invalid(field, name, "may not be specified when 'hostNetwork' is true"));
    }
    if (space === 'ipc' && spec['hostIPC'] === true) {
      errors.push(invalid(field, name, "may not be specified when 'hostIPC' is true"));
    }
    return errors;
  });
}

function namespaceOfSysctl(name: string): 'net' | 'ipc' | undefined {
  const dotted = name.replaceAll('/', '.');
  if (dotted.startsWith('net.')) return 'net';
  const ipc = dotted === 'kernel.sem' || /^(kernel\.(shm|msg)|fs\.mqueue\.)/.test(dotted);
  return ipc ? 'ipc' : undefined;
}

/** What a pod with users of its own, apart from the node's, may not share with the node. */
export function validateHostUsers(spec: DraftMap, specField: string): FieldError[] {
  if (spec['hostUsers'] !== false) return [];
  const shared = [
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'HostPID'],
    ['hostIPC', 'HostIPC'],
  ] as const;
  return [
    ...shared
      .filter(([name]) => spec[name] === true)
      .map(([, shown]) => forbidden(`${specField}.${shown}`, 'when `hostUsers` is false')),
    ...['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
      mapsAt(spec, list).flatMap((container, index) =>
        listAt(container, 'volumeDevices').length === 0
          ? []
          : [forbidden(`${item(`${specField}.${list}`, index)}.volumeDevices`, 'when `hostUsers` is false')],
      ),
    ),
  ];
}

export function validateHostname(spec: DraftMap, specField: string): FieldError[] {
  const name = spec['hostnameOverride'];
  if (typeof name !== 'string') return [];
  const field = `${specField}.hostnameOverride`;
  const errors: FieldError[] = [];
  if (spec['setHostnameAsFQDN'] === true) {
    errors.push(forbidden(field, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec['hostNetwork'] === true) errors.push(forbidden(field, 'may not be specified when hostNetwork is true'));
  if (byteLength(name) > 64) errors.push(tooLong(field, 64));
  return [...errors, ...dnsSubdomain(name, field)];
}
