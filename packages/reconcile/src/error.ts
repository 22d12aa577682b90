import type { RetryHint } from '@homeostat/kube';

/** Why a pass could not do its job as a whole. Closed: switch on it exhaustively. */
export type ReconcileErrorCode =
  | 'PLAN_STALE' // what a stored plan showed is no longer what would happen
  | 'PLAN_INVALID' // a plan file that is not one, or of another sync or version
  | 'SYNC_INVALID' // a sync document that does not fit its schema, or whose health rules cannot be used
  | 'IDENTITY_REFUSED' // a sync wants to act as somebody as whom this engine does not let it act
  | 'SET_UNKNOWN' // there is no parent of this name, so there is nothing to look at
  | 'REVISION_INVALID' // what is to be gone back to is not a whole commit
  | 'NOT_HELD' // what was to be confirmed is not what is held
  | 'DEPENDENCY_CYCLE' // a sync depends on itself, by way of others or not
  | 'SYNC_KNOWN' // an engine has a sync of this name already
  | 'SET_NEEDED' // other sets depend on the one that was to be destroyed
  | 'NOT_ANSWERED'; // no engine has dealt with a request in time

/** Thrown where no report can be made; everything else is an outcome or a failure in the {@link Report}. */
export class ReconcileError extends Error {
  override readonly name = 'ReconcileError';
  readonly code: ReconcileErrorCode;
  readonly retry: RetryHint;
  /** One line per reason: what moved, or which key of the document is wrong. */
  readonly reasons: readonly string[];

  constructor(
    code: ReconcileErrorCode,
    message: string,
    details: { readonly retry?: RetryHint; readonly reasons?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retry = details.retry ?? 'never';
    this.reasons = details.reasons ?? [];
  }
}
