/** Why a call of this package cannot do its job. Closed: switch on it exhaustively. */
export type DiffErrorCode = 'INVALID_RULE'; // an ignore rule whose pointer or selector cannot be read

/** The one error of this package. Trying again never helps: the input itself is wrong. */
export class DiffError extends Error {
  override readonly name = 'DiffError';
  readonly retry = 'never';
  readonly code: DiffErrorCode;

  constructor(code: DiffErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
