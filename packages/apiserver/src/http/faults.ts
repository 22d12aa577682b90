import type { User } from '../auth/users.ts';
import type { ApiAnswer } from './exchange.ts';
import type { RequestInfo } from './request-info.ts';

/** A request that is about to be served: what a fault is chosen by. */
export interface FaultSubject {
  readonly info: RequestInfo;
  /** `apply` for a server-side apply; else the verb. */
  readonly verb: string;
  readonly dryRun: boolean;
  readonly user: User;
  readonly signal: AbortSignal;
}

/**
 * The one place where faults get into the request path. Both are called for every request that is authenticated and
 * allowed, probes and metrics excepted; a watch's answer can be wrapped in `after`.
 */
export interface FaultPoint {
  /** Before the verb has done anything. An answer stands instead of the verb's; a throw is answered as any refusal. */
  before(subject: FaultSubject): Promise<ApiAnswer | undefined>;
  /** After the verb is done, before its answer is sent. */
  after(subject: FaultSubject, answer: ApiAnswer): Promise<ApiAnswer>;
}
