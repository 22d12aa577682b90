import { KubeError, dependencies, directivesOf, gvkOf, printRef, proofOf, refKey, refOf } from '@homeostat/kube';
import type { Client, KubeObject, Managers, Propagation, Ref, RefKey, RetryHint, SetIdentity } from '@homeostat/kube';
import { abandon } from './abandon.ts';
import { waitForGone } from './gone.ts';
import { heldBy } from './held-objects.ts';
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
  /** Who else desires an object by now: it may have said so since the decision. */
  readonly claimantOf?: (ref: Ref) => string | undefined;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
}

export interface PruneOptions {
  readonly signal: AbortSignal;
  readonly propagation?: Propagation;
  /** How long one object may take to be gone. Default 5 min. */
  readonly waitTimeoutMs?: number;
  /** Why an object, as it is now, is not the one whose end was decided; undefined where it is. Asked right before the deletion. */
  readonly changed?: (live: KubeObject) => string | undefined;
}

/** How often an object is looked at and proven anew before it counts as moving too fast. */
const ROUNDS = 10;
const DEFAULT_WAIT_TIMEOUT_MS = 5 * 60_000;

/**
 * Carries the decisions out: deletes what is to be pruned, sets free what is to be released, leaves the rest alone.
 *
 * 1. Each object is read, proven and judged anew right before its deletion, and deleted only as it was read: uid and
 *    resourceVersion are preconditions, always both. An object that changes each time gets ten rounds.
 * 2. An object goes only after everything that depends on it is gone (the reverse of application), and stays if that fails.
 * 3. A Namespace or a definition goes only when nothing is left that would go with it.
 * 4. What is gone already counts as pruned; what took its name is left alone.
 * 5. One outcome per decision that is not `keep`, in the order of the decisions. An error is an outcome.
 * 6. Leaving the iteration early cancels; it ends when no request is in flight any more.
 */
export async function* pruneOrphans(
  decisions: readonly OrphanDecision[],
  ports: PrunePorts,
  options: PruneOptions,
): AsyncGenerator<PruneEvent, readonly PruneOutcome[]> {
  const queue = createQueue<PruneEvent>();
  const left = new AbortController();
  const run: Run = { ...ports, ...options, signal: AbortSignal.any([options.signal, left.signal]), tell: queue.put };
  const done = settleAll(decisions, run).finally(queue.close);
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

async function settleAll(decisions: readonly OrphanDecision[], run: Run): Promise<readonly PruneOutcome[]> {
  const going = decisions.filter(({ decision }) => decision !== 'keep');
  const before = blockersOf(going.filter(({ decision }) => decision === 'prune').map(({ member }) => member));
  const outcomes = new Map(going.map(({ member }) => [refKey(member.ref), Promise.withResolvers<PruneOutcome>()]));
  return await Promise.all(
    going.map(async ({ decision, member }) => {
      const key = refKey(member.ref);
      const blockers = decision === 'prune' ? await before(key, (other) => outcomes.get(other)?.promise) : [];
      const staying = blockers.find(({ action }) => action === 'failed' || action === 'kept');
      const outcome = staying === undefined ? await settle(member, decision === 'release', run) : held(member, staying);
      run.tell({ type: 'outcome', outcome });
      outcomes.get(key)?.resolve(outcome);
      return outcome;
    }),
  );
}

function held({ ref }: Member, { ref: other }: PruneOutcome): PruneOutcome {
  const message = `${printRef(other)} needs it and is still there`;
  return { action: 'kept', ref, reason: 'dependents-remain', message };
}

/** Waits for all that must be gone before an object. */
type Before = (
  key: RefKey,
  outcomeOf: (other: RefKey) => Promise<PruneOutcome> | undefined,
) => Promise<readonly PruneOutcome[]>;

/**
 * What must be gone before an object: what depends on it, and all of the next later wave. Cycles are cut. Each wave is awaited
 * once, whoever waits for it, so that two large waves do not cost their product.
 */
function blockersOf(members: readonly Member[]): Before {
  const { edges, waves, cycles } = dependencies(members.map((member) => member.object()));
  const cyclic = new Set(cycles.flat());
  const dependents = new Map<RefKey, RefKey[]>();
  for (const [dependent, list] of edges) {
    for (const { on, inSet } of list) {
      const key = refKey(on);
      if (!inSet || (cyclic.has(key) && cyclic.has(dependent))) continue;
      const known = dependents.get(key);
      if (known === undefined) dependents.set(key, [dependent]);
      else known.push(dependent);
    }
  }
  const waveAfter = new Map(
    waves.flatMap(({ members: wave }, i) => wave.map((key) => [key, waves[i + 1]?.members ?? []] as const)),
  );
  const awaited = new Map<readonly RefKey[], Promise<readonly PruneOutcome[]>>();
  return async (key, outcomeOf) => {
    const all = (keys: readonly RefKey[]) => Promise.all(keys.flatMap((other) => outcomeOf(other) ?? []));
    const wave = waveAfter.get(key) ?? [];
    const later = cyclic.has(key) ? wave.filter((other) => !cyclic.has(other)) : wave;
    const shared = awaited.get(later) ?? all(later);
    awaited.set(later, shared);
    return [...(await all(dependents.get(key) ?? [])), ...(await shared)];
  };
}

async function settle({ ref, uid }: Member, release: boolean, run: Run): Promise<PruneOutcome> {
  const since = run.clock.now();
  const done = (action: 'pruned' | 'released'): PruneOutcome => ({ action, ref, durationMs: run.clock.now() - since });
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const live = await request(run, () => run.client.get(ref, { signal: run.signal }));
      if (live === undefined || live.metadata.uid !== uid) return done(release ? 'released' : 'pruned');
      const kept = await judge(live, release, run);
      if (kept !== undefined) return { action: 'kept', ref, ...kept };
      const changed = run.changed?.(live);
      if (changed !== undefined) return failed(ref, 'stale', `${printRef(ref)} is to go, and ${changed}`);
      const moved = !(await attempt(() =>
        request<unknown>(run, () => (release ? setFree(live, run) : remove(live, run))),
      ));
      if (moved) continue;
      if (release) return done('released');
      const holders = await waitUntilGone(ref, live, run);
      if (holders === undefined) return done('pruned');
      return failed(ref, 'not-gone', `${printRef(ref)} is being deleted, but is not gone: ${holders}`);
    }
    const message = `${printRef(ref)} changed each of the ${ROUNDS} times that it was proven and to be deleted; the next pass tries again`;
    return failed(ref, 'stale', message);
  } catch (error) {
    if (run.signal.aborted) return failed(ref, 'cancelled', `stopped before ${printRef(ref)} was gone`);
    if (error instanceof KubeError) {
      // Whoever withdrew a right may give it back: then nothing else would tell.
      return failed(ref, error.code, error.message, typeof error.retry === 'object' ? error.retry : 'backoff');
    }
    throw error;
  }
}

