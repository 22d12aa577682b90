import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, numberAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import { absent, each, eachText, needText, oneOf, wrong } from './checks.ts';
import { endpointIpErrors, protocolErrors } from './endpoints.ts';
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from './meta/formats.ts';
import { legacyCidrErrors, legacyIpErrors } from './meta/ip.ts';
import { validateLabels } from './meta/label-selector.ts';
import { validateAddresses } from './service-families.ts';
import { isExternallyAccessible, isHeadless, isLoadBalancer, needsHealthCheck, specOf } from './service-parts.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const DAY = 86_400;

/** What is wrong with a Service that has its addresses and ports. */
export function validateService(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): FieldError[] {
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

/** A port by number or by name. */
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
