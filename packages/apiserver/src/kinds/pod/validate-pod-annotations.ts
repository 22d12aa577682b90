import type { DraftMap } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid } from '../../field-error.ts';
import { validateRelativePath } from './validate-path.ts';
import { visitContainers } from './visit-containers.ts';

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Annotations that mean something to the server. */
export function validatePodAnnotations(annotations: DraftMap, spec: DraftMap, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations[MIRROR];
  if (typeof mirror === 'string' && textAt(spec, 'nodeName') === '') {
    errors.push(invalid(`${field}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  }
  const cost = annotations[DELETION_COST];
  if (typeof cost === 'string' && !isInt32(cost)) {
    errors.push(invalid(`${field}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) {
      errors.push(...validateSeccompProfile(String(value), `${field}.${key}`));
    }
  }
  return [...errors, ...validateAppArmor(annotations, spec, field)];
}

function isInt32(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function validateSeccompProfile(profile: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return validateRelativePath(profile.slice('localhost/'.length), field);
  return [invalid(field, profile, 'must be a valid seccomp profile')];
}

function validateAppArmor(annotations: DraftMap, spec: DraftMap, field: string): FieldError[] {
  const names = visitContainers(spec, '').map(([container]) => textAt(container, 'name'));
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(APP_ARMOR))
    .flatMap(([key, value]) => {
      const name = key.slice(APP_ARMOR.length);
      const profile = String(value);
      const at = `${field}[${key}]`;
      const errors = names.includes(name) ? [] : [invalid(at, name, 'container not found')];
      const known = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
      if (known) return errors;
      return [...errors, invalid(at, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)];
    });
}

/** Which annotations an update of a Pod may not touch. */
export function validateAnnotationChanges(annotations: DraftMap, old: DraftMap, field: string): FieldError[] {
  const changed = Object.keys(old).filter((key) => annotations[key] !== old[key]);
  const added = Object.keys(annotations).filter((key) => !(key in old));
  const refuse = (key: string, verb: string): FieldError[] => {
    if (key.startsWith(APP_ARMOR)) return [forbidden(`${field}[${key}]`, `may not ${verb} AppArmor annotations`)];
    return key === MIRROR ? [forbidden(`${field}[${key}]`, `may not ${verb} mirror pod annotation`)] : [];
  };
  return [...changed.flatMap((key) => refuse(key, 'remove or update')), ...added.flatMap((key) => refuse(key, 'add'))];
}

/** Profiles that are given twice, as annotation and as field, are the same. */
export function validateProfilesMatch(annotations: DraftMap, spec: DraftMap, field: string): FieldError[] {
  const ofPod = mapAt(spec, 'securityContext');
  const seccomp = mapAt(ofPod, 'seccompProfile');
  const containers = visitContainers(spec, field);
  const podAnnotation = annotations[SECCOMP_POD];
  return [
    ...(seccomp !== undefined && typeof podAnnotation === 'string'
      ? validateMatch('seccomp', podAnnotation, seccomp, `${field}.securityContext.seccompProfile`)
      : []),
    ...containers.flatMap(([container, at]) => {
      const annotation = annotations[`${SECCOMP_CONTAINER}${textAt(container, 'name')}`];
      const own = mapAt(mapAt(container, 'securityContext'), 'seccompProfile');
      return own !== undefined && typeof annotation === 'string'
        ? validateMatch('seccomp', annotation, own, `${at}.securityContext.seccompProfile`)
        : [];
    }),
    ...(textAt(mapAt(spec, 'os'), 'name') === 'windows' ? [] : containers).flatMap(([container, at]) => {
      const annotation = annotations[`${APP_ARMOR}${textAt(container, 'name')}`];
      const own = mapAt(mapAt(container, 'securityContext'), 'appArmorProfile') ?? mapAt(ofPod, 'appArmorProfile');
      return own !== undefined && typeof annotation === 'string'
        ? validateMatch('apparmor', annotation, own, `${at}.securityContext.appArmorProfile`)
        : [];
    }),
  ];
}

function validateMatch(what: string, annotation: string, profile: DraftMap, field: string): FieldError[] {
  const otherType = [forbidden(`${field}.type`, `${what} type in annotation and field must match`)];
  switch (textAt(profile, 'type')) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : otherType;
    case 'RuntimeDefault': {
      const same = annotation === 'runtime/default' || (what === 'seccomp' && annotation === 'docker/default');
      return same ? [] : otherType;
    }
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) return otherType;
      return annotation.slice('localhost/'.length) === profile['localhostProfile']
        ? []
        : [forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`)];
    default:
      return [];
  }
}
