import PQueue from 'p-queue';
import type { Limit } from '@homeostat/apply';
import { throughLimit } from './through-limit.ts';

/**
 * One sync's share of the budget of requests. The budget serves first come, first served, and a sync of a thousand objects comes with
 * a thousand requests at once: so no more of one sync wait there than may run at once, and the rest wait here. Whoever comes with one request
 * waits for at most that many of each other sync that works.
 */
export function shareLimit(limit: Limit): Limit {
  const queue = new PQueue({ concurrency: limit.concurrency });
  return throughLimit(
    limit,
    (task, options = {}) => {
      queue.concurrency = limit.concurrency;
      return queue.add(() => limit.run(task, options), options);
    },
    () => queue.size,
  );
}
