import { isRecord } from '@homeostat/kube';
import type { Store } from '../store/store.ts';
import type { Allocator } from '../strategy.ts';

/** The network of Services: 10.0.0.0/16. */
const NETWORK = '10.0.';
const SIZE = 1 << 16;
/** The first addresses are kept for those who ask for one by name. */
const FIRST = 256;
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;

/** Hands out the lowest address and port that no Service in the store has. What a deleted Service had is free again. */
export function createAllocator(store: Store): (dryRun: boolean) => Allocator {
  return (dryRun) => {
    // What one request was given is taken for the rest of it.
    const given = new Set<unknown>();
    const give = <T>(one: T): T => {
      given.add(one);
      return one;
    };
    return {
      clusterIp(wanted) {
        // A dry run sets nothing aside, and does not look at what others have.
        if (dryRun) return wanted === undefined ? `${NETWORK}0.0` : isInNetwork(wanted) ? wanted : undefined;
        const used = usedAddresses(store);
        if (wanted !== undefined) return isInNetwork(wanted) && !used.has(wanted) ? give(wanted) : undefined;
        for (let number = FIRST; number < SIZE - 1; number++) {
          const address = `${NETWORK}${String(number >> 8)}.${String(number & 255)}`;
          if (!used.has(address) && !given.has(address)) return give(address);
        }
        return undefined;
      },
      nodePort(wanted) {
        if (dryRun && wanted !== undefined) return wanted;
        const used = usedPorts(store);
        if (wanted !== undefined) {
          const isFree = wanted >= FIRST_PORT && wanted <= LAST_PORT && !used.has(wanted) && !given.has(wanted);
          return isFree ? give(wanted) : undefined;
        }
        for (let port = FIRST_PORT; port <= LAST_PORT; port++) {
          if (!used.has(port) && !given.has(port)) return give(port);
        }
        return undefined;
      },
    };
  };
}

function isInNetwork(address: string): boolean {
  const match = /^10\.0\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(address);
  if (match === null) return false;
  const number = Number(match[1]) * 256 + Number(match[2]);
  return Number(match[1]) < 256 && Number(match[2]) < 256 && number > 0 && number < SIZE - 1;
}

function usedAddresses(store: Store): Set<unknown> {
  const used = new Set<unknown>();
  for (const { object } of store.list('services')) {
    const spec = object['spec'];
    const addresses: unknown = isRecord(spec) ? spec['clusterIPs'] : undefined;
    if (Array.isArray(addresses)) for (const address of addresses) used.add(address);
  }
  return used;
}

function usedPorts(store: Store): Set<unknown> {
  const used = new Set<unknown>();
  for (const { object } of store.list('services')) {
    const spec = object['spec'];
    const ports: unknown = isRecord(spec) ? spec['ports'] : undefined;
    if (isRecord(spec)) used.add(spec['healthCheckNodePort']);
    if (Array.isArray(ports)) for (const port of ports) if (isRecord(port)) used.add(port['nodePort']);
  }
  return used;
}
