import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { Strategy } from '../strategy.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { loadBalancerErrors } from './load-balancer-status.ts';
import { allocateService } from './service-address.ts';
import { validateServiceChange } from './service-change.ts';
import {
  getsNodePorts,
  isExternallyAccessible,
  isLoadBalancer,
  needsAddress,
  needsHealthCheck,
  specOf,
  usesNodePorts,
} from './service-parts.ts';
import { serviceWarnings } from './service-warnings.ts';
import { validateService } from './validate-service.ts';

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
  validate: validateService,
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
