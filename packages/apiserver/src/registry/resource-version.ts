import type { Clock } from '../clock.ts';
import { ApiError } from '../status.ts';
import type { Store } from '../store/store.ts';

const UINT64 = /^[0-9]{1,20}$/;

/** Reads a resourceVersion; `undefined` when it is none, with the reason that Go's parser gives in `parseFailure`. */
export function readVersion(text: string): number | undefined {
  if (!UINT64.test(text)) return undefined;
  const value = Number(text);
  // Beyond 2^53 every version is of the future, whatever its last digits are.
  return BigInt(text) < 2n ** 64n ? value : undefined;
}

export function parseFailure(text: string): string {
  return /^[0-9]+$/.test(text)
    ? `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`
    : `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
}

const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits until the store has reached a version: three seconds at most.
 *
 * @throws {ApiError} 504 when it has not.
 */
export async function reachVersion(store: Store, version: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let waited = 0; version > store.version && waited < PATIENCE_MS && !signal.aborted; waited += LOOK_EVERY_MS) {
    await new Promise<void>((resolve) => void clock.setTimer(resolve, LOOK_EVERY_MS));
  }
  if (version <= store.version) return;
  throw new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${String(version)}, current: ${String(store.version)}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}
