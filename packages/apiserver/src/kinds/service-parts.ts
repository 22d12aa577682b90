import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, textAt } from '../draft.ts';

/** Questions that the life of a Service turns on. Each takes its `spec`. */

export function specOf(service: Readonly<Draft>): DraftMap {
  return mapAt(service, 'spec') ?? {};
}

export function isHeadless(spec: DraftMap): boolean {
  const addresses = listAt(spec, 'clusterIPs');
  return addresses.length === 1 && addresses[0] === 'None';
}

export function needsAddress(spec: DraftMap): boolean {
  return spec['type'] !== 'ExternalName';
}

export function isLoadBalancer(spec: DraftMap): boolean {
  return spec['type'] === 'LoadBalancer';
}

export function usesNodePorts(spec: DraftMap): boolean {
  return spec['type'] === 'NodePort' || isLoadBalancer(spec);
}

/** Whether every port of it gets a port of the nodes. */
export function getsNodePorts(spec: DraftMap): boolean {
  return spec['type'] === 'NodePort' || (isLoadBalancer(spec) && spec['allocateLoadBalancerNodePorts'] !== false);
}

export function needsHealthCheck(spec: DraftMap): boolean {
  return isLoadBalancer(spec) && spec['externalTrafficPolicy'] === 'Local';
}

export function isExternallyAccessible(spec: DraftMap): boolean {
  return usesNodePorts(spec) || (textAt(spec, 'type') === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0);
}
