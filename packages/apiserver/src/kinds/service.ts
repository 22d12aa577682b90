import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { absent, each, eachText, needText, oneOf, wrong } from './checks.ts';
import { endpointIpErrors, protocolErrors } from './endpoints.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from './meta/formats.ts';
import { legacyCidrErrors, legacyIpErrors, parseIp } from './meta/ip.ts';
import { validateLabels } from './meta/label-selector.ts';
import { allocateService, validateAddresses } from './service-address.ts';
import {
  getsNodePorts,
  isExternallyAccessible,
  isHeadless,
  isLoadBalancer,
  needsAddress,
  needsHealthCheck,
  specOf,
  usesNodePorts,
} from './service-parts.ts';
import { validateServiceChange } from './service-change.ts';
import { serviceWarnings } from './service-warnings.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const DAY = 86_400;

export const service: Strategy = kindStrategy({
  setDefaults,
  prepareCreate(draft, context) {
    allocateService(draft, undefined, context.allocate);
    hideInternalPolicy(specOf(draft));
  },
  prepareUpdate(draft, old, context) {
    allocateService(draft, old, context.allocate);
    dropForType(draft, old);
    hideInternalPolicy(specOf(draft));
  },
  validate,
  validateChange: validateServiceChange,
  warnings: serviceWarnings,
  status: {
    initial: () => ({ loadBalancer: {} }),
    metadata: 'open',
    validate: loadBalancerErrors,
  },
});

function setDefaults(draft: Draft): void {
  const spec = ensureMap(draft, 'spec');
  setDefault(spec, 'sessionAffinity', 'None');
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (spec['sessionAffinity'] === 'ClientIP') {
    const timeout = mapAt(mapAt(spec, 'sessionAffinityConfig'), 'clientIP')?.['timeoutSeconds'];
    if (timeout === undefined) spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: 10_800 } };
  }
  setDefault(spec, 'type', 'ClusterIP');
  for (const port of mapsAt(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (port['targetPort'] === 0 || port['targetPort'] === '') delete port['targetPort'];
    setDefault(port, 'targetPort', port['port'] ?? 0);
  }
  if (isExternallyAccessible(spec)) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (usesNodePorts(spec) || spec['type'] === 'ClusterIP') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (!isLoadBalancer(spec)) return;
  setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  for (const ingress of mapsAt(mapAt(mapAt(draft, 'status'), 'loadBalancer'), 'ingress')) {
    if (textAt(ingress, 'ip') !== '') setDefault(ingress, 'ipMode', 'VIP');
  }
}

/** What a type does not have is not shown, though it may be sent. */
function hideInternalPolicy(spec: DraftMap): void {
  if (spec['type'] === 'ExternalName') delete spec['internalTrafficPolicy'];
}

/** A change of the type takes along what the old type needed, unless the client changed that too. */
function dropForType(draft: Draft, old: Readonly<Draft>): void {
  const spec = specOf(draft);
  const before = specOf(old);
  const drop = (needs: (one: DraftMap) => boolean, fields: readonly string[], same: boolean): void => {
    if (!needs(before) || needs(spec) || !same) return;
    for (const field of fields) delete spec[field];
  };
  const same = (...fields: readonly string[]): boolean => fields.every((field) => equal(spec[field], before[field]));
  drop(needsAddress, ['clusterIP', 'clusterIPs'], same('clusterIP', 'clusterIPs'));
  drop(needsAddress, ['ipFamilies'], same('ipFamilies'));
  drop(needsAddress, ['ipFamilyPolicy'], same('ipFamilyPolicy'));
  if (getsNodePorts(before) && !getsNodePorts(spec)) dropNodePorts(spec, before);
  drop(needsHealthCheck, ['healthCheckNodePort'], same('healthCheckNodePort'));
  drop(isLoadBalancer, ['allocateLoadBalancerNodePorts'], same('allocateLoadBalancerNodePorts'));
  drop(isLoadBalancer, ['loadBalancerClass'], same('loadBalancerClass'));
  drop(isExternallyAccessible, ['externalTrafficPolicy'], same('externalTrafficPolicy'));
  if (!isLoadBalancer(spec)) ensureMap(draft, 'status')['loadBalancer'] = {};
}

function dropNodePorts(spec: DraftMap, before: DraftMap): void {
  const had = new Set(mapsAt(before, 'ports').map((port) => port['nodePort']));
  const ports = mapsAt(spec, 'ports');
  if (!ports.every((port) => port['nodePort'] === undefined || had.has(port['nodePort']))) return;
  for (const port of ports) delete port['nodePort'];
}

