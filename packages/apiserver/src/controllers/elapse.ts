import type { Clock, ManualClock } from '../clock.ts';
import type { WorkQueue } from './work-queue.ts';

/**
 * Moves a manual clock on by `ms`, from one piece of work that is due to the next, and lets the queue settle after each: so
 * that what one moment brings about can be due at a later one within `ms`.
 *
 * @throws {TypeError} for any other clock.
 */
export async function elapse(clock: Clock, queue: WorkQueue, ms: number): Promise<void> {
  if (!isManual(clock))
    throw new TypeError('only a manual clock can be moved: createApiServer({ clock: manualClock() })');
  const end = clock.now() + ms;
  for (;;) {
    await queue.settled();
    const next = queue.nextAt;
    if (next === undefined || next > end) break;
    clock.advance(Math.max(0, next - clock.now()));
  }
  clock.advance(end - clock.now());
  await queue.settled();
}

function isManual(clock: Clock): clock is ManualClock {
  return 'advance' in clock;
}
