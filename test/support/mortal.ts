import type { CallOptions, Client } from '@homeostat/kube';
import { steadyClock } from '@homeostat/reconcile';
import type { Clock } from '@homeostat/reconcile';

/**
 * A client whose process can be killed: from then on it sends nothing, nothing that was under way comes back to it, and its
 * watches are cut. What the server has been asked already is done all the same, as when a machine loses its power.
 */
export function mortalClient(client: Client, death: AbortSignal): Client {
  const bound = <O extends CallOptions>(options: O | undefined): O => {
    const { signal } = options ?? {};
    return { ...options, signal: signal === undefined ? death : AbortSignal.any([signal, death]) } as O;
  };
  const call = async <T>(send: () => Promise<T>): Promise<T> => {
    if (death.aborted) return never();
    try {
      const answer = await send();
      return death.aborted ? await never() : answer;
    } catch (error) {
      if (death.aborted) return never();
      throw error;
    }
  };
  const stream = async function* <T>(open: () => AsyncIterable<T>): AsyncGenerator<T, void> {
    if (death.aborted) await never();
    try {
      for await (const item of open()) {
        if (death.aborted) await never();
        yield item;
      }
    } catch (error) {
      if (death.aborted) await never();
      throw error;
    }
    if (death.aborted) await never();
  };
  return {
    resources: (options) => call(() => client.resources(bound(options))),
    get: (ref, options) => call(() => client.get(ref, bound(options))),
    list: (resource, options) => stream(() => client.list(resource, bound(options))),
    watch: (resource, options) => stream(() => client.watch(resource, bound(options))),
    apply: (object, options) => call(() => client.apply(object, bound(options))),
    create: (object, options) => call(() => client.create(object, bound(options))),
    update: (object, options) => call(() => client.update(object, bound(options))),
    patch: (ref, patch, options) => call(() => client.patch(ref, patch, bound(options))),
    delete: (ref, options) => call(() => client.delete(ref, bound(options))),
    request: (request) => call(() => client.request(bound(request))),
    as: (who) => mortalClient(client.as(who), death),
  };
}

/** The clock of such a process: it can be set wrong, and whoever sleeps when the process is killed never wakes. */
export interface MortalClock extends Clock {
  /** Sets the machine's clock by `ms`, forward or back. Waits last as long as they would have. */
  jump(ms: number): void;
}

export function mortalClock(clock: Clock, death: AbortSignal): MortalClock {
  let skew = 0;
  const steady = steadyClock({ wall: () => clock.now() + skew, monotonic: () => clock.now() });
  return {
    now: () => steady.now(),
    jump: (ms) => (skew += ms),
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      if (death.aborted) await never();
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
