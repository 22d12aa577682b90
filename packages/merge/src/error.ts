import type { FieldConflict } from './tracking.ts';

/** Why an input of this package cannot be read or used. Closed: switch on it exhaustively. */
export type MergeErrorCode =
  | 'INVALID_FIELDS' // text or JSON that is not FieldsV1
  | 'INVALID_POINTER' // text that is not a JSON pointer
  | 'INVALID_PATCH' // what is sent as a patch is none
  | 'PATCH_FAILED' // a patch that does not work on this object: a test that fails, a parent that is not there
  | 'PATCH_MISMATCH' // a patch of another shape than the object or its type
  | 'MISSING_MERGE_KEY' // an item of a merged list without the field that names it
  | 'UNKNOWN_FIELD' // a patch of a field that its type does not have
  | 'CONFLICT' // an apply without force would change what others own
  | 'UNDECLARED_FIELD' // a configuration with a field that its type does not have
  | 'INVALID_VALUE' // a configuration with a value of the wrong shape
  | 'INVALID_ITEM' // a configuration with a list item that its key fields do not name
  | 'DUPLICATE_ITEM' // a configuration with two items of one identity
  | 'MANAGED_FIELDS_GIVEN' // a configuration with metadata.managedFields
  | 'UNKNOWN_TYPE' // a configuration of an apiVersion without type
  | 'INVALID_LIVE_OBJECT'; // what is stored does not fit its type, or its managedFields cannot be read

/** The one error of this package. Trying again never helps: the input itself is wrong. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
  readonly retry = 'never';
  readonly code: MergeErrorCode;
  /** What an apply would take from whom; only `CONFLICT` has any. By manager, then in the order of paths. */
  readonly conflicts: readonly FieldConflict[];

  constructor(
    code: MergeErrorCode,
    message: string,
    { conflicts = [], ...options }: ErrorOptions & { readonly conflicts?: readonly FieldConflict[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.conflicts = conflicts;
  }
}
