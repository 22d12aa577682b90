import { KubeError } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import { followObject } from './follow-object.ts';
import type { HoldOptions, HoldPorts } from './hold-lease.ts';
import { heldThrough, LEASE_LABEL, readLease } from './lease.ts';

const RETRY_MS = 2_000;
const LOOK_MS = 5_000;

/** One Lease as it was last seen, and since when it has been so by our clock. */
interface Sight {
  /** Whether it could be looked at so far. */
  known: boolean;
  live: KubeObject | undefined;
  changedAt: number;
}

/** Whether somebody else holds it, as far as it says. */
export function isTaken(live: KubeObject | undefined, holder: string): live is KubeObject {
  if (live === undefined) return false;
  const held = readLease(live).holder;
  return held !== '' && held !== holder;
}

function isHeldBy(live: KubeObject | undefined, holder: string): boolean {
  return live !== undefined && readLease(live).holder === holder;
}

/**
 * Waits until the Lease is free; returns it as it is then.
 *
 * 1. One that its holder renews itself is free when it was given back, or has not changed for its duration.
 * 2. One that is held through another is free when that other is gone, is another holder's, or has not changed for its duration. That one is then
 *    deleted in exactly the state that was watched, which proves that it is over, and frees everything else that was held through it.
 * 3. A Lease that cannot be seen is no free Lease.
 *
 * @throws {KubeError} when the one that it is held through cannot be read at the moment.
 */
export async function outlast(
  first: KubeObject,
  ref: Ref,
  ports: HoldPorts,
  { holder, signal, standby, trouble }: HoldOptions,
): Promise<KubeObject | undefined> {
  const { client, clock } = ports;
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const following: Promise<void>[] = [];
  let arrival = Promise.withResolvers<void>();

  const follow = (at: Ref, sight: Sight): void => {
    const seen = (object: KubeObject | undefined): void => {
      // Read anew after a failure, it may be what it was: that is no sign of life.
      if (sight.known && object?.metadata.resourceVersion === sight.live?.metadata.resourceVersion) return;
      Object.assign(sight, { known: true, live: object, changedAt: clock.now() });
      arrival.resolve();
    };
    const blind = (error: KubeError, isNew: boolean): void => {
      if (isNew && !sight.known)
        trouble(`whether ${at.namespace}/${at.name} is renewed cannot be seen: ${error.message}`);
    };
    const informer = ports.engineLease?.leases;
    // A Lease from before there were labels is not among those that are watched together.
    if (informer !== undefined && (!sight.known || sight.live?.metadata.labels?.[LEASE_LABEL] !== undefined)) {
      const leave = informer.follow(at, { seen, trouble: blind });
      end.addEventListener('abort', leave, { once: true });
      return;
    }
    const from = sight.live === undefined ? {} : { from: sight.live };
    following.push(followObject(at, ports, { signal: end, ...from, seen, trouble: blind }));
  };

  const own: Sight = { known: true, live: first, changedAt: clock.now() };
  const others = new Map<string, Sight>();
  const sightOf = (at: Ref): Sight => {
    const key = `${at.namespace}/${at.name}`;
    const known = others.get(key);
    if (known !== undefined) return known;
    const sight: Sight = { known: false, live: undefined, changedAt: clock.now() };
    others.set(key, sight);
    follow(at, sight);
    return sight;
  };
  const pause = async (ms: number | undefined): Promise<void> => {
    const waking = new AbortController();
    const timer = ms === undefined ? [] : [clock.sleep(ms, AbortSignal.any([end, waking.signal]))];
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    end.addEventListener('abort', stop, { once: true });
    await Promise.race([...following, arrival.promise, stopped.promise, ...timer]);
    end.removeEventListener('abort', stop);
    waking.abort();
    arrival = Promise.withResolvers();
  };
  /** Whether it is over for good. */
  const bury = async (at: Ref, live: KubeObject): Promise<boolean> => {
    const { uid = '', resourceVersion = '' } = live.metadata;
    try {
      await client.delete(at, { timeoutMs: LOOK_MS, preconditions: { uid, resourceVersion } });
      return true;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.code === 'FORBIDDEN') {
        const now = await client.get(at, { timeoutMs: LOOK_MS });
        return now === undefined || now.metadata.resourceVersion === resourceVersion;
      }
      return false;
    }
  };

  let told = '';
  try {
    follow(ref, own);
    while (!signal.aborted && isTaken(own.live, holder)) {
      const state = readLease(own.live);
      if (state.holder !== told) standby(state.holder);
      told = state.holder;
      const through = heldThrough(own.live);
      const sight = through === undefined ? own : sightOf(through);
      if (!sight.known) {
        await pause(undefined);
        continue;
      }
      if (through !== undefined && !isHeldBy(sight.live, state.holder)) {
        // A watch may lag behind what was read of the set's own.
        const now = await client.get(through, { timeoutMs: LOOK_MS });
        if (!isHeldBy(now, state.holder)) break;
        Object.assign(sight, { live: now, changedAt: clock.now() });
        continue;
      }
      if (sight.live === undefined) break;
      const left = sight.changedAt + readLease(sight.live).durationMs - clock.now();
      if (left > 0) await pause(left);
      else if (through === undefined || (await bury(through, sight.live))) break;
      else await pause(RETRY_MS);
    }
  } finally {
    over.abort();
    await Promise.all(following);
  }
  return own.live;
}
