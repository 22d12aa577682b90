/** Why a wait on the live view ended without an answer. */
export type CacheErrorCode =
  | 'CANCELLED' // the caller's signal
  | 'CLOSED'; // the cache was closed, or broke: then `cause` says why

/** What a list or watch ran into is an event or part of a result (as `KubeError`), never thrown. */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: CacheErrorCode;
  readonly retry = 'never';

  constructor(code: CacheErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
