import { GitError } from './error.ts';

/** The reason that {@link deadline} aborts with. */
class Expired extends Error {
  override readonly name = 'Expired';
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(`no end after ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/** A signal that aborts with the caller's, or when the time is over. Dispose it to stop the timer. */
export function deadline(ms: number, signal: AbortSignal | undefined): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new Expired(ms));
  }, ms);
  timer.unref();
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
    },
  };
}

/** The error for a signal that aborted: `TIMEOUT` if it was our deadline, `CANCELLED` if it was the caller. */
export function cancelled(signal: AbortSignal): GitError {
  const reason: unknown = signal.reason;
  if (reason instanceof GitError) return reason;
  if (reason instanceof Expired) {
    return new GitError(
      'TIMEOUT',
      `the Git operation did not end within ${reason.afterMs} ms; raise limits.operationMs if the repository is that large`,
      {
        retry: 'backoff',
      },
    );
  }
  return new GitError('CANCELLED', 'the Git operation was cancelled', { cause: reason });
}
