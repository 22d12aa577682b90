import type { KubeError, Redactor } from '@homeostat/kube';
import type { ReconcileError } from './error.ts';
import type { Failure } from './report.ts';

/** What the same request meets again at once, and what somebody may mend at any time. */
const RIGHTS: ReadonlySet<string> = new Set(['FORBIDDEN', 'IMPERSONATION', 'UNAUTHORIZED']);

/** An error of one of the packages as data. Anything else is a defect, and goes on being thrown. */
export function failureOf(stage: Failure['stage'], error: unknown, redactor: Redactor): Failure {
  const { code, message, retry } = error as Partial<Pick<KubeError, 'code' | 'message' | 'retry'>>;
  const { reasons = [] } = error as Partial<Pick<ReconcileError, 'reasons'>>;
  if (typeof code !== 'string' || typeof message !== 'string' || retry === undefined) throw error;
  const again = retry === 'never' && RIGHTS.has(code) ? 'backoff' : retry;
  return {
    stage,
    code,
    message: redactor.text(message),
    retry: again,
    ...(reasons.length > 0 && { reasons: reasons.map((reason) => redactor.text(reason)) }),
  };
}
