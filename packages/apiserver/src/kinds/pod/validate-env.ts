import type { DraftMap } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, notSupported, required } from '../../field-error.ts';
import { configKeyErrors, dnsSubdomainErrors, envVarNameErrors } from '../meta/formats.ts';
import { quantityOf } from './resource-list.ts';
import { dnsLabel, dnsSubdomain, eachOf, qualifiedName } from './rules.ts';
import { validateNoBacksteps } from './validate-path.ts';

/** The environment of a container: its variables, and the maps that it takes whole. */
export function validateEnvironment(container: DraftMap, field: string): FieldError[] {
  return [...eachOf(container, 'env', field, validateVariable), ...validateEnvFrom(container, field)];
}

function validateVariable(variable: DraftMap, field: string): FieldError[] {
  const name = textAt(variable, 'name');
  const ofName = name === '' ? [required(`${field}.name`)] : envName(name, `${field}.name`);
  return [...ofName, ...validateSource(variable, `${field}.valueFrom`)];
}

function envName(name: string, field: string): FieldError[] {
  return envVarNameErrors(name).map((text) => invalid(field, name, text));
}

const SOURCES: readonly (readonly [name: string, check: (source: DraftMap, field: string) => FieldError[]])[] = [
  ['fieldRef', (source, field) => validateFieldRef(source, ENV_FIELDS, field)],
  ['resourceFieldRef', (source, field) => validateResourceFieldRef(source, field, false)],
  ['configMapKeyRef', validateKeyRef],
  ['secretKeyRef', validateKeyRef],
  ['fileKeyRef', validateFileKeyRef],
];

function validateSource(variable: DraftMap, field: string): FieldError[] {
  const source = mapAt(variable, 'valueFrom');
  if (source === undefined) return [];
  const given = SOURCES.filter(([name]) => mapAt(source, name) !== undefined);
  const errors = given.flatMap(([name, check]) => check(mapAt(source, name) ?? {}, `${field}.${name}`));
  const text = sourcesProblem(given.length, textAt(variable, 'value'));
  return text === undefined ? errors : [...errors, invalid(field, '', text)];
}

function sourcesProblem(count: number, value: string): string | undefined {
  if (count === 0) {
    return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
  }
  if (value !== '') return 'may not be specified when `value` is not empty';
  return count > 1 ? 'may not have more than one field specified at a time' : undefined;
}

function validateEnvFrom(container: DraftMap, containerField: string): FieldError[] {
  const list = `${containerField}.envFrom`;
  return eachOf(container, 'envFrom', containerField, (source, field) => {
    const prefix = textAt(source, 'prefix');
    const given = ['configMapRef', 'secretRef'].filter((name) => mapAt(source, name) !== undefined);
    const errors = [
      ...(prefix === '' ? [] : envName(prefix, `${field}.prefix`)),
      ...given.flatMap((name) => {
        const target = textAt(mapAt(source, name), 'name');
        if (target === '') return [required(`${field}.${name}.name`)];
        // The server takes the name for the start of a generated one, which may end in a dash.
        const checked = target.length > 1 && target.endsWith('-') ? `${target.slice(0, -2)}a` : target;
        return dnsSubdomainErrors(checked).map((text) => invalid(`${field}.${name}.name`, target, text));
      }),
    ];
    if (given.length === 0) errors.push(invalid(list, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (given.length > 1) errors.push(invalid(list, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** The fields of a Pod that files can be made from. */
export const FILE_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  ...FILE_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

export function validateFieldRef(source: DraftMap, supported: readonly string[], field: string): FieldError[] {
  const version = textAt(source, 'apiVersion');
  const given = textAt(source, 'fieldPath');
  if (version === '') return [required(`${field}.apiVersion`)];
  if (given === '') return [required(`${field}.fieldPath`)];
  const at = `${field}.fieldPath`;
  if (version !== 'v1') return [invalid(at, given, `error converting fieldPath: unsupported pod version: ${version}`)];
  const subscripted = /^(.+?)\['(.*)'\]$/s.exec(given);
  if (subscripted !== null) {
    const [, path = '', key = ''] = subscripted;
    if (path === 'metadata.annotations') return qualifiedName(key.toLowerCase(), field);
    if (path === 'metadata.labels') return qualifiedName(key, field);
    return [invalid(at, given, `error converting fieldPath: field label does not support subscript: ${given}`)];
  }
  const path = given === 'spec.host' ? 'spec.nodeName' : given;
  if (!KNOWN_FIELDS.has(path)) {
    return [invalid(at, given, `error converting fieldPath: field label not supported: ${given}`)];
  }
  return supported.includes(path) ? [] : [notSupported(at, path, supported)];
}

const RESOURCES = ['limits', 'requests'].flatMap((kind) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${kind}.${name}`),
);
const HUGE_PAGES = /^(?:requests|limits)\.hugepages-/;

export function validateResourceFieldRef(source: DraftMap, field: string, ofVolume: boolean): FieldError[] {
  const resource = textAt(source, 'resource');
  const errors: FieldError[] = [];
  if (ofVolume && textAt(source, 'containerName') === '') errors.push(required(`${field}.containerName`));
  else if (resource === '') errors.push(required(`${field}.resource`));
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(notSupported(`${field}.resource`, resource, RESOURCES));
  }
  return [...errors, ...validateDivisor(resource, source['divisor'], `${field}.divisor`)];
}

const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function validateDivisor(resource: string, divisor: unknown, field: string): FieldError[] {
  if (quantityOf(divisor).nano === 0n) return [];
  const kind = divisorKind(resource);
  if (kind === undefined) return [];
  const supported = kind === 'cpu' ? ['1m', '1'] : SIZES;
  if (supported.includes(String(divisor))) return [];
  const listed = kind === 'cpu' ? '1m and 1' : SIZES.join(', ');
  return [invalid(field, resource, `only divisor's values ${listed} are supported with the ${kind} resource`)];
}

function divisorKind(resource: string): string | undefined {
  if (HUGE_PAGES.test(resource)) return 'hugepages';
  const name = RESOURCES.includes(resource) ? resource.slice(resource.indexOf('.') + 1) : undefined;
  return name === 'ephemeral-storage' ? 'local ephemeral storage' : name;
}

function validateKeyRef(source: DraftMap, field: string): FieldError[] {
  const key = textAt(source, 'key');
  return [
    ...dnsSubdomain(textAt(source, 'name'), `${field}.name`),
    ...(key === ''
      ? [required(`${field}.key`)]
      : configKeyErrors(key).map((text) => invalid(`${field}.key`, key, text))),
  ];
}

function validateFileKeyRef(source: DraftMap, field: string): FieldError[] {
  const key = textAt(source, 'key');
  const volume = textAt(source, 'volumeName');
  const path = textAt(source, 'path');
  return [
    ...(key === '' ? [required(`${field}.key`)] : envName(key, `${field}.key`)),
    ...(volume === '' ? [required(`${field}.volumeName`)] : dnsLabel(volume, `${field}.volumeName`)),
    ...(path === '' ? [required(`${field}.path`)] : validateNoBacksteps(path, `${field}.path`)),
  ];
}
