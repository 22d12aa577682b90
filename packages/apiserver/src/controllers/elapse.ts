import type { Clock, ManualClock } from '../clock.ts';
import type { WorkQueue } from './work-queue.ts';

/** Resolves once none of the queues has anything to do at this moment, although one may give work to another. */
export async function settled(queues: readonly WorkQueue[]): Promise<void> {
  while (queues.some(({ busy }) => busy)) await Promise.all(queues.map((queue) => queue.settled()));
}

/**
 * Moves a manual clock on by `ms`, from one piece of work that is due to the next, and lets the queues settle after each: so
 * that what one moment brings about can be due at a later one within `ms`.
 *
 * @throws {TypeError} for any other clock.
 */
export async function elapse(clock: Clock, queues: readonly WorkQueue[], ms: number): Promise<void> {
  if (!isManual(clock))
    throw new TypeError('only a manual clock can be moved: createApiServer({ clock: manualClock() })');
  const end = clock.now() + ms;
  for (;;) {
    await settled(queues);
    const next = Math.min(...queues.map(({ nextAt = Infinity }) => nextAt));
    if (next > end) break;
    clock.advance(Math.max(0, next - clock.now()));
  }
  clock.advance(end - clock.now());
  await settled(queues);
}

function isManual(clock: Clock): clock is ManualClock {
  return 'advance' in clock;
}
