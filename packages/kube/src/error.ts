import type { Ref } from './ref.ts';

/** Why a call to an API server could not do its job. Closed: switch on it exhaustively. */
export type KubeErrorCode =
  | 'CONFLICT' // 409 with FieldManagerConflict causes: another manager owns a field with another value
  | 'STALE' // 409 without them (resourceVersion, uid), or 422 on metadata.uid: the object is not the one that was read
  | 'ALREADY_EXISTS' // 409 AlreadyExists on create
  | 'INVALID' // 400, 422, and the 500s that say a manifest does not fit its schema
  | 'FORBIDDEN' // 403
  | 'IMPERSONATION' // 403: whoever asks may not act as whom they were to act as
  | 'UNAUTHORIZED' // 401, after one retry with fresh credentials
  | 'NOT_FOUND' // 404 with a Status that names the object (get and delete return instead)
  | 'UNKNOWN_KIND' // discovery does not know the kind, or 404 as plain text
  | 'MISSING_NAMESPACE' // 404 whose details.kind is namespaces
  | 'TERMINATING' // 403 with cause NamespaceTerminating
  | 'GONE' // 410: continue token or resourceVersion too old
  | 'THROTTLED' // 429
  | 'WEBHOOK' // 500: an admission webhook could not be called
  | 'UNSUPPORTED' // 405, 406, 413, 415
  | 'UNAVAILABLE' // 5xx otherwise, and 504
  | 'UNREACHABLE' // no connection, TLS failure, connection lost in the middle
  | 'TIMEOUT' // our own time limit
  | 'CANCELLED' // the caller's signal
  | 'PROTOCOL' // an answer that is not what Kubernetes says (not JSON, no kind)
  | 'CREDENTIALS' // no credentials, or they could not be obtained (exec plugin, token file)
  | 'KUBECONFIG'; // a kubeconfig that is missing, unreadable or names what is not there

/** Whether, and when, trying again can help. */
export type RetryHint = 'backoff' | 'never' | { readonly afterMs: number };

/** One cause of a Status. Source: Kubernetes `metav1.StatusCause`. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface KubeErrorDetails {
  readonly retry?: RetryHint;
  readonly cause?: unknown;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** The server's `Status.reason`, `''` if it gave none. */
  readonly reason?: string;
  /** The server's `Status.message`, word by word except for values of Secrets; `''` if it gave none. */
  readonly answer?: string;
  readonly causes?: readonly StatusCause[];
  readonly ref?: Ref;
}

/** The one error of every {@link Client}. The message says what, where and the next step, and never holds a secret. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly retry: RetryHint;
  readonly status: number | undefined;
  readonly reason: string;
  readonly answer: string;
  readonly causes: readonly StatusCause[];
  readonly ref: Ref | undefined;

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retry = details.retry ?? 'never';
    this.status = details.status;
    this.reason = details.reason ?? '';
    this.answer = details.answer ?? '';
    this.causes = details.causes ?? [];
    this.ref = details.ref;
  }
}
