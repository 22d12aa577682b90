import type { Clock } from '@homeostat/kube';

/** Sleeps, also on a clock that rejects when the signal is aborted; afterwards the signal tells whether the time has passed. */
export async function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