function failed(ref: Ref, code: PruneFailureCode, message: string, retry: RetryHint = 'backoff'): PruneOutcome {
  return { action: 'failed', ref, code, message, retry };
}

/** The guards that hang on the object itself, asked of what was just read. */
async function judge(
  live: KubeObject,
  release: boolean,
  run: Run,
): Promise<{ readonly reason: KeepReason; readonly message?: string } | undefined> {
  const proof = proofOf(live, run.set, run.managers);
  if (!proof.proven) {
    const reason = proof.reason === 'other-set' ? 'other-set' : 'unproven';
    return { reason, ...(proof.owner !== undefined && { message: `it is held by ${proof.owner}` }) };
  }
  if (release) return undefined;
  const claimant = run.claimantOf?.(refOf(live));
  if (claimant !== undefined) return { reason: 'claimed', message: claimant };
  if (directivesOf(undefined, live).directives.prune !== 'allow') return { reason: 'annotated' };
  if (isControlled(live)) return { reason: 'controlled' };
  const inside = await heldBy(live, run.client, { signal: run.signal });
  if (inside === undefined) return undefined;
  const reason = live.kind === 'Namespace' ? 'namespace-in-use' : 'definition-in-use';
  return { reason, message: `it holds ${inside}` };
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
    if (error instanceof KubeError && error.code === 'STALE') return false;
    throw error;
  }
}

function setFree(live: KubeObject, { client, set, managers, signal }: Run): Promise<boolean> {
  return abandon(client, live, set, managers, { signal });
}

/** What is being deleted already needs no second deletion. */
async function remove(live: KubeObject, { client, signal, propagation = 'Background' }: Run): Promise<void> {
  const { namespace = '', name, uid = '', resourceVersion = '', deletionTimestamp } = live.metadata;
  if (deletionTimestamp !== undefined) return;
  const { group, version, kind } = gvkOf(live);
  const preconditions = { uid, resourceVersion };
  await client.delete({ group, kind, namespace, name }, { signal, version, propagation, preconditions });
}

function waitUntilGone(ref: Ref, live: KubeObject, run: Run): Promise<string | undefined> {
  const { client, clock, signal, tell, waitTimeoutMs = DEFAULT_WAIT_TIMEOUT_MS } = run;
  const { version } = gvkOf(live);
  return waitForGone(client, ref, live.metadata.uid ?? '', {
    signal,
    version,
    waitTimeoutMs,
    clock,
    tell,
    request: (task) => request(run, task),
  });
}
