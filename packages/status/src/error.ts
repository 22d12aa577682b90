/** Why a set of custom rules is refused. */
export type StatusErrorCode =
  | 'DUPLICATE_RULE' // two rules for the same group and kind: which one decides would be chance
  | 'INVALID_RULE'; // a rule that names no group, or has no function

/** Thrown only when rules are put together, never while an object is judged. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: StatusErrorCode;
  readonly retry = 'never';

  constructor(code: StatusErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
