/** Why an input of this package cannot be read. Closed: switch on it exhaustively. */
export type MergeErrorCode =
  | 'INVALID_FIELDS' // text or JSON that is not FieldsV1
  | 'INVALID_POINTER'; // text that is not a JSON pointer

/** The one error of this package. Trying again never helps: the input itself is wrong. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
  readonly retry = 'never';
  readonly code: MergeErrorCode;

  constructor(code: MergeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
