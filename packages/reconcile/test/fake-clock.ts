import type { Clock } from '@homeostat/reconcile';

/** Time that moves when it is told to. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, from one sleeper that is due to the next; what each of them starts gets the time to be done. */
  advance(ms: number): Promise<void>;
  /** How many sleep now. */
  readonly sleeping: number;
}

export function fakeClock(start: number = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => time,
    get sleeping() {
      return sleepers.size;
    },
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = {
          at: time + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      });
    },
    async advance(ms) {
      const end = time + ms;
      await idle();
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        time = Math.max(time, next.at);
        next.wake();
        await idle();
      }
      time = end;
    },
  };
}

/** A request to the server in this process takes some turns of the event loop, and no time. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate);
}
