/** Time as an argument. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Calls `run` after so many milliseconds; what it returns takes that back. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** A timer of Node that is set for longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock, which somebody may set. It sleeps for 24 days at the most. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: sleepBy((run, ms) => {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }),
};

/** The `sleep` of a clock that has such timers. */
export function sleepBy(setTimer: SetTimer): Clock['sleep'] {
  return (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = setTimer(end, ms);
      signal?.addEventListener('abort', end, { once: true });
    });
}
