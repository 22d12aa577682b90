import { compareQuantities, parseQuantity, printQuantity } from '@homeostat/kube';
import type { Quantity } from '@homeostat/kube';
import type { DraftMap } from '../../draft.ts';
import { isMap, mapAt, mapsAt, textAt } from '../../draft.ts';

const MILLI = 1_000_000n;
const ZERO: Quantity = { nano: 0n, format: 'DecimalSI' };

/** A quantity of a decoded object; what is absent counts as nothing. */
export function quantityOf(value: unknown): Quantity {
  return typeof value === 'string' || typeof value === 'number' ? (parseQuantity(value) ?? ZERO) : ZERO;
}

export function isNegative(value: unknown): boolean {
  return quantityOf(value).nano < 0n;
}

export function compareAmounts(a: unknown, b: unknown): number {
  return compareQuantities(quantityOf(a), quantityOf(b));
}

/** Amounts of resources are kept in thousandths at the finest, rounded up. */
export function roundToMilli(list: DraftMap | undefined): void {
  for (const [name, value] of Object.entries(list ?? {})) {
    const { nano, format } = quantityOf(value);
    const rest = ((nano % MILLI) + MILLI) % MILLI;
    if (list !== undefined && rest !== 0n) list[name] = printQuantity({ nano: nano - rest + MILLI, format });
  }
}

/**
 * What all containers of a pod need at the same time: the regular ones and the sidecars together, or while one init
 * container runs, that one and the sidecars started before it, whichever is more.
 */
export function aggregate(spec: DraftMap, kind: 'requests' | 'limits'): Readonly<Record<string, string>> {
  const total = new Map<string, Quantity>();
  for (const container of mapsAt(spec, 'containers')) add(total, listOf(container, kind));
  const sidecars = new Map<string, Quantity>();
  const starting = new Map<string, Quantity>();
  for (const container of mapsAt(spec, 'initContainers')) {
    const own = listOf(container, kind);
    if (textAt(container, 'restartPolicy') === 'Always') {
      add(total, own);
      add(sidecars, own);
      raise(starting, sidecars);
    } else {
      const together = new Map(sidecars);
      add(together, own);
      raise(starting, together);
    }
  }
  raise(total, starting);
  return Object.fromEntries([...total].map(([name, amount]) => [name, printQuantity(amount)]));
}

function listOf(container: DraftMap, kind: string): ReadonlyMap<string, Quantity> {
  const list = mapAt(mapAt(container, 'resources'), kind) ?? {};
  return new Map(Object.entries(list).map(([name, value]) => [name, quantityOf(value)]));
}

function add(total: Map<string, Quantity>, more: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of more) {
    const sum = total.get(name);
    total.set(name, sum === undefined ? amount : { nano: sum.nano + amount.nano, format: sum.format });
  }
}

function raise(total: Map<string, Quantity>, least: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of least) {
    if ((total.get(name)?.nano ?? -1n) < amount.nano) total.set(name, amount);
  }
}

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** How the node treats the pod when memory gets scarce: by what its containers ask for and may use. */
export function qosOf(spec: DraftMap): QosClass {
  const own = mapAt(spec, 'resources');
  if (own !== undefined && (isMap(own['requests']) || isMap(own['limits']))) return qosOfResources(own);
  const containers = [...mapsAt(spec, 'initContainers'), ...mapsAt(spec, 'containers')];
  const classes = new Set(containers.map((container) => qosOfResources(mapAt(container, 'resources') ?? {})));
  const [only = 'BestEffort'] = classes;
  return classes.size > 1 ? 'Burstable' : only;
}

function qosOfResources(resources: DraftMap): QosClass {
  const requests = mapAt(resources, 'requests');
  const limits = mapAt(resources, 'limits');
  const classes = new Set(
    ['cpu', 'memory'].map((name): QosClass => {
      if (compareAmounts(requests?.[name], limits?.[name]) !== 0) return 'Burstable';
      return quantityOf(requests?.[name]).nano === 0n ? 'BestEffort' : 'Guaranteed';
    }),
  );
  const [only = 'BestEffort'] = classes;
  return classes.size > 1 ? 'Burstable' : only;
}
