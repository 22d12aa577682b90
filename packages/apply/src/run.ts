import { KubeError, printRef } from '@homeostat/kube';
import type { CallOptions, Client, Clock, Managers, Ref } from '@homeostat/kube';
import { classify } from './classify.ts';
import type { Limit } from './limit.ts';

/** What a run tells while it lasts. */
export interface Waiting {
  readonly type: 'waiting';
  /** What the wait is about. */
  readonly ref: Ref;
  /** For it to be `ready`, to be `gone`, for its `kind` to be served, or for the server to take a request (`retry`). */
  readonly what: 'ready' | 'gone' | 'kind' | 'retry';
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** What all parts of one run share. */
export interface Run {
  readonly client: Client;
  readonly managers: Managers;
  readonly limit: Limit;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly waitTimeoutMs: number;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  readonly tell: (event: Waiting) => void;
}

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/**
 * One request: a place in the limit, and up to five attempts while the server is busy, unavailable or cannot reach a
 * webhook. Between them it waits 0.25, 0.5, 1, 2 s with jitter, or as long as `Retry-After` says, and holds no place. Where that is longer
 * than any wait of the run may last, the error is the answer: it says when to come back.
 *
 * @throws {KubeError} and nothing else.
 */
export async function send<T>(run: Run, ref: Ref, call: (options: CallOptions) => Promise<T>): Promise<T> {
  const since = run.clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await run.limit.run(async () => {
        if (run.signal.aborted) throw cancelled(ref);
        return await call({ signal: run.signal });
      });
    } catch (error) {
      if (!(error instanceof KubeError) || attempt === ATTEMPTS || !isTransient(error)) throw error;
      if (typeof error.retry === 'object' && error.retry.afterMs > run.waitTimeoutMs) throw error;
      run.tell({ type: 'waiting', ref, what: 'retry', reason: error.message, since });
      await pause(run, attempt, error);
    }
  }
}

function isTransient(error: KubeError): boolean {
  const { code } = classify(error);
  if (code === 'throttled' || code === 'unavailable' || code === 'webhook' || code === 'timeout') return true;
  // The client knows the refusals that have to do with others only: a quota's own version, a ServiceAccount yet to be made.
  return (error.code === 'STALE' || error.code === 'FORBIDDEN') && error.retry !== 'never';
}

/** Exponential, 50–100 % of it by chance so that many waiters do not come back at once; never earlier than the server asks. */
export async function pause(run: Run, attempt: number, error?: KubeError): Promise<void> {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  const asked = typeof error?.retry === 'object' ? error.retry.afterMs : 0;
  const own = asked + delay * (0.5 + run.random() / 2);
  await run.clock.sleep(Math.max(own, run.limit.retryIn()), run.signal);
}

export function cancelled(ref: Ref): KubeError {
  return new KubeError('CANCELLED', `${printRef(ref)}: cancelled`, { ref });
}

const NOTICE_AFTER_MS = 1_000;
const NOTICE_EVERY_MS = 5_000;

/**
 * Awaits something and tells about it: first after a second, then every five, each time with the reason of that moment.
 */
export async function told<T>(
  run: Run,
  about: Pick<Waiting, 'ref' | 'what'>,
  reason: () => string,
  wait: Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const since = run.clock.now();
  const notices = async () => {
    await run.clock.sleep(NOTICE_AFTER_MS, ended.signal);
    while (!ended.signal.aborted && !run.signal.aborted) {
      run.tell({ type: 'waiting', ...about, reason: reason(), since });
      await run.clock.sleep(NOTICE_EVERY_MS, ended.signal);
    }
  };
  void notices();
  try {
    return await wait;
  } finally {
    ended.abort();
  }
}
