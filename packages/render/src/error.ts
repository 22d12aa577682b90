/**
 * `INVALID_SPEC`: the render spec itself cannot be understood (a glob, a limit): fix the caller.
 * `CANCELLED`: the caller's signal.
 */
export type RenderErrorCode = 'INVALID_SPEC' | 'CANCELLED';

/** The one error of this package. Whatever is wrong with the *files* is a finding instead. Trying again never helps. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  readonly retry = 'never';
  readonly code: RenderErrorCode;

  constructor(code: RenderErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** @throws {RenderError} `CANCELLED` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RenderError('CANCELLED', 'render was cancelled', { cause: signal.reason });
}
