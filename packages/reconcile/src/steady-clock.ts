import { systemClock } from '@homeostat/kube';
import type { Clock } from '@homeostat/kube';

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
