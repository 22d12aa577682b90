export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock, which somebody may set. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/**
 * A clock for pauses, deadlines and Leases: it never goes back and never stands still, whatever is done to the machine's.
 *
 * Setting the machine's clock forward, and waking it after it slept, is time that has passed; setting it back is ignored for as long as the
 * process lives. `wall` and `monotonic` are milliseconds since 1970 and since any moment.
 */
export function steadyClock({
  wall = Date.now,
  monotonic = () => performance.now(),
  sleep = (ms, signal) => systemClock.sleep(ms, signal),
}: {
  readonly wall?: () => number;
  readonly monotonic?: () => number;
  readonly sleep?: Clock['sleep'];
} = {}): Clock {
  let ahead = wall() - monotonic();
  return {
    now() {
      const elapsed = monotonic();
      ahead = Math.max(ahead, wall() - elapsed);
      return ahead + elapsed;
    },
    sleep,
  };
}