function validate(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): FieldError[] {
  const spec = specOf(draft);
  const before = old === undefined ? undefined : specOf(old);
  const externalIps = listAt(before, 'externalIPs');
  return [
    ...topologyErrors(draft),
    ...typeErrors(spec),
    ...portsErrors(spec),
    ...validateLabels(spec['selector'], 'spec.selector'),
    ...affinityErrors(spec),
    ...validateAddresses(spec, before),
    ...eachText(spec, 'externalIPs', 'spec', (ip, path) => {
      const texts = externalIps.includes(ip) ? [] : legacyIpErrors(ip);
      return texts.length > 0 ? wrong(path, ip, texts) : endpointIpErrors(ip, path);
    }),
    ...oneOf(spec, 'type', 'spec', TYPES),
    ...sourceRangeErrors(draft, old),
    ...(isLoadBalancer(spec)
      ? []
      : absent(spec, 'allocateLoadBalancerNodePorts', 'spec', "may only be used when `type` is 'LoadBalancer'")),
    ...classErrors(spec),
    ...externalPolicyErrors(spec),
    ...oneOf(spec, 'internalTrafficPolicy', 'spec', ['Cluster', 'Local']),
    ...oneOf(spec, 'trafficDistribution', 'spec', ['PreferClose', 'PreferSameZone', 'PreferSameNode']),
  ];
}

function topologyErrors(draft: Readonly<Draft>): FieldError[] {
  const annotations = mapAt(draft.metadata, 'annotations') ?? {};
  const [hints, mode] = ['service.kubernetes.io/topology-aware-hints', 'service.kubernetes.io/topology-mode'] as const;
  const [wanted, value] = [annotations[hints], annotations[mode]];
  if (wanted === undefined || value === undefined || wanted === value) return [];
  const detail = `must match annotations[${hints}] when both are specified`;
  return [invalid(`metadata.annotations[${mode}]`, value, detail)];
}

