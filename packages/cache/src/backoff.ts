import type { RetryHint } from '@homeostat/kube';

/** Bounds of the wait before the next attempt, in milliseconds. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { minMs: 800, maxMs: 30_000 };

/**
 * How long to wait after `failures` failures in a row (at least one): anywhere between the least wait and one that doubles
 * each time, so that many clients do not come back together; never less than the server asked for.
 *
 * @param random in [0, 1).
 */
export function backoffMs(failures: number, retry: RetryHint, random: number, { minMs, maxMs }: Backoff): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
  const asked = typeof retry === 'object' ? retry.afterMs : 0;
  return Math.max(asked, minMs + random * (ceiling - minMs));
}
