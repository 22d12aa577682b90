import { KubeError } from '@homeostat/kube';
import PQueue from 'p-queue';

/** How many requests are in flight at once. One per API server for the whole process. */
export interface Limit {
  /** Runs the task when there is room; first come, first served, higher priority first. Wrap requests in it, never waits. */
  run<T>(task: () => Promise<T>, options?: { readonly priority?: number }): Promise<T>;
  /**
   * Takes note of one more retry, and says how many milliseconds it has to wait, besides its own pause, so that the retries of all who
   * share the limit stay below 50 a second (100 at a time).
   */
  retryIn(): number;
  /** How many may run at once right now. */
  readonly concurrency: number;
  readonly running: number;
  readonly waiting: number;
}

export interface LimitOptions {
  /** Default 16. */
  readonly start?: number;
  /** Default 1. */
  readonly min?: number;
  /** Default 64. */
  readonly max?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Retries of the whole process: so many milliseconds apart in the long run, and so many at a time. */
const RETRY_EVERY = 20;
const RETRY_BURST = 100;

/** Latency may rise to this multiple of the best seen before growth stops, and to that one before it is taken back. */
const HOLDS = 1.5;
const SUFFERS = 4;
/** The best latency seen is forgotten by this factor per round, so that a server that became slower for good is not starved. */
const FORGET = 1.02;

/**
 * A limit that learns what the server bears.
 *
 * 1. Starts at `start`; never below `min`, never above `max`.
 * 2. Halves when a task fails with `THROTTLED`, `UNAVAILABLE` or `TIMEOUT`; once per burst: tasks that were already in flight
 *    when it halved do not halve it again. Any other error, a bad manifest above all, says nothing about load; nor does one
 *    that repeats what the server said before (its cause is that error).
 * 3. After as many finished tasks as it allows at once, and only if some had to queue: grows by a quarter while their mean
 *    latency is at most 1.5 × the best seen, and gives an eighth back when it is above 4 ×.
 * 4. However many requests fail, and however long: the retries together are bounded in rate, first attempts are not held up by them.
 */
export function createLimit(options: LimitOptions = {}): Limit {
  const { start = 16, min = 1, max = 64, now = () => performance.now() } = options;
  if (!(min >= 1 && min <= start && start <= max)) {
    throw new RangeError(`a limit needs 1 <= min <= start <= max; got min ${min}, start ${start}, max ${max}`);
  }
  const queue = new PQueue({ concurrency: start });
  let epoch = 0;
  /** When retries at the long-term rate would have come to the last one. */
  let paced = -Infinity;
  let best = Infinity;
  let round = { finished: 0, latency: 0, queued: false };

  const resize = (concurrency: number) => {
    queue.concurrency = Math.min(max, Math.max(min, Math.round(concurrency)));
    round = { finished: 0, latency: 0, queued: false };
  };

  const finish = (latency: number) => {
    round.finished++;
    round.latency += latency;
    round.queued ||= queue.size > 0;
    if (round.finished < queue.concurrency) return;
    const mean = round.latency / round.finished;
    best = Math.min(best * FORGET, mean);
    const { queued } = round;
    if (queued && mean <= HOLDS * best) resize(queue.concurrency + Math.max(1, queue.concurrency / 4));
    else if (mean > SUFFERS * best) resize(queue.concurrency - Math.max(1, queue.concurrency / 8));
    else resize(queue.concurrency);
  };

  const measured = async <T>(task: () => Promise<T>): Promise<T> => {
    const begun = epoch;
    const since = now();
    try {
      const result = await task();
      finish(now() - since);
      return result;
    } catch (error) {
      if (saysOverload(error) && begun === epoch) {
        epoch++;
        resize(queue.concurrency / 2);
      }
      throw error;
    }
  };

  return {
    run: (task, { priority = 0 } = {}) => queue.add(() => measured(task), { priority }),
    retryIn() {
      const at = now();
      paced = Math.max(paced, at) + RETRY_EVERY;
      return Math.max(0, paced - at - RETRY_EVERY * RETRY_BURST);
    },
    get concurrency() {
      return queue.concurrency;
    },
    get running() {
      return queue.pending;
    },
    get waiting() {
      return queue.size;
    },
  };
}

function saysOverload(error: unknown): boolean {
  if (!(error instanceof KubeError) || error.cause instanceof KubeError) return false;
  return ['THROTTLED', 'UNAVAILABLE', 'TIMEOUT'].includes(error.code);
}
