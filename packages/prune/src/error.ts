import type { RetryHint } from '@homeostat/kube';

/** Why a set cannot be touched. Closed: switch on it exhaustively. */
export type PruneErrorCode =
  | 'FOREIGN_PARENT' // the ConfigMap of this name is no parent of ours
  | 'SET_SOURCE_CHANGED' // the set was made from another source
  | 'PARENT_TERMINATING' // the parent is being deleted
  | 'PARENT_MOVED'; // somebody keeps changing the parent while it is written

/** Thrown before anything is written, so that nothing is lost. */
export class PruneError extends Error {
  override readonly name = 'PruneError';
  readonly code: PruneErrorCode;
  readonly retry: RetryHint;

  constructor(
    code: PruneErrorCode,
    message: string,
    { retry = 'never', cause }: { readonly retry?: RetryHint; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retry = retry;
  }
}
