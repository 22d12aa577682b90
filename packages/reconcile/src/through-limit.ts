import type { Limit } from '@homeostat/apply';

/** The same budget of requests, which something else lets through first; `held` counts those that wait there. */
export function throughLimit(limit: Limit, run: Limit['run'], held: () => number = () => 0): Limit {
  return {
    run,
    retryIn: () => limit.retryIn(),
    get concurrency() {
      return limit.concurrency;
    },
    get running() {
      return limit.running;
    },
    get waiting() {
      return limit.waiting + held();
    },
  };
}
