/** Why a source could not do its job. Closed: switch on it exhaustively. */
export type GitErrorCode =
  | 'BAD_URL' // not an address of a repository
  | 'BAD_REF' // not a ref: malformed, abbreviated, or several given
  | 'BAD_PATH' // a path that leaves the tree, or a name that no tree may hold
  | 'REPOSITORY_NOT_FOUND' // 404, or no repository there
  | 'EMPTY_REPOSITORY' // reachable, but without a commit
  | 'REF_NOT_FOUND' // no such branch, tag, ref or commit; the message names what exists
  | 'AMBIGUOUS_REF' // a branch and a tag of that name
  | 'FILE_NOT_FOUND' // no such file or directory in the snapshot
  | 'AUTH_REQUIRED' // 401 and no credentials at hand
  | 'ACCESS_DENIED' // credentials refused, 403, or a host key that is not known
  | 'CREDENTIALS' // credentials could not be obtained
  | 'INSECURE_CREDENTIALS' // credentials would go over plain http
  | 'REDIRECTED' // the server sends us to another host
  | 'UNREACHABLE' // no connection, TLS failure, connection lost in the middle
  | 'UNAVAILABLE' // 429 and 5xx
  | 'TIMEOUT' // our own time limit
  | 'CANCELLED' // the caller's signal
  | 'CLOSED' // used after close()
  | 'LIMIT_EXCEEDED' // larger than the limits allow
  | 'CORRUPT_PACK' // truncated, wrong checksum, broken delta, object missing
  | 'CORRUPT_OBJECT' // a stored object that cannot be read and could not be fetched again
  | 'UNSUPPORTED' // SHA-256 repositories, the dumb protocol, git://
  | 'PROTOCOL' // an answer that is not what the Git protocol says
  | 'COMMAND' // the git command line is missing or failed
  | 'STORE'; // the store's or the source's directory cannot be read or written

/** Whether, and when, trying again can help. */
export type RetryHint = 'backoff' | 'never' | { readonly afterMs: number };

export interface GitErrorDetails {
  /** Default `'never'`. */
  readonly retry?: RetryHint;
  readonly cause?: unknown;
}

/** The one error of every source and store. The message says what, where and the next step, and never holds a secret. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly code: GitErrorCode;
  readonly retry: RetryHint;

  constructor(code: GitErrorCode, message: string, details: GitErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retry = details.retry ?? 'never';
  }
}

/** The text of whatever was thrown, for a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` that Node puts on its errors (`ENOENT`, `UND_ERR_SOCKET`), or `''`. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
