import { manualClock } from '../clock.ts';
import type { ManualClock } from '../clock.ts';

/** Time that stands still until the test moves it, for the server and for what is under test. */
export interface TestClock extends ManualClock {
  /** Resolves once the time has been moved on by `ms`, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function testClock(): TestClock {
  const clock = manualClock();
  return {
    ...clock,
    sleep: (ms, signal) =>
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
        const cancel = clock.setTimer(end, ms);
        signal?.addEventListener('abort', end, { once: true });
      }),
  };
}
