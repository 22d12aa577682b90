import type { Clock } from '@homeostat/kube';

/** The end of a pass that takes too long. */
export interface Deadline {
  /** The caller's, or aborted when the time is up. */
  readonly signal: AbortSignal;
  /** Whether it was the time that ended the pass, and no person: then another attempt can help. */
  expired(): boolean;
  end(): void;
}

/** `over` is told at the very moment, when it can still be seen what was going on. */
export function startDeadline(
  signal: AbortSignal | undefined,
  ms: number,
  clock: Pick<Clock, 'sleep'>,
  over: () => void,
): Deadline {
  const expiry = new AbortController();
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    await clock.sleep(ms, ended.signal);
    if (ended.signal.aborted) return;
    over();
    expiry.abort(new Error('the deadline of the pass is over'));
  };
  void watch();
  const either = signal === undefined ? expiry.signal : AbortSignal.any([signal, expiry.signal]);
  return {
    signal: either,
    expired: () => expiry.signal.aborted && either.reason === expiry.signal.reason,
    end: () => ended.abort(),
  };
}
