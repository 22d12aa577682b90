import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, textAt } from '../draft.ts';
import { isHeadless, specOf } from './service-parts.ts';

const HINTS = 'service.kubernetes.io/topology-aware-hints';
const MODE = 'service.kubernetes.io/topology-mode';

/** What a Service has and does not use, or should not use any more. Ways to write addresses are not commented on. */
export function serviceWarnings(draft: Readonly<Draft>): readonly string[] {
  const spec = specOf(draft);
  const external = listAt(spec, 'externalIPs').length > 0;
  const byName = spec['type'] === 'ExternalName';
  const warnings: string[] = [];
  if (mapAt(draft.metadata, 'annotations')?.[HINTS] !== undefined) {
    warnings.push(`annotation ${HINTS} is deprecated, please use ${MODE} instead`);
  }
  if (spec['type'] === 'ClusterIP' && isHeadless(spec)) warnings.push(...headlessWarnings(spec, external));
  else if (external && !byName) {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (byName && external) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (!byName && textAt(spec, 'externalName') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec['trafficDistribution'] === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

function headlessWarnings(spec: DraftMap, external: boolean): readonly string[] {
  const ignored: string[] = [];
  if (textAt(spec, 'loadBalancerIP') !== '') ignored.push('spec.loadBalancerIP');
  if (external) ignored.push('spec.externalIPs');
  if (spec['sessionAffinity'] !== 'None') ignored.push('spec.SessionAffinity');
  return ignored.map((field) => `${field} is ignored for headless services`);
}
