import type { ReadyOptions } from '@homeostat/apply';
import { KubeError, refKey } from '@homeostat/kube';
import type { KubeObject, Ref, RefKey } from '@homeostat/kube';
import { statusOfAbsent } from '@homeostat/status';
import type { Status } from '@homeostat/status';
import type { Health } from './health.ts';
import type { Ports } from './ports.ts';

/**
 * Resolves when the object is ready, or can no longer become so; reports every change on the way.
 *
 * A member is judged from the live view, which starts to follow its kind now if it did not before, and never from a state
 * older than our own write. An object outside the set is watched by name.
 */
export function readiness(ports: Ports): (ref: Ref, options: ReadyOptions) => Promise<Status> {
  const { live, client, actor, health } = ports;
  const reasons = sharedReasons(ports);
  return async (ref, { resourceVersion, inSet, signal, progress }) => {
    const resources = await client.resources({ signal });
    const resource = resources.find(ref);
    if (inSet && resource !== undefined && live.get(ref) !== undefined) {
      live.follow([resource]);
      if (resourceVersion !== undefined) await live.seen(ref, resourceVersion, { signal });
      let last = '';
      let verdict: Status = statusOfAbsent();
      let before = live.get(ref);
      const reached = live.until(
        ref,
        (entry) => {
          verdict = entry === undefined ? statusOfAbsent(before?.object()) : health.of(entry);
          before = entry ?? before;
          const now = `${verdict.state} ${verdict.reason} ${verdict.message}`;
          if (now !== last) progress(verdict);
          last = now;
          return isFinal(verdict);
        },
        { signal, recheckAt: (entry) => (entry === undefined ? undefined : health.of(entry).recheckAt) },
      );
      return givenUp(
        ref,
        ports,
        reasons,
        { signal, progress },
        reached.then(() => verdict),
      );
    }
    // What is seen of a member here is news to the view as well: the report tells of it from there.
    const judge = (object: KubeObject): Status => {
      if (inSet) live.observe(object);
      return health.judge(object);
    };
    return givenUp(
      ref,
      ports,
      reasons,
      { signal, progress },
      watchOne(ref, { client: actor, judge }, { signal, progress }),
    );
  };
}

/** How often the Pods of a workload are asked for what keeps it. */
const EXPLAIN_EVERY = 5_000;

/** What all workloads that are waited for say of their Pods: read at once for all of them. */
interface Reasons {
  readonly waiting: Map<RefKey, Ref>;
  of(key: RefKey, signal: AbortSignal): Promise<Status | undefined>;
}

function sharedReasons({ live, health, clock }: Pick<Ports, 'live' | 'health' | 'clock'>): Reasons {
  const waiting = new Map<RefKey, Ref>();
  let readAt = -Infinity;
  let read: Promise<ReadonlyMap<RefKey, Status>> | undefined;
  return {
    waiting,
    async of(key, signal) {
      if (read === undefined || clock.now() - readAt >= EXPLAIN_EVERY) {
        readAt = clock.now();
        const entries = [...waiting.values()].flatMap((ref) => live.get(ref) ?? []);
        read = health.explain(entries, { signal });
      }
      return (await read).get(key);
    },
  };
}

/**
 * Awaits the verdict, and meanwhile says of a workload which Pod is to blame. That is no progress by itself, but it may show
 * that the workload will not get there.
 */
async function givenUp(
  ref: Ref,
  { live, health, clock }: Pick<Ports, 'live' | 'health' | 'clock'>,
  reasons: Reasons,
  { signal, progress }: Pick<ReadyOptions, 'signal' | 'progress'>,
  reached: Promise<Status>,
): Promise<Status> {
  const key = refKey(ref);
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  const failing = async (): Promise<Status> => {
    for (;;) {
      await clock.sleep(EXPLAIN_EVERY, until);
      if (until.aborted) return reached;
      const known = await reasons.of(key, signal);
      const entry = live.get(ref);
      if (known === undefined || entry === undefined) continue;
      if (known.state === 'Failed') return known;
      progress({ ...health.of(entry), detail: known.message });
    }
  };
  reasons.waiting.set(key, ref);
  try {
    const verdict = await Promise.race([reached, failing()]);
    const entry = verdict.state === 'Failed' ? live.get(ref) : undefined;
    return entry === undefined ? verdict : ((await health.explain([entry], { signal })).get(key) ?? verdict);
  } finally {
    reasons.waiting.delete(key);
    ended.abort();
  }
}

/** Looks at one object and follows it by name until it is ready or has failed. */
async function watchOne(
  ref: Ref,
  { client, judge }: Pick<Ports, 'client'> & Pick<Health, 'judge'>,
  { signal, progress }: Pick<ReadyOptions, 'signal' | 'progress'>,
): Promise<Status> {
  for (;;) {
    const resource = (await client.resources({ signal })).find(ref);
    if (resource === undefined)
      throw new KubeError('UNKNOWN_KIND', `the server does not serve ${refKey(ref)}`, { retry: 'backoff', ref });
    const scope = {
      ...(resource.namespaced && { namespace: ref.namespace }),
      fieldSelector: `metadata.name=${ref.name}`,
    };
    let resourceVersion = '';
    let seen: Status = statusOfAbsent();
    for await (const page of client.list(resource, { ...scope, signal })) {
      resourceVersion = page.resourceVersion;
      for (const object of page.items) seen = judge(object);
    }
    progress(seen);
    if (isFinal(seen)) return seen;
    try {
      for await (const event of client.watch(resource, { ...scope, resourceVersion, signal })) {
        if (event.type === 'BOOKMARK') continue;
        seen = event.type === 'DELETED' ? statusOfAbsent() : judge(event.object);
        progress(seen);
        if (isFinal(seen)) return seen;
      }
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'GONE') throw error;
    }
  }
}

function isFinal({ state }: Status): boolean {
  return state === 'Current' || state === 'Failed';
}
