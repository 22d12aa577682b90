import { KubeError, whatHolds } from '@homeostat/kube';
import type { CallOptions, Client, KubeObject, Ref } from '@homeostat/kube';
import type { PruneEvent } from './outcome.ts';

export interface GoneOptions extends CallOptions {
  readonly signal: AbortSignal;
  readonly version: string;
  readonly waitTimeoutMs: number;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly request: <T>(task: () => Promise<T>) => Promise<T>;
  readonly tell: (event: PruneEvent) => void;
}

const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 2_000;
const FIRST_TOLD_MS = 1_000;
const TOLD_EVERY_MS = 5_000;

/**
 * Waits until the object of this uid is gone; what holds it when the time is up, `undefined` when it is gone. Tells what it waits
 * for after a second, and then every five.
 */
export async function waitForGone(
  client: Client,
  ref: Ref,
  uid: string,
  options: GoneOptions,
): Promise<string | undefined> {
  const { signal, version, waitTimeoutMs, clock, request, tell } = options;
  const since = clock.now();
  let telling = since + FIRST_TOLD_MS;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    const live = await request(() => lookAgain(client, ref, { signal, version }));
    if (live === undefined || live.metadata.uid !== uid) return undefined;
    const now = clock.now();
    if (now - since >= waitTimeoutMs) return whatHolds(live);
    if (now >= telling) {
      tell({ type: 'waiting', ref, reason: whatHolds(live), since });
      telling = now + TOLD_EVERY_MS;
    }
    await clock.sleep(Math.min(pause, since + waitTimeoutMs - now, telling - now), signal);
    if (signal.aborted)
      throw new KubeError('CANCELLED', `the wait for ${ref.kind} ${ref.name} to be gone was cancelled`, { ref });
  }
}

async function lookAgain(
  client: Client,
  ref: Ref,
  options: CallOptions & { readonly version: string },
): Promise<KubeObject | undefined> {
  try {
    return await client.get(ref, options);
  } catch (error) {
    // Its definition went, and all objects with it.
    if (error instanceof KubeError && error.code === 'UNKNOWN_KIND') return undefined;
    throw error;
  }
}
