import { dependencies, directivesOf, gvkOf, isMember, KubeError, printRef, proofOf, refKey } from '@homeostat/kube';
import type { Client, KubeObject, Managers, Propagation, Ref, RefKey, SetIdentity } from '@homeostat/kube';
import { abandon } from './abandon.ts';
import { foreignObjectIn } from './namespace-in-use.ts';
import type { PruneEvent, PruneFailureCode, PruneOutcome } from './outcome.ts';
import { createQueue } from './queue.ts';
import { isControlled } from './select-orphans.ts';
import type { KeepReason, Member, OrphanDecision } from './select-orphans.ts';

export interface PrunePorts {
  readonly client: Client;
  readonly set: SetIdentity;
  readonly managers: Managers;
  /** Bounds the requests in flight. Default: no bound. */
  readonly limit?: { run<T>(task: () => Promise<T>): Promise<T> };
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
}

export interface PruneOptions {
  readonly signal: AbortSignal;
  readonly propagation?: Propagation;
  /** How long one object may take to be gone. Default 5 min. */
  readonly waitTimeoutMs?: number;
}

/** How often an object is looked at and proven anew before it counts as moving too fast. */
const ROUNDS = 10;

/**
 * Carries the decisions out: deletes what is to be pruned, sets free what is to be released, leaves the rest alone.
 *
 * 1. Each object is read, proven and judged anew right before its deletion, and deleted only as it was read: uid and
 *    resourceVersion are preconditions, always both.
 * 2. An object goes only after everything that depends on it is gone (the reverse of application), and stays if that fails.
 * 3. What is gone already counts as pruned; what took its name is left alone.
 * 4. One outcome per decision that is not `keep`, in the order of the decisions. An error is an outcome.
 */
export async function* pruneOrphans(
  decisions: readonly OrphanDecision[],
  ports: PrunePorts,
  options: PruneOptions,
): AsyncGenerator<PruneEvent, readonly PruneOutcome[]> {
  const going = decisions.filter(({ decision }) => decision !== 'keep');
  const queue = createQueue<PruneEvent>();
  const left = new AbortController();
  const run: Run = { ...ports, ...options, signal: AbortSignal.any([options.signal, left.signal]), tell: queue.put };
  const dependents = dependentsOf(going.map(({ member }) => member));
  const outcomes = new Map<RefKey, Promise<PruneOutcome>>();

  const outcomeOf = ({ decision, member }: OrphanDecision): Promise<PruneOutcome> => {
    const key = refKey(member.ref);
    const known = outcomes.get(key);
    if (known !== undefined) return known;
    const waits = (dependents.get(key) ?? []).flatMap((other) => {
      const found = going.find((one) => refKey(one.member.ref) === other);
      return found === undefined ? [] : [found];
    });
    const outcome = Promise.resolve().then(async (): Promise<PruneOutcome> => {
      const before = await Promise.all(waits.map(outcomeOf));
      const remaining = before.find(({ action }) => action === 'failed' || action === 'kept');
      const result: PruneOutcome =
        remaining === undefined
          ? await settle(member, decision === 'release', run)
          : {
              action: 'kept',
              ref: member.ref,
              reason: 'dependents-remain',
              message: `${printRef(remaining.ref)} needs it and is still there`,
            };
      queue.put({ type: 'outcome', outcome: result });
      return result;
    });
    outcomes.set(key, outcome);
    return outcome;
  };

  const done = Promise.all(going.map(outcomeOf)).finally(queue.close);
  try {
    yield* queue;
    return await done;
  } finally {
    left.abort();
    await done.catch(() => {});
  }
}

interface Run extends PrunePorts, PruneOptions {
  readonly tell: (event: PruneEvent) => void;
}

/** For each object, the others that need it: by dependency, or by a later wave. Cycles among them are cut. */
function dependentsOf(members: readonly Member[]): ReadonlyMap<RefKey, readonly RefKey[]> {
  const { edges, waves, cycles } = dependencies(members.map((member) => member.object()));
  const cyclic = new Set(cycles.flat());
  const dependents = new Map<RefKey, RefKey[]>();
  const add = (key: RefKey, dependent: RefKey): void => {
    if (cyclic.has(key) && cyclic.has(dependent)) return;
    const list = dependents.get(key);
    if (list === undefined) dependents.set(key, [dependent]);
    else list.push(dependent);
  };
  for (const [dependent, list] of edges) {
    for (const { on, inSet } of list) if (inSet) add(refKey(on), dependent);
  }
  waves.forEach(({ members: earlier }, index) => {
    const later = waves[index + 1]?.members ?? [];
    for (const key of earlier) for (const dependent of later) add(key, dependent);
  });
  return dependents;
}

