import type { DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../field-error.ts';
import { portNameErrors, portNumberErrors } from '../meta/formats.ts';
import { dnsLabel, eachOf, item, repeated, requiredOneOf, requiredText } from './rules.ts';
import { validateEnvironment } from './validate-env.ts';
import type { Volumes } from './validate-mounts.ts';
import { validateDevices, validateMounts } from './validate-mounts.ts';
import { validateLifecycle, validateProbe } from './validate-probe.ts';
import { validateResources } from './validate-resources.ts';
import { validateRestartRules } from './validate-restart-rules.ts';
import { validateSecurityContext } from './validate-security.ts';

/** What the containers of a pod share. */
export interface PodFacts {
  readonly spec: DraftMap;
  /** Where the spec stands. */
  readonly field: string;
  readonly volumes: Volumes;
  readonly claimNames: readonly string[];
}

export function validateContainers(pod: PodFacts): FieldError[] {
  const containers = mapsAt(pod.spec, 'containers');
  const field = `${pod.field}.containers`;
  if (containers.length === 0) return [required(field)];
  const names = new Set<string>();
  return [
    ...containers.flatMap((container, index) => {
      const at = item(field, index);
      return [
        ...validateContainer(container, pod, at),
        ...nameTaken(container, names, at),
        ...validateWhileRunning(container, pod, at),
        ...validateRestartRules(container, at),
      ];
    }),
    ...hostPortClashes(containers, field),
  ];
}

/** Containers that run before the others; with `restartPolicy: Always` they go on beside them. */
export function validateInitContainers(pod: PodFacts): FieldError[] {
  const names = new Set(mapsAt(pod.spec, 'containers').map((container) => textAt(container, 'name')));
  const list = `${pod.field}.initContainers`;
  return mapsAt(pod.spec, 'initContainers').flatMap((container, index) => {
    const at = item(list, index);
    const isSidecar = container['restartPolicy'] === 'Always';
    return [
      ...validateContainer(container, pod, at),
      ...validateRestartRules(container, at),
      ...nameTaken(container, names, at, true),
      ...hostPortClashes([container], list),
      ...(isSidecar
        ? validateWhileRunning(container, pod, at)
        : [...forbidWhileRunning(container, at), ...forbidRestartOnResize(container, at)]),
    ];
  });
}

/** Containers added to a running pod, to look at what goes on there. */
export function validateEphemeralContainers(pod: PodFacts): FieldError[] {
  const others = ['containers', 'initContainers'].flatMap((list) =>
    mapsAt(pod.spec, list).map((container) => textAt(container, 'name')),
  );
  const names = new Set(others);
  return eachOf(pod.spec, 'ephemeralContainers', pod.field, (container, at) => {
    const target = textAt(container, 'targetContainerName');
    const taken = names.has(textAt(container, 'name'));
    const errors = [
      ...validateContainer(container, pod, at),
      ...validateImageSpaces(container, at),
      ...(taken ? [duplicate(`${at}.name`, textAt(container, 'name'))] : []),
    ];
    names.add(textAt(container, 'name'));
    if (target !== '' && !others.includes(target)) errors.push(notFound(`${at}.targetContainerName`, target));
    const text = 'cannot be set for an Ephemeral Container';
    const unfit = ONLY_FOR_OTHERS.filter((name) => hasValue(container[name]));
    errors.push(...unfit.map((name) => forbidden(`${at}.${name}`, text)));
    const mounts = eachOf(container, 'volumeMounts', at, (mount, mountField) =>
      ['subPath', 'subPathExpr']
        .filter((name) => textAt(mount, name) !== '')
        .map((name) => forbidden(`${mountField}.${name}`, text)),
    );
    return [...errors, ...mounts];
  });
}

const ONLY_FOR_OTHERS = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];

