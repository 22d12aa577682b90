import type { DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, forbidden, invalid, notFound, required } from '../../field-error.ts';
import { validateLabels } from '../meta/label-selector.ts';
import {
  dnsLabel,
  dnsSubdomain,
  eachOf,
  inRange,
  item,
  oneOf,
  qualifiedName,
  repeated,
  requiredOneOf,
} from './rules.ts';
import { validateAffinity, validateSpread, validateTolerations } from './validate-scheduling.ts';
import type { PodFacts } from './validate-containers.ts';
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './validate-containers.ts';
import { validateDnsConfig, validateHostAliases } from './validate-dns.ts';
import { validatePodResources, validateResources } from './validate-resources.ts';
import { validateHostname, validateHostUsers, validatePodSecurityContext } from './validate-security.ts';
import { validateVolumes } from './validate-volumes.ts';
import { validateHostProcess, validateOs } from './validate-windows.ts';
import { visitContainers } from './visit-containers.ts';
import { internalValue } from './internal-value.ts';

/** `meta` is that of a Pod; in a template there is none. */
export function validatePodSpec(spec: DraftMap, meta: DraftMap | undefined, field: string): FieldError[] {
  const { volumes, errors } = validateVolumes(spec, meta, field);
  const claimNames = mapsAt(spec, 'resourceClaims')
    .map((claim) => textAt(claim, 'name'))
    .filter((name) => name !== '');
  const pod: PodFacts = { spec, field, volumes, claimNames };
  const shared = spec['shareProcessNamespace'] === true && spec['hostPID'] === true;
  return [
    ...errors,
    ...validateResourceClaims(spec, field),
    ...validateContainers(pod),
    ...validateInitContainers(pod),
    ...validateEphemeralContainers(pod),
    ...validatePodResources(spec, claimNames, field),
    ...validateHostPorts(spec, meta !== undefined, field),
    ...requiredOneOf(spec, 'restartPolicy', field, ['Always', 'OnFailure', 'Never']),
    ...requiredOneOf(spec, 'dnsPolicy', field, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(spec['nodeSelector'], `${field}.nodeSelector`),
    ...validatePodSecurityContext(spec, field),
    ...(shared
      ? [invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
    ...validateAffinity(spec, field),
    ...validateDnsConfig(spec, field),
    ...eachOf(spec, 'readinessGates', field, (gate, at) =>
      qualifiedName(textAt(gate, 'conditionType'), `${at}.conditionType`),
    ),
    ...validateSchedulingGates(spec, field),
    ...validateSpread(spec, field),
    ...validateHostProcess(spec, field),
    ...validateHostUsers(spec, field),
    ...validateHostname(spec, field),
    ...validateNames(spec, field),
    ...inRange(spec, 'activeDeadlineSeconds', field, 1, 2 ** 31 - 1),
    ...optional(spec, 'hostname', field, dnsLabel),
    ...optional(spec, 'subdomain', field, dnsLabel),
    ...validateTolerations(spec, field),
    ...validateHostAliases(spec, field),
    ...optional(spec, 'priorityClassName', field, dnsSubdomain),
    ...(typeof spec['runtimeClassName'] === 'string'
      ? dnsSubdomain(spec['runtimeClassName'], `${field}.runtimeClassName`)
      : []),
    ...oneOf(spec, 'preemptionPolicy', field, ['PreemptLowerPriority', 'Never']),
    ...validateResources(overheadOf(spec), [], `${field}.overhead`),
    ...validateOs(spec, field),
    ...validateFileKeyVolumes(spec, field),
  ];
}

function optional(
  spec: DraftMap,
  name: string,
  field: string,
  check: (value: string, field: string) => FieldError[],
): FieldError[] {
  const value = textAt(spec, name);
  return value === '' ? [] : check(value, `${field}.${name}`);
}

function overheadOf(spec: DraftMap): DraftMap | undefined {
  const overhead = mapAt(spec, 'overhead');
  return overhead === undefined ? undefined : { limits: overhead };
}

function validateNames(spec: DraftMap, field: string): FieldError[] {
  const account = textAt(spec, 'serviceAccountName');
  const old = textAt(spec, 'serviceAccount');
  const errors = optional(spec, 'serviceAccountName', field, dnsSubdomain);
  if (old !== account) {
    const text = `must be the same as serviceAccountName: ${JSON.stringify(account)}`;
    errors.push(invalid(`${field}.deprecatedServiceAccount`, old, text));
  }
  return [...errors, ...optional(spec, 'nodeName', field, dnsSubdomain)];
}

/** In the network of the node, a port is a port of the node. */
function validateHostPorts(spec: DraftMap, isPod: boolean, specField: string): FieldError[] {
  if (spec['hostNetwork'] !== true) return [];
  return eachOf(spec, 'containers', specField, (container, containerField) =>
    eachOf(container, 'ports', containerField, (port, field) => {
      const hostPort = numberAt(port, 'hostPort') ?? 0;
      if ((!isPod && hostPort === 0) || hostPort === (numberAt(port, 'containerPort') ?? 0)) return [];
      return [invalid(`${field}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')];
    }),
  );
}

function validateSchedulingGates(spec: DraftMap, specField: string): FieldError[] {
  const gates = mapsAt(spec, 'schedulingGates').map(
    (gate, index) => [item(`${specField}.schedulingGates`, index), textAt(gate, 'name')] as const,
  );
  return [...gates.flatMap(([field, name]) => qualifiedName(name, field)), ...repeated(gates)];
}

function validateResourceClaims(spec: DraftMap, specField: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(spec, 'resourceClaims', specField, (claim, field) => {
    const name = textAt(claim, 'name');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`));
    else if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    else {
      errors.push(...dnsLabel(name, `${field}.name`));
      names.add(name);
    }
    const given = ['resourceClaimName', 'resourceClaimTemplateName'].filter((one) => typeof claim[one] === 'string');
    const shown = internalValue('PodResourceClaim', claim);
    if (given.length > 1) {
      const text = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalid(field, shown, text));
    }
    if (given.length === 0) {
      const text = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(invalid(field, shown, text));
    }
    return [...errors, ...given.flatMap((one) => dnsSubdomain(textAt(claim, one), `${field}.${one}`))];
  });
}

/** A variable that is read from a file needs the directory in which an init container writes it. */
function validateFileKeyVolumes(spec: DraftMap, specField: string): FieldError[] {
  const volumes = new Map(mapsAt(spec, 'volumes').map((volume) => [textAt(volume, 'name'), volume]));
  return visitContainers(spec, specField).flatMap(([container, at]) =>
    eachOf(container, 'env', at, (variable, envField) => {
      const source = mapAt(mapAt(variable, 'valueFrom'), 'fileKeyRef');
      if (source === undefined) return [];
      const name = textAt(source, 'volumeName');
      const volume = volumes.get(name);
      const field = `${envField}.valueFrom.fileKeyRef.volumeName`;
      if (volume === undefined) return [notFound(field, name)];
      return mapAt(volume, 'emptyDir') === undefined
        ? [invalid(field, name, 'referenced volume must be of type emptyDir')]
        : [];
    }),
  );
}

/** What a template of Pods may not have and a Pod may. */
export function forbidEphemeralContainers(spec: DraftMap, field: string, text: string): FieldError[] {
  return mapsAt(spec, 'ephemeralContainers').length === 0 ? [] : [forbidden(`${field}.ephemeralContainers`, text)];
}