function typeErrors(spec: DraftMap): FieldError[] {
  const type = textAt(spec, 'type');
  if (type === 'ExternalName') return externalNameErrors(spec);
  const headless = isHeadless(spec);
  const errors: FieldError[] = [];
  if (listAt(spec, 'ports').length === 0 && !headless) errors.push(required('spec.ports'));
  if (headless && (type === 'LoadBalancer' || type === 'NodePort')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  return errors;
}

function externalNameErrors(spec: DraftMap): FieldError[] {
  const why = 'may not be set for ExternalName services';
  const name = textAt(spec, 'externalName').replace(/\.$/, '');
  return [
    ...(listAt(spec, 'clusterIPs').length > 0 ? [forbidden('spec.clusterIPs', why)] : []),
    ...(listAt(spec, 'ipFamilies').length > 0 ? [forbidden('spec.ipFamilies', why)] : []),
    ...absent(spec, 'ipFamilyPolicy', 'spec', why),
    ...(name === '' ? [required('spec.externalName')] : wrong('spec.externalName', name, dnsSubdomainErrors(name))),
  ];
}

function portsErrors(spec: DraftMap): FieldError[] {
  const count = listAt(spec, 'ports').length;
  const names = new Set<string>();
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  return each(spec, 'ports', 'spec', (port, path) => {
    const name = textAt(port, 'name');
    const protocol = textAt(port, 'protocol');
    const number = numberAt(port, 'port') ?? 0;
    const nodePort = numberAt(port, 'nodePort');
    const appProtocol = port['appProtocol'];
    const errors: FieldError[] = [];
    if (name === '' && count > 1) errors.push(required(`${path}.name`));
    if (name !== '') {
      errors.push(...wrong(`${path}.name`, name, dnsLabelErrors(name)));
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    errors.push(...wrong(`${path}.port`, number, portNumberErrors(number)), ...protocolErrors(port, path));
    errors.push(...portOrNameErrors(port['targetPort'], `${path}.targetPort`));
    if (typeof appProtocol === 'string') {
      errors.push(...wrong(`${path}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol)));
    }
    if (nodePort !== undefined) {
      if (spec['type'] === 'ClusterIP') {
        errors.push(forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
      }
      if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(`${path}.nodePort`, nodePort));
      nodePorts.add(`${protocol}/${nodePort}`);
    }
    if (numbers.has(`${protocol}/${number}`)) errors.push(duplicate(path, goPort(protocol, number)));
    numbers.add(`${protocol}/${number}`);
    return errors;
  });
}

export function portOrNameErrors(port: unknown, field: string): FieldError[] {
  if (typeof port === 'string') return wrong(field, port, portNameErrors(port));
  return typeof port === 'number' ? wrong(field, port, portNumberErrors(port)) : [];
}

/** The server shows a port as its own Go type, whose fields have no JSON names. */
function goPort(protocol: string, port: number): DraftMap {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

function affinityErrors(spec: DraftMap): FieldError[] {
  const errors = oneOf(spec, 'sessionAffinity', 'spec', ['ClientIP', 'None']);
  if (spec['sessionAffinity'] !== 'ClientIP') return errors;
  const timeout = mapAt(mapAt(spec, 'sessionAffinityConfig'), 'clientIP')?.['timeoutSeconds'];
  if (typeof timeout !== 'number' || (timeout > 0 && timeout <= DAY)) return errors;
  const detail = `must be greater than 0 and less than ${DAY}`;
  return [...errors, invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', timeout, detail)];
}

function sourceRangeErrors(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): FieldError[] {
  const spec = specOf(draft);
  const misplaced = isLoadBalancer(spec) ? [] : ["may only be used when `type` is 'LoadBalancer'"];
  const ranges = listAt(spec, 'loadBalancerSourceRanges').map((range) => String(range).trim());
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges';
    const known = listAt(old === undefined ? undefined : specOf(old), 'loadBalancerSourceRanges');
    return [
      ...misplaced.map((text) => forbidden(field, text)),
      ...ranges.flatMap((range, index) =>
        known.includes(range) ? [] : wrong(`${field}[${index}]`, range, legacyCidrErrors(range)),
      ),
    ];
  }
  const value = mapAt(draft.metadata, 'annotations')?.[SOURCE_RANGES];
  if (typeof value !== 'string') return [];
  const field = `metadata.annotations[${SOURCE_RANGES}]`;
  const known = mapAt(old?.metadata, 'annotations')?.[SOURCE_RANGES] === value || value.trim() === '';
  const listed = known ? [] : value.split(',').map((range) => range.trim());
  return [
    ...misplaced.map((text) => forbidden(field, text)),
    ...listed.flatMap((range) => wrong(field, range, legacyCidrErrors(range))),
  ];
}

function classErrors(spec: DraftMap): FieldError[] {
  const value = spec['loadBalancerClass'];
  if (typeof value !== 'string') return [];
  if (isLoadBalancer(spec)) return wrong('spec.loadBalancerClass', value, qualifiedNameErrors(value));
  return [forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")];
}

function externalPolicyErrors(spec: DraftMap): FieldError[] {
  const policy = textAt(spec, 'externalTrafficPolicy');
  const errors: FieldError[] = [];
  if (isExternallyAccessible(spec)) {
    errors.push(
      ...needText(spec, 'externalTrafficPolicy', 'spec'),
      ...oneOf(spec, 'externalTrafficPolicy', 'spec', ['Cluster', 'Local']),
    );
  } else if (policy !== '') {
    errors.push(invalid('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'));
  }
  const port = numberAt(spec, 'healthCheckNodePort');
  if (needsHealthCheck(spec)) {
    if (port === undefined) errors.push(required('spec.healthCheckNodePort'));
    else errors.push(...wrong('spec.healthCheckNodePort', port, portNumberErrors(port)));
  } else if (port !== undefined) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid('spec.healthCheckNodePort', port, detail));
  }
  return errors;
}

function loadBalancerErrors(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const balancer = mapAt(mapAt(draft, 'status'), 'loadBalancer');
  const path = 'status.loadBalancer';
  if (!isLoadBalancer(specOf(draft))) {
    if (listAt(balancer, 'ingress').length === 0) return [];
    return [forbidden(`${path}.ingress`, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return each(balancer, 'ingress', path, (ingress, at) => [
    ...pointIpErrors(ingress, at, mapsAt(mapAt(mapAt(old, 'status'), 'loadBalancer'), 'ingress')),
    ...ipModeErrors(ingress, at),
    ...pointNameErrors(ingress, at),
  ]);
}

/** What is wrong with an address or a name under which a Service or an Ingress can be reached. */
export function ingressPointErrors(point: DraftMap, path: string, known: readonly DraftMap[]): FieldError[] {
  return [...pointIpErrors(point, path, known), ...pointNameErrors(point, path)];
}

function pointIpErrors(point: DraftMap, path: string, known: readonly DraftMap[]): FieldError[] {
  const ip = textAt(point, 'ip');
  return ip === '' || known.some((one) => one['ip'] === ip) ? [] : wrong(`${path}.ip`, ip, legacyIpErrors(ip));
}

function pointNameErrors(point: DraftMap, path: string): FieldError[] {
  const field = `${path}.hostname`;
  const name = textAt(point, 'hostname');
  if (name === '') return [];
  const errors = wrong(field, name, dnsSubdomainErrors(name));
  return parseIp(name) === undefined
    ? errors
    : [...errors, invalid(field, name, 'must be a DNS name, not an IP address')];
}

function ipModeErrors(ingress: DraftMap, path: string): FieldError[] {
  const hasIp = textAt(ingress, 'ip') !== '';
  if (ingress['ipMode'] === undefined) {
    return hasIp ? [required(`${path}.ipMode`, 'must be specified when `ip` is set')] : [];
  }
  if (!hasIp) return [forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set')];
  return oneOf(ingress, 'ipMode', path, ['Proxy', 'VIP']);
}