function hasValue(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** What holds for every container. */
function validateContainer(container: DraftMap, pod: PodFacts, field: string): FieldError[] {
  const name = textAt(container, 'name');
  const hostUsers = pod.spec['hostUsers'] !== false;
  return [
    ...(name === '' ? [required(`${field}.name`)] : dnsLabel(name, `${field}.name`)),
    ...requiredText(container, 'image', field),
    ...requiredOneOf(container, 'terminationMessagePolicy', field, ['File', 'FallbackToLogsOnError']),
    ...validatePorts(container, field),
    ...validateEnvironment(container, field),
    ...validateMounts(container, pod.volumes, field),
    ...validateDevices(container, pod.volumes, field),
    ...requiredOneOf(container, 'imagePullPolicy', field, ['Always', 'IfNotPresent', 'Never']),
    ...validateResources(mapAt(container, 'resources'), pod.claimNames, `${field}.resources`),
    ...validateResizePolicy(container, pod.spec, `${field}.resizePolicy`),
    ...validateSecurityContext(container, hostUsers, field),
  ];
}

function nameTaken(container: DraftMap, names: Set<string>, field: string, isInit = false): FieldError[] {
  const name = textAt(container, 'name');
  if (names.has(name)) return [duplicate(`${field}.name`, name)];
  // Init containers without a name are not told to be alike.
  if (name !== '' || !isInit) names.add(name);
  return [];
}

function validatePorts(container: DraftMap, containerField: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(container, 'ports', containerField, (port, field) => {
    const name = textAt(port, 'name');
    const number = numberAt(port, 'containerPort') ?? 0;
    const hostPort = numberAt(port, 'hostPort') ?? 0;
    const texts = name === '' ? [] : portNameErrors(name);
    const errors: FieldError[] = texts.map((text) => invalid(`${field}.name`, name, text));
    if (name !== '' && texts.length === 0) {
      if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
      names.add(name);
    }
    return [
      ...errors,
      ...(number === 0 ? [required(`${field}.containerPort`)] : validNumber(number, `${field}.containerPort`)),
      ...(hostPort === 0 ? [] : validNumber(hostPort, `${field}.hostPort`)),
      ...requiredOneOf(port, 'protocol', field, ['SCTP', 'TCP', 'UDP']),
    ];
  });
}

function validNumber(port: number, field: string): FieldError[] {
  return portNumberErrors(port).map((text) => invalid(field, port, text));
}

function hostPortClashes(containers: readonly DraftMap[], field: string): FieldError[] {
  const taken = containers.flatMap((container, index) =>
    mapsAt(container, 'ports').flatMap((port, portIndex): (readonly [string, string])[] => {
      const hostPort = numberAt(port, 'hostPort') ?? 0;
      if (hostPort === 0) return [];
      const at = `${item(`${item(field, index)}.ports`, portIndex)}.hostPort`;
      return [[at, `${textAt(port, 'protocol')}/${textAt(port, 'hostIP')}/${String(hostPort)}`]];
    }),
  );
  return repeated(taken);
}

function validateResizePolicy(container: DraftMap, spec: DraftMap, field: string): FieldError[] {
  const seen = new Set<string>();
  return mapsAt(container, 'resizePolicy').flatMap((policy, index) => {
    const name = textAt(policy, 'resourceName');
    const restart = textAt(policy, 'restartPolicy');
    const errors: FieldError[] = seen.has(name) ? [duplicate(item(field, index), name)] : [];
    seen.add(name);
    if (name === '') errors.push(required(field));
    else if (name !== 'cpu' && name !== 'memory') errors.push(notSupported(field, name, ['cpu', 'memory']));
    if (restart === '') errors.push(required(field));
    else if (restart !== 'NotRequired' && restart !== 'RestartContainer') {
      errors.push(notSupported(field, restart, ['NotRequired', 'RestartContainer']));
    }
    if (spec['restartPolicy'] === 'Never' && restart !== 'NotRequired') {
      errors.push(invalid(field, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}

function validateWhileRunning(container: DraftMap, pod: PodFacts, field: string): FieldError[] {
  return [
    ...validateLifecycle(container, numberAt(pod.spec, 'terminationGracePeriodSeconds'), field),
    ...validateProbe(container, 'livenessProbe', field),
    ...validateProbe(container, 'readinessProbe', field),
    ...validateProbe(container, 'startupProbe', field),
  ];
}

function forbidWhileRunning(container: DraftMap, field: string): FieldError[] {
  return ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
    .filter((name) => mapAt(container, name) !== undefined)
    .map((name) => forbidden(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always'));
}

function forbidRestartOnResize(container: DraftMap, containerField: string): FieldError[] {
  return eachOf(container, 'resizePolicy', containerField, (policy, field) => {
    const text = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    return policy['restartPolicy'] === 'RestartContainer'
      ? [invalid(`${field}.restartPolicy`, 'RestartContainer', text)]
      : [];
  });
}

/** The spaces around an image name that its author did not see. Only asked of Pods: templates of old may have them. */
export function validateImageSpaces(container: DraftMap, field: string): FieldError[] {
  const image = textAt(container, 'image');
  return image.trim() === image
    ? []
    : [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')];
}