async function settle({ ref, uid }: Member, release: boolean, run: Run): Promise<PruneOutcome> {
  const since = run.clock.now();
  const done = (action: 'pruned' | 'released'): PruneOutcome => ({ action, ref, durationMs: run.clock.now() - since });
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const live = await request(run, () => run.client.get(ref, { signal: run.signal }));
      if (live === undefined || live.metadata.uid !== uid) return done(release ? 'released' : 'pruned');
      const reason = reasonToKeep(live, release, run);
      if (reason !== undefined) return { action: 'kept', ref, reason };
      if (release) {
        if (
          await attempt(() =>
            request(run, () => abandon(run.client, live, run.set, run.managers, { signal: run.signal })),
          )
        )
          return done('released');
        continue;
      }
      if (ref.kind === 'Namespace' && ref.group === '') {
        const foreign = await foreignObjectIn(ref.name, run.client, run.set, run.managers, { signal: run.signal });
        if (foreign !== undefined)
          return { action: 'kept', ref, reason: 'namespace-in-use', message: `it holds ${foreign}` };
      }
      if (
        live.metadata.deletionTimestamp === undefined &&
        !(await attempt(() => request(run, () => remove(live, run))))
      )
        continue;
      return (await waitForGone(live, since, run))
        ? done('pruned')
        : failed(ref, 'not-gone', `${printRef(ref)} is being deleted, but is not gone: ${pending(live)}`);
    }
    return failed(
      ref,
      'stale',
      `${printRef(ref)} changes faster than it can be proven and deleted; it is tried again later`,
    );
  } catch (error) {
    if (run.signal.aborted) return failed(ref, 'cancelled', `stopped before ${printRef(ref)} was gone`);
    if (error instanceof KubeError) return failed(ref, error.code, error.message);
    throw error;
  }
}

function failed(ref: Ref, code: PruneFailureCode, message: string): PruneOutcome {
  return { action: 'failed', ref, code, message };
}

/** Guards that hang on the object itself, asked of what was just read. */
function reasonToKeep(live: KubeObject, release: boolean, { set, managers }: Run): KeepReason | undefined {
  const proof = proofOf(live, set, managers);
  if (!proof.proven || !isMember(live, set, managers)) return 'unproven';
  const { prune } = directivesOf(undefined, live).directives;
  if (release) return prune === 'keep' ? 'annotated' : undefined;
  if (prune !== 'allow') return 'annotated';
  return isControlled(live) ? 'controlled' : undefined;
}

function request<T>({ limit }: Run, task: () => Promise<T>): Promise<T> {
  return limit === undefined ? task() : limit.run(task);
}

/** False when the object moved since it was read: look again. */
async function attempt(task: () => Promise<unknown>): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    // A JSON patch whose test fails is answered as 422, a precondition as 409.
    if (
      error instanceof KubeError &&
      (error.code === 'STALE' || error.code === 'CONFLICT' || (error.code === 'INVALID' && error.status === 422))
    )
      return false;
    throw error;
  }
}

function remove(live: KubeObject, { client, signal, propagation = 'Background' }: Run): Promise<boolean> {
  const { namespace = '', name, uid = '', resourceVersion = '' } = live.metadata;
  const { group, version, kind } = gvkOf(live);
  return client.delete(
    { group, kind, namespace, name },
    { signal, version, propagation, preconditions: { uid, resourceVersion } },
  );
}

/** True when the object is gone, false when it is still there at the deadline. */
async function waitForGone(deleted: KubeObject, since: number, run: Run): Promise<boolean> {
  const { client, clock, waitTimeoutMs = 300_000 } = run;
  const { namespace = '', name, uid } = deleted.metadata;
  const { group, version, kind } = gvkOf(deleted);
  const ref = { group, kind, namespace, name };
  const deadline = AbortSignal.timeout(waitTimeoutMs);
  const signal = AbortSignal.any([run.signal, deadline]);
  try {
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      const live = await request(run, () => client.get(ref, { signal, version }));
      if (live === undefined || live.metadata.uid !== uid) return true;
      if (clock.now() - since > 1_000) run.tell({ type: 'waiting', ref, reason: pending(live), since });
      await clock.sleep(pause, signal);
    }
  } catch (error) {
    if (error instanceof KubeError && error.code === 'UNKNOWN_KIND') return true;
    if (deadline.aborted && !run.signal.aborted) return false;
    throw error;
  }
}

function pending({ metadata }: KubeObject): string {
  const { finalizers = [] } = metadata;
  return finalizers.length === 0
    ? 'the server has not removed it yet'
    : `it waits for its finalizers ${finalizers.join(', ')}`;
}
