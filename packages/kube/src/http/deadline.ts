import { KubeError } from '../error.ts';

/** One call's time limit and its caller's signal in one. Call `clear` when the call is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The error to reject with once `signal` has fired. */
  error(doing: string): KubeError;
  /** Settles as the promise does, or rejects as soon as the signal fires; the promise itself goes on. */
  race<T>(promise: Promise<T>, doing: string): Promise<T>;
  clear(): void;
}

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** `timeoutMs` undefined: no limit of our own. */
export function startDeadline(signal: AbortSignal | undefined, timeoutMs: number | undefined): Deadline {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  if (signal?.aborted === true) cancel();
  else signal?.addEventListener('abort', cancel, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(cancel, Math.min(timeoutMs, MAX_TIMER_MS));

  const error = (doing: string): KubeError =>
    signal?.aborted === true
      ? new KubeError('CANCELLED', `${doing} was cancelled by its caller`, { cause: signal.reason })
      : new KubeError(
          'TIMEOUT',
          `${doing} took longer than ${timeoutMs} ms; check the server's load, or raise timeoutMs`,
          { retry: 'backoff' },
        );

  return {
    signal: controller.signal,
    error,
    race<T>(promise: Promise<T>, doing: string): Promise<T> {
      return new Promise((resolve, reject) => {
        const stop = (): void => reject(error(doing));
        void promise.then(resolve, reject).finally(() => controller.signal.removeEventListener('abort', stop));
        if (controller.signal.aborted) stop();
        else controller.signal.addEventListener('abort', stop, { once: true });
      });
    },
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    },
  };
}
