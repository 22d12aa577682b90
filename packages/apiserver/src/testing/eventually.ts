import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Of real time. Default 5,000. */
  readonly timeoutMs?: number;
}

const EVERY_MS = 5;

/**
 * Tries `check` until it neither throws nor returns `false`, and returns what it returned.
 *
 * @throws what the last try threw, when the time is up.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 5000 }: EventuallyOptions = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const late = performance.now() >= end;
    try {
      const value = await check();
      if (value !== false) return value;
      if (late) throw new Error(`it was still not so after ${String(timeoutMs)} ms`);
    } catch (error) {
      if (late) throw error;
    }
    await sleep(EVERY_MS);
  }
}
