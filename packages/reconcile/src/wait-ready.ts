import { compareRefs, setIdentity } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import { statusOf } from '@homeostat/status';
import type { Status } from '@homeostat/status';
import type { PassEvent } from './events.ts';
import type { Ports } from './ports.ts';
import { withStatuses } from './report.ts';
import type { Report } from './report.ts';
import type { Sync } from './sync.ts';

/** How often a wait says what it waits for, and looks at verdicts that rest on time. */
const TELL_EVERY = 5_000;

/**
 * Waits until every object of the report is ready, one has failed, or none has made progress for `waitTimeout`; returns the
 * report as it is then. A report that is not `Progressing` needs no wait and opens no watch.
 */
export async function* waitReady(
  report: Report,
  { policy, namespace, name }: Sync,
  { client, live, clock }: Pick<Ports, 'client' | 'live' | 'clock'>,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Report> {
  if (report.state !== 'Progressing' || !policy.wait) return report;
  const since = clock.now();
  const resources = await client.resources({ signal });
  const judged = (ref: Ref): Status | undefined => {
    const entry = live.get(ref);
    if (entry === undefined) return undefined;
    const { recheckAt } = entry.summary;
    return recheckAt !== undefined && recheckAt <= clock.now()
      ? statusOf(entry.object(), { now: clock.now() })
      : entry.summary;
  };

  const events = live.events({ signal, set: setIdentity(namespace, name).id })[Symbol.asyncIterator]();
  try {
    live.follow(report.objects.filter(isWaiting).flatMap(({ ref }) => resources.find(ref) ?? []));
    let now = withStatuses(report, judged);
    let last = progressOf(now);
    let movedAt = clock.now();
    let told = -Infinity;
    let arrival = events.next();
    while (now.state === 'Progressing' && clock.now() - movedAt < policy.waitTimeout) {
      if (clock.now() - told >= TELL_EVERY) {
        told = clock.now();
        const waiting = now.objects.filter(isWaiting).toSorted((a, b) => compareRefs(a.ref, b.ref));
        const [first] = waiting;
        if (first?.status !== undefined)
          yield { type: 'waiting', ref: first.ref, status: first.status, since, others: waiting.length - 1 };
      }
      const pause = new AbortController();
      const tick = clock.sleep(TELL_EVERY, AbortSignal.any([signal, pause.signal])).then(() => false);
      const arrived = await Promise.race([arrival.then(({ done }) => done !== true), tick]);
      pause.abort();
      if (arrived) arrival = events.next();
      if (signal.aborted) break;
      now = withStatuses(report, judged);
      const progress = progressOf(now);
      if (progress !== last) movedAt = clock.now();
      last = progress;
    }
    return now.state === 'Progressing' && !signal.aborted ? timedOut(now, policy.waitTimeout) : now;
  } finally {
    void events.return?.(undefined);
  }
}

function isWaiting({ status }: Report['objects'][number]): boolean {
  return status !== undefined && status.state !== 'Current' && status.state !== 'Failed';
}

function progressOf({ objects }: Report): string {
  return objects
    .filter(isWaiting)
    .map(({ ref, status }) => `${ref.kind}/${ref.namespace}/${ref.name} ${status?.reason} ${status?.message}`)
    .join('\n');
}

function timedOut(report: Report, ms: number): Report {
  const waiting = report.objects.filter(isWaiting);
  const named = waiting
    .slice(0, 3)
    .map(({ ref, status }) => `${ref.kind} ${ref.namespace}/${ref.name}: ${status?.message}`)
    .join('; ');
  return {
    ...report,
    state: 'Failed',
    failure: {
      stage: 'wait',
      code: 'NOT_READY',
      message: `${waiting.length} objects made no progress for ${Math.round(ms / 1000)} s: ${named}; the objects stay as they are, look at their events`,
      retry: 'backoff',
    },
  };
}
