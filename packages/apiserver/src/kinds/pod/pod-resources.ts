import type { DraftMap } from '../../draft.ts';
import { ensureMap, mapAt, mapsAt } from '../../draft.ts';
import { aggregate, compareAmounts } from './resource-list.ts';

/** Whether a Pod as a whole may ask for the resource. */
export function isPodResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/**
 * Completes the resources of a Pod as a whole, where some are given: requests from what its containers request, else from
 * the limits; limits from the containers' where each has one.
 */
export function defaultPodResources(spec: DraftMap): void {
  const resources = mapAt(spec, 'resources');
  if (resources === undefined || !hasAmounts(resources)) return;
  const requested = mapAt(resources, 'requests') ?? {};
  const hugePages = Object.entries(aggregate(spec, 'limits')).filter(
    ([name]) => name.startsWith('hugepages-') && !(name in requested),
  );
  addMissing(resources, 'limits', hugePages);
  const byContainers = Object.entries(aggregate(spec, 'requests')).filter(
    ([name]) => isPodResource(name) && !name.startsWith('hugepages-'),
  );
  addMissing(resources, 'requests', byContainers);
  const limited = Object.entries(mapAt(resources, 'limits') ?? {}).filter(([name]) => isPodResource(name));
  addMissing(resources, 'requests', limited);
  addMissing(resources, 'limits', limitsOfAll(spec, resources));
}

function hasAmounts(resources: DraftMap): boolean {
  return ['requests', 'limits'].some((kind) => Object.keys(mapAt(resources, kind) ?? {}).length > 0);
}

function addMissing(
  resources: DraftMap,
  kind: 'requests' | 'limits',
  amounts: readonly (readonly [string, unknown])[],
): void {
  if (amounts.length === 0) return;
  const list = ensureMap(resources, kind);
  for (const [name, amount] of amounts) list[name] ??= amount;
}

function limitsOfAll(spec: DraftMap, resources: DraftMap): readonly (readonly [string, unknown])[] {
  const requests = mapAt(resources, 'requests') ?? {};
  const containers = [...mapsAt(spec, 'initContainers'), ...mapsAt(spec, 'containers')];
  const sums = aggregate(spec, 'limits');
  return Object.entries(requests)
    .filter(([name]) => isPodResource(name))
    .filter(([name]) => containers.every((one) => mapAt(mapAt(one, 'resources'), 'limits')?.[name] !== undefined))
    .map(([name, request]) => [name, compareAmounts(request, sums[name]) > 0 ? request : sums[name]] as const);
}
