import { consentsTo, isSameAnnotation } from '@homeostat/prune';
import type { Consent, HandledRequest, OrphanDecision, Parent, ParentRequest } from '@homeostat/prune';
import type { Sync } from './sync.ts';

/** Whether the set is to be left alone: its document or its parent says so, for as long as it does. */
export function isSuspended({ suspend }: Pick<Sync, 'suspend'>, parent: Parent | undefined): boolean {
  return suspend || parent?.requests.some(({ request }) => request === 'suspend') === true;
}

/** The commit that the set is to stay at, as long as that stands at its parent. */
export function rollbackOf(parent: Parent | undefined): ParentRequest | undefined {
  return parent?.requests.find(({ request }) => request === 'rollback');
}

/** Who wants the set to be left alone, for people; empty when nobody does. */
export function suspensions(
  { namespace, name, suspend }: Pick<Sync, 'namespace' | 'name' | 'suspend'>,
  parent: Parent | undefined,
): readonly string[] {
  const asked = parent?.requests.filter(({ request }) => request === 'suspend') ?? [];
  return [
    ...(suspend ? [`${namespace}/${name} is suspended by its document`] : []),
    ...asked.map(({ by }) => `${namespace}/${name} is suspended (asked by ${by})`),
  ];
}

/** What was asked for and not dealt with yet. */
export function pendingRequests(parent: Parent | undefined): readonly ParentRequest[] {
  const done = new Set((parent?.report?.requests ?? []).map(({ value, request }) => `${request} ${value}`));
  return (parent?.requests ?? []).filter(({ value, request }) => !done.has(`${request} ${value}`));
}

/**
 * What somebody has confirmed, and whose confirmation still counts: it is new, or it was honoured and not all of it is done. One that
 * met nothing held is over, because the same objects may become orphans once more, of which nobody has spoken.
 */
export function consentOf(parent: Parent | undefined): Consent | undefined {
  const confirmed = parent?.requests.find(({ request }) => request === 'confirm');
  if (confirmed === undefined) return undefined;
  const report = parent?.report;
  const digest = confirmed.argument;
  const objects = [report?.held, report?.confirmed].find((list) => list?.digest === digest)?.objects ?? [];
  const before = report?.requests?.find(({ request, value }) => request === 'confirm' && value === confirmed.value);
  const counts = before === undefined || (before.outcome === 'honoured' && report?.confirmed?.digest === digest);
  return counts ? { digest, objects } : undefined;
}

/** What one pass has done about requests. */
export interface Attended {
  readonly suspended?: boolean;
  /** What became of orphans; absent when the pass did not come to that. */
  readonly decisions?: readonly OrphanDecision[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The last request of each kind that was dealt with, this pass included, in a fixed order. Pure.
 *
 * A request to sync or to roll back waits while the set is suspended, the latter until a pass came to its end, and a confirmation until one can
 * say what is an orphan.
 */
export function handledRequests(
  parent: Parent | undefined,
  { suspended = false, decisions, now }: Attended,
): readonly HandledRequest[] {
  const before = parent?.report?.requests ?? [];
  const handledAt = new Date(now).toISOString();
  const fresh = pendingRequests(parent).flatMap((asked): readonly HandledRequest[] => {
    switch (asked.request) {
      case 'suspend':
      case 'resume':
        return [{ ...asked, outcome: 'honoured', handledAt }];
      case 'sync-now':
        return suspended ? [] : [{ ...asked, outcome: 'honoured', handledAt }];
      case 'rollback':
        // Honoured by the pass that came to the end of it.
        return suspended || decisions === undefined ? [] : [{ ...asked, outcome: 'honoured', handledAt }];
      case 'confirm':
        if (suspended || decisions === undefined || !isDecided(decisions)) return [];
        return [{ ...asked, outcome: isHonoured(decisions) ? 'honoured' : 'not-held', handledAt }];
      default:
        return asked.request satisfies never;
    }
  });
  const kept = before.filter(
    ({ request }) =>
      !fresh.some((one) => isSameAnnotation(one.request, request)) &&
      // One that has been taken back is over: the same may be asked for again.
      (request !== 'rollback' || rollbackOf(parent) !== undefined),
  );
  return [...kept, ...fresh].toSorted((a, b) => a.request.localeCompare(b.request));

  function isHonoured(decided: readonly OrphanDecision[]): boolean {
    const consented = consentsTo(consentOf(parent), decided);
    return decided.some(({ decision, member }) => decision === 'prune' && consented(member));
  }
}

/** Whether it is known which members are orphans: an input in error, or a failed apply, hides that. */
function isDecided(decisions: readonly OrphanDecision[]): boolean {
  return !decisions.some(
    (one) => one.decision === 'keep' && (one.reason === 'render-incomplete' || one.reason === 'apply-failed'),
  );
}
