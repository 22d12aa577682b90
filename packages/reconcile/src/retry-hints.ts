import { refKey } from '@homeostat/kube';
import type { RetryHint } from '@homeostat/kube';
import type { Report } from './report.ts';

/** What a report says about trying again: one hint for all that another attempt may help, none where none can. Pure. */
export function retryHints({ objects, orphans, failure }: Report): readonly RetryHint[] {
  const failed = new Set(objects.filter(({ action }) => action === 'failed').map(({ ref }) => refKey(ref)));
  const hints = [
    ...objects.flatMap(({ action, retry, blockedBy }): readonly RetryHint[] => {
      if (retry !== undefined) return [retry];
      // What did not become ready in time may be so by now; what failed says itself whether it can be mended.
      return action === 'blocked' && (blockedBy === undefined || !failed.has(refKey(blockedBy))) ? ['backoff'] : [];
    }),
    ...orphans.flatMap(({ retry, reason }) => retry ?? (reason === 'claim-unknown' ? ['backoff' as const] : [])),
    ...(failure === undefined ? [] : [failure.retry]),
  ];
  return hints.filter((hint) => hint !== 'never');
}
