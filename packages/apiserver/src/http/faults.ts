import type { User } from '../auth/users.ts';
import type { ApiAnswer } from './exchange.ts';
import type { RequestContent } from './request-content.ts';

/** A request that is about to be served: what a fault is chosen by. */
export interface FaultSubject extends RequestContent {
  readonly user: User;
  readonly signal: AbortSignal;
}

/**
 * The one place where faults get into the request path. Both are called for every request that is authenticated and
 * allowed, probes and metrics excepted; a watch's answer can be wrapped in `after`.
 */
export interface FaultPoint {
  /**
   * Before the verb has done anything. An answer stands instead of the verb's; a throw is answered as any refusal, but a
   * {@link ConnectionReset} is not answered at all.
   */
  before(subject: FaultSubject): Promise<ApiAnswer | undefined>;
  /** After the verb is done, before its answer is sent. */
  after(subject: FaultSubject, answer: ApiAnswer): Promise<ApiAnswer>;
}

/** The exchange ends without an answer, as when the connection breaks. It looks to clients of this process as Node's own error. */
export class ConnectionReset extends Error {
  override readonly name = 'Error';
  readonly code = 'ECONNRESET';
  readonly syscall = 'read';

  constructor() {
    super('read ECONNRESET');
  }
}
