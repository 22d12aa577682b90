import type { RetryHint } from '@homeostat/kube';

const FLOOR = 1_000;
const CEILING = 300_000;

/**
 * Doubling with the number of failures in a row, with jitter, and never sooner than the server says; up to a tenth later, since it may have
 * told many the same. Milliseconds.
 */
export function pauseFor(
  hints: readonly RetryHint[],
  failures: number,
  random: number,
  { floor = FLOOR, ceiling = CEILING }: { readonly floor?: number; readonly ceiling?: number } = {},
): number {
  const backoff = Math.min(ceiling, floor * 2 ** Math.min(failures - 1, 20)) * (0.5 + random / 2);
  const asked = hints.flatMap((hint) => (typeof hint === 'object' ? [hint.afterMs * (1 + random / 10)] : []));
  return Math.max(backoff, ...asked);
}
