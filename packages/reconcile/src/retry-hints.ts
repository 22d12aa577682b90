import { refKey } from '@homeostat/kube';
import type { RetryHint } from '@homeostat/kube';
import type { Report } from './report.ts';

/**
 * What a report says about trying again: none where that helps nobody, else that it does, and the longest that a server has asked for.
 * Pure.
 */
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
  const longest = hints.reduce((ms, hint) => (typeof hint === 'object' ? Math.max(ms, hint.afterMs) : ms), 0);
  if (hints.every((hint) => hint === 'never')) return [];
  return longest === 0 ? ['backoff'] : ['backoff', { afterMs: longest }];
}
