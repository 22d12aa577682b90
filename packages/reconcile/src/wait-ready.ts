import type { LiveEntry } from '@homeostat/cache';
import { compareRefs, printRef, refKey, setIdentity } from '@homeostat/kube';
import type { Ref, RefKey, Resources } from '@homeostat/kube';
import { statusOfAbsent } from '@homeostat/status';
import type { Status } from '@homeostat/status';
import type { PassEvent } from './events.ts';
import { explainReport } from './explain-report.ts';
import { failureOf } from './failure.ts';
import { statusIn } from './health.ts';
import type { Ports } from './ports.ts';
import { withStatuses } from './report.ts';
import type { Report } from './report.ts';
import type { Policy, Sync } from './sync.ts';
import { printTime } from './waits.ts';

/** How often a wait says what it waits for, and looks at verdicts that rest on time. */
const TELL_EVERY = 5_000;

/**
 * Waits until every object of the report is ready, one has failed, none has made progress for `waitTimeout`, or the `deadline` is over,
 * however much moves meanwhile; returns the report as it is then. A report that is not `Progressing` needs no wait and opens no watch.
 * Without `wait` it is as it was. A server that cannot even say what kinds it has is a failure of the report.
 *
 * What is told later than at once names the Pods that are to blame, and so does the report of a wait in vain: they are read
 * whenever something is told, and at the end. What they say is no progress: a container that cannot start says so in turns.
 */
export async function* waitReady(
  report: Report,
  { policy, namespace, name }: Sync,
  ports: Pick<Ports, 'client' | 'live' | 'health' | 'redactor' | 'clock'>,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Report> {
  if (!policy.wait) return report;
  if (report.state === 'Failed') return explainReport(report, ports, { signal });
  if (report.state !== 'Progressing') return report;
  const { client, live, clock } = ports;
  const since = clock.now();
  let resources: Resources;
  try {
    resources = await client.resources({ signal });
  } catch (error) {
    // What was written is written, and the report says so.
    return signal.aborted ? report : { ...report, state: 'Failed', failure: failureOf('wait', error, ports.redactor) };
  }
  const seen = new Map<RefKey, LiveEntry<Status>>();
  const judged = (ref: Ref): Status | undefined => {
    const [key, entry] = [refKey(ref), live.get(ref)];
    if (entry !== undefined) seen.set(key, entry);
    const before = seen.get(key);
    // What goes while it is waited for is gone, unless it is a Job that has done its work and asked for that.
    return entry === undefined && before !== undefined ? statusOfAbsent(before.object()) : statusIn(ports, ref);
  };

  const events = live.events({ signal, set: setIdentity(namespace, name).id })[Symbol.asyncIterator]();
  try {
    live.follow(report.objects.filter(isWaiting).flatMap(({ ref }) => resources.find(ref) ?? []));
    let now = withStatuses(report, judged);
    let last = progressOf(now);
    let movedAt = clock.now();
    let told = -Infinity;
    let arrival = events.next();
    const left = (): number => Math.min(movedAt + policy.waitTimeout, since + policy.deadline) - clock.now();
    while (now.state === 'Progressing' && left() > 0) {
      if (clock.now() - told >= TELL_EVERY) {
        const isNews = told === -Infinity;
        told = clock.now();
        const known = isNews ? now : await explainReport(now, ports, { signal });
        if (known.state === 'Failed') return known;
        const waiting = known.objects.filter(isWaiting).toSorted((a, b) => compareRefs(a.ref, b.ref));
        const [first] = waiting;
        if (first?.status !== undefined)
          yield { type: 'waiting', ref: first.ref, status: first.status, since, others: waiting.length - 1 };
      }
      const pause = new AbortController();
      const tick = clock.sleep(Math.min(TELL_EVERY, left()), AbortSignal.any([signal, pause.signal]));
      const arrived = await Promise.race([arrival, tick]);
      pause.abort();
      // A view that is closed tells nothing more.
      if (arrived !== undefined) arrival = arrived.done === true ? new Promise(() => {}) : events.next();
      if (signal.aborted) break;
      now = withStatuses(report, judged);
      const progress = progressOf(now);
      if (progress !== last) movedAt = clock.now();
      last = progress;
    }
    if (now.state === 'Ready' || signal.aborted) return now;
    const idle = clock.now() - movedAt;
    const known = await explainReport(now, ports, { signal });
    return now.state === 'Progressing' ? timedOut(known, policy, idle) : known;
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

function timedOut(report: Report, { waitTimeout, deadline }: Policy, idle: number): Report {
  const waiting = report.objects.filter(isWaiting);
  const named = waiting
    .slice(0, 3)
    .map(({ ref, status }) => `${printRef(ref)}: ${status?.message}`)
    .join('; ');
  const why =
    idle >= waitTimeout
      ? `made no progress for ${printTime(waitTimeout)}`
      : `are not ready after the policy deadline of ${printTime(deadline)}`;
  return {
    ...report,
    state: 'Failed',
    failure: {
      stage: 'wait',
      code: 'NOT_READY',
      message: `${waiting.length} objects ${why}: ${named}; the objects stay as they are, look at their events`,
      retry: 'backoff',
    },
  };
}
