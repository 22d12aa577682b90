import type { Revision } from '@homeostat/git';
import type { OrphanDecision } from '@homeostat/prune';
import { claimantOf } from '@homeostat/apply';
import { refKey, setIdentity } from '@homeostat/kube';
import { applyPlan, rememberUnchanged } from './apply-plan.ts';
import type { Contest, Declaration } from './claims.ts';
import { claimsOn, decideOrphans } from './decide-orphans.ts';
import { draft } from './draft.ts';
import { ReconcileError } from './error.ts';
import type { PassEvent } from './events.ts';
import { failureOf } from './failure.ts';
import { asPlanned, changedSince, contentOf, leftAsStale } from './exactly.ts';
import { findAdditions } from './find-additions.ts';
import { assertFresh, stale } from './fresh.ts';
import { fetchRevision } from './fetch.ts';
import type { PassFinding } from './finding.ts';
import { knowParent, look, seeParent } from './look.ts';
import type { View } from './look.ts';
import { leaveDrift as leaveDrifted } from './leave-drift.ts';
import { addMade, decisiveOptions, nothingMade, recallMade } from './made.ts';
import type { Made } from './made.ts';
import { observePass } from './observe.ts';
import { ownershipFindings } from './ownership.ts';
import type { Rival } from './ownership.ts';
import { planDigest } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Clock } from './clock.ts';
import { standingOf } from './ports.ts';
import type { Ports } from './ports.ts';
import { prunePlan } from './prune-plan.ts';
import { removeAdditions } from './remove-additions.ts';
import { renderServed, renderSnapshot } from './render-snapshot.ts';
import { cannotGoBack, rolledBack } from './rolled-back.ts';
import { handledRequests, isSuspended, pendingRequests, rollbackOf, suspensions } from './requests.ts';
import { statusIn } from './health.ts';
import type { Wanted } from './render-snapshot.ts';
import { report } from './report.ts';
import type { Failure, Report, Results } from './report.ts';
import { settle } from './settle.ts';
import type { Settled } from './settle.ts';
import { assertSource } from './source-identity.ts';
import type { Sync } from './sync.ts';
import { freeTurn, portsWithin } from './turns.ts';
import type { Turn } from './turns.ts';
import { validate } from './validate.ts';
import type { Verdicts } from './validate.ts';
import { createWaits, printTime } from './waits.ts';

const NOT_CONTESTED: readonly Contest[] = [];

export interface PassOptions {
  readonly signal?: AbortSignal;
  /** This commit instead of the newest revision. */
  readonly commit?: string;
  /** The same with its name, for whoever has resolved it. */
  readonly revision?: Revision;
  /** What it has at the gate of the process while it works. Default: it need not wait for anybody. */
  readonly turn?: Turn;
  /**
   * A stored plan to be carried out: its commit, and what it shows, or nothing. What moved between plan and pass ends the pass with
   * `PLAN_STALE` before anything is written; what moves while it writes is left as it is, and the report names that.
   */
  readonly exactly?: Plan;
  /** Called as each stage begins. */
  readonly entered?: (stage: Failure['stage']) => void;
  /** Called with the plan before anything is written; throwing here, or rejecting, means that nothing is. */
  readonly approve?: (plan: Plan) => void | Promise<void>;
  /**
   * With the policy `drift: report`, leave what somebody changed since it was made as desired by this revision and document. Nobody
   * wants this pass to make it so; where a request to sync at the parent does, that counts. Default: everything is made as desired.
   */
  readonly leaveDrift?: boolean;
}

export interface PlanOptions extends PassOptions {
  /**
   * The plan is only shown: what our identity has no right to write is looked at instead of asked about, and its items say that
   * they are not validated. Nor need it see the parent: a finding says what is not known then.
   */
  readonly lookOnly?: boolean;
}

/** A plan and what carrying it out needs. */
export interface Planned {
  readonly plan: Plan;
  readonly settled: readonly Settled[];
  readonly wanted: Wanted;
  readonly view: View;
  readonly decisions: readonly OrphanDecision[];
}

/**
 * The first half of a pass: what would have to be done. Writes nothing.
 *
 * @throws {GitError} {@link KubeError} {@link PruneError} when there can be no plan.
 */
export async function* makePlan(
  sync: Sync,
  given: Ports,
  {
    signal = never(),
    commit,
    revision,
    turn = freeTurn,
    lookOnly = false,
    leaveDrift = false,
    entered = ignore,
  }: PlanOptions = {},
): AsyncGenerator<PassEvent, Planned> {
  const ports = portsWithin(given, turn);
  const set = setIdentity(sync.namespace, sync.name);
  const path = sync.render.path ?? '';
  const wished = revision ?? (commit === undefined ? undefined : { commit });
  // A plan that was made of a commit is of that commit.
  if (wished === undefined) await seeParent(set, ports, { signal, lookOnly });
  const rollback = wished === undefined ? rollbackOf(ports.memory.parent) : undefined;
  entered('fetch');
  const { snapshot, newest } = yield* fetchRevision(ports, {
    path,
    signal,
    turn,
    ...(wished !== undefined && { revision: wished }),
    ...(rollback !== undefined && { instead: rollback.argument }),
  });
  entered('render');
  const { wanted, resources } = yield* renderServed(snapshot, sync, set, ports, { signal, turn });
  const { byKey: desired, complete } = wanted;
  if (!lookOnly) declareClaims(sync, ports, { revision: snapshot.revision, desired, complete });
  entered('look');
  const view = await look(set, wanted.objects, resources, sync.policy, ports, { signal, lookOnly });
  assertSource(view.parent, sync, ports.source.location);

  const contested = ports.claims?.contested(sync) ?? NOT_CONTESTED;
  const inputs = [
    sync,
    contested,
    newest?.commit,
    wanted,
    view.parent,
    view.parentHidden,
    view.members,
    view.lookalikes,
  ];
  const known = ports.memory.planned.find(inputs);
  if (known !== undefined) {
    yield { type: 'planned', plan: known.plan };
    return known;
  }

  const { commit: taken } = snapshot.revision;
  const made = leavesDrift(sync, ports, leaveDrift) ? recallMade(sync, taken, desired, ports.memory) : undefined;
  const drafted = draft({ wanted: wanted.objects, view, ...sync, verified: ports.memory.verified });
  entered('validate');
  const verdicts = yield* turn.rest(validate(drafted, set, sync.policy, ports, { signal, lookOnly }));
  if (!lookOnly) contest(sync, ports, verdicts);
  const additions = yield* turn.rest(findAdditions(drafted, set, sync.policy, ports, { signal }));
  const asked = settle(drafted, verdicts, sync, ports.redactor, additions);
  const settled = made === undefined ? asked : leaveDrifted(drafted, asked, additions, made);
  const decisions = decideOrphans(wanted, view, settled, sync, claimsOn(wanted, view, sync, ports));

  const ownership = ownershipFindings(verdicts, rivalsOf(view, wanted), contested, desired);
  const told = [...(rollback === undefined ? [] : [rolledBack(rollback, newest, sync)]), ...ownership];
  const plan = planOf(sync, ports, snapshot.revision, wanted, view, settled, decisions, told);
  rememberUnchanged(settled, ports);
  // An object that the source names again one day is looked at as any other: nothing is known of it any more.
  for (const key of ports.memory.desired.keys()) if (!desired.has(key)) ports.memory.verified.delete(key);
  ports.memory.desired = desired;
  const planned = { plan, settled, wanted, view, decisions };
  // What was asked may be answered otherwise next time, what could not be seen may be seen then, and other syncs have a say
  // about orphans.
  const isAsked = additions.size > 0 || drafted.some(({ step }) => step === 'ask');
  if (!isAsked && view.blind.length === 0 && decisions.length === 0) ports.memory.planned.keep(inputs, planned);
  yield { type: 'planned', plan };
  return planned;
}

/**
 * One pass: make the cluster equal to one revision of the source.
 *
 * Level-triggered: it looks at desired and live state, never at events, so running it twice is running it once. It may be
 * cancelled at any time: every write stands by itself, and the next pass goes on from what it finds.
 *
 * Guarantees
 * 1. Nothing is written before rendering has ended and every changed object has been validated.
 * 2. Nothing is pruned unless the render is complete and every apply succeeded.
 * 3. It ends with exactly one report, whatever happens.
 * 4. A set that is suspended, by its document or at its parent, costs no more than a look at that.
 */
export function pass(sync: Sync, given: Ports, options: PassOptions = {}): AsyncGenerator<PassEvent, Report> {
  return observePass(sync, given, (told) => {
    const entered = (stage: Failure['stage']): void => {
      told(stage);
      options.entered?.(stage);
    };
    return stepsOf(sync, given, { ...options, entered });
  });
}

async function* stepsOf(
  sync: Sync,
  given: Ports,
  options: PassOptions & Required<Pick<PassOptions, 'entered'>>,
): AsyncGenerator<PassEvent, Report> {
  const { turn = freeTurn, exactly } = options;
  const ports = portsWithin(given, turn);
  const startedAt = ports.clock.now();
  const set = setIdentity(sync.namespace, sync.name);
  let stage: Failure['stage'] = 'look';
  const enter = (next: Failure['stage']): void => {
    stage = next;
    options.entered(next);
  };
  const waits = createWaits(ports.clock);
  let late: Failure | undefined;
  const deadline = startDeadline(options.signal, sync.policy.deadline, ports.clock, () => {
    late = timedOut(stage, sync.policy.deadline, ports.redactor.text(waits.print()));
  });
  const { signal } = deadline;
  const results: { -readonly [K in keyof Results]: Results[K] } = {
    startedAt,
    endedAt: startedAt,
    statusOf: (ref) => statusIn(ports, ref),
  };
  try {
    enter('look');
    await knowParent(set, ports, { signal });
    const suspended = isSuspended(sync, ports.memory.parent);
    results.suspended = suspended;
    results.requests = handledRequests(ports.memory.parent, { suspended, now: startedAt });
    if (suspended) {
      ports.claims?.rest(sync);
      if (exactly !== undefined) throw stale(suspensions(sync, ports.memory.parent), 'since this plan was made');
      return report(sync, results, ports.redactor);
    }
    const back = exactly && rollbackOf(ports.memory.parent);
    if (exactly !== undefined && back !== undefined && back.argument !== exactly.source.commit)
      throw stale([`the set is rolled back to ${back.argument} (asked by ${back.by})`], 'since this plan was made');

    enter('fetch');
    const commit = exactly?.source.commit ?? options.commit;
    const planning = waits.through(
      planAdmitted(sync, given, {
        ...options,
        ...(commit !== undefined && { commit }),
        signal,
        lookOnly: false,
        entered: enter,
      }),
    );
    let step = await planning.next();
    while (step.done !== true) {
      if (step.value.type === 'revision') results.revision = step.value.revision;
      if (step.value.type === 'awaiting') {
        results.waits = step.value.waits;
        if (ports.memory.admitted === undefined) delete results.revision;
        else results.revision = ports.memory.admitted;
      }
      if (step.value.type === 'planned') results.plan = step.value.plan;
      yield step.value;
      step = await planning.next();
    }
    if (step.value === undefined) return report(sync, { ...results, endedAt: ports.clock.now() }, ports.redactor);
    const { settled, wanted, view, plan } = step.value;
    if (exactly !== undefined) assertFresh(exactly, plan);
    await options.approve?.(plan);

    const made = sync.policy.drift === 'report' ? beginMaking(sync, step.value, ports, options) : undefined;
    enter('apply');
    results.outcomes = yield* waits.through(
      turn.rest(applyPlan(settled, sync, set, ports, { signal, exactly: exactly !== undefined })),
    );
    results.removals = yield* waits.through(
      turn.rest(removeAdditions(settled, results.outcomes, sync, set, ports, { signal })),
    );
    if (made !== undefined) addMade(made, settled, results.outcomes, results.removals);
    enter('prune');
    const claimed = claimsOn(wanted, view, sync, ports);
    const decided = decideOrphans(wanted, view, settled, sync, claimed, results.outcomes);
    results.decisions = exactly === undefined ? decided : asPlanned(decided, exactly);
    const pruning = { signal, ...(exactly !== undefined && { changed: changedSince(exactly) }) };
    results.pruned = yield* waits.through(turn.rest(prunePlan(results.decisions, set, sync.policy, ports, pruning)));
    results.requests = handledRequests(view.parent, { decisions: results.decisions, now: startedAt });
    if (deadline.expired() && isCutShort(results)) throw signal.reason;
    if (exactly !== undefined) {
      const left = leftAsStale(settled, results.outcomes, results.removals, results.decisions, results.pruned);
      if (left.length > 0) throw stale(left, 'while this plan was being carried out, and was left as it is');
    }
  } catch (error) {
    if (error instanceof ReconcileError && error.code === 'DEPENDENCY_CYCLE') stage = 'depend';
    // A source of somebody else's may say it in the way of the platform.
    const aborted = signal.aborted && error === signal.reason;
    const cancelled = aborted || (error as { readonly code?: unknown } | null)?.code === 'CANCELLED';
    if (cancelled && deadline.expired() && late !== undefined) results.failure = late;
    else if (aborted) results.failure = { stage, code: 'CANCELLED', message: 'the pass was stopped', retry: 'never' };
    else results.failure = failureOf(stage, error, ports.redactor);
    const rollback = options.commit === undefined ? rollbackOf(ports.memory.parent) : undefined;
    if (rollback !== undefined && results.failure.stage === 'fetch')
      results.failure = { ...results.failure, message: cannotGoBack(rollback, results.failure.message, sync) };
  } finally {
    deadline.end();
    ports.memory.noParent = false;
  }
  results.endedAt = ports.clock.now();
  return report(sync, results, ports.redactor);
}

/**
 * The plan of the newest revision; as long as other syncs keep this one from it, of the revision that it has, which so is kept as it
 * should be. `undefined` when it has none yet.
 *
 * Meanwhile the other syncs of the process are told what it will desire: what moves to it must not be deleted where it is now.
 */
async function* planAdmitted(
  sync: Sync,
  ports: Ports,
  options: PlanOptions & { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Planned | undefined> {
  const { memory, dependencies, claims, source, client } = ports;
  const { signal, turn = freeTurn, entered = ignore } = options;
  if (sync.dependsOn.length === 0 || options.commit !== undefined || options.revision !== undefined)
    return yield* makePlan(sync, ports, options);
  // Whoever goes back has seen to it that this is the way.
  const rollback = rollbackOf(memory.parent);
  if (rollback !== undefined) {
    const planned = yield* makePlan(sync, ports, options);
    memory.admitted = { commit: rollback.argument };
    return planned;
  }
  const newest = await turn.wait(() => source.resolve({ signal }));
  const waits = newest.commit === memory.admitted?.commit ? [] : dependencies.waitsFor(newest);
  if (waits.length === 0) {
    memory.admitted = newest;
    return yield* makePlan(sync, ports, { ...options, revision: newest });
  }
  if (claims === undefined) {
    yield { type: 'revision', revision: newest };
  } else {
    const path = sync.render.path ?? '';
    const { snapshot } = yield* fetchRevision(ports, { path, signal, turn, revision: newest });
    entered('render');
    const resources = await client.resources({ signal });
    const set = setIdentity(sync.namespace, sync.name);
    const { byKey: desired, complete } = yield* renderSnapshot(snapshot, sync, set, resources, ports, { signal, turn });
    declareClaims(sync, ports, { revision: newest, desired, complete });
  }
  yield { type: 'awaiting', waits };
  if (memory.admitted === undefined) return undefined;
  const quiet = claims === undefined ? ports : { ...ports, claims: { ...claims, declare: () => {} } };
  // What the source names has been told, and is not what this goes by.
  const planning = makePlan(sync, quiet, { ...options, revision: memory.admitted });
  let step = await planning.next();
  while (step.done !== true) {
    if (step.value.type !== 'revision') yield step.value;
    step = await planning.next();
  }
  return step.value;
}

/** Tells the other syncs of this process what this one desires now. */
function declareClaims(
  sync: Sync,
  { claims, source, clock }: Ports,
  said: Pick<Declaration, 'revision' | 'desired' | 'complete'>,
): void {
  claims?.declare(sync, { ...said, ...standingOf(sync, source), now: clock.now() });
}

/** Tells those who have an object that this set desires it too. */
function contest(sync: Sync, { claims }: Ports, verdicts: Verdicts): void {
  claims?.contest(
    sync,
    [...verdicts].flatMap(([key, { heldBySet }]) =>
      heldBySet !== undefined && claims.desires(heldBySet, key, sync) === true ? [{ key, owner: heldBySet }] : [],
    ),
  );
}

/** Without those whose marks the source itself sets. */
function rivalsOf({ rivals }: View, { byKey }: Wanted): readonly Rival[] {
  return rivals.filter(({ ref, claimant }) => {
    const desired = byKey.get(refKey(ref));
    return desired === undefined || claimantOf(desired.object)?.owner !== claimant.owner;
  });
}

function planOf(
  sync: Sync,
  { source }: Ports,
  revision: { readonly ref?: string; readonly commit: string },
  wanted: Wanted,
  view: View,
  settled: readonly Settled[],
  decisions: readonly OrphanDecision[],
  told: readonly PassFinding[],
): Plan {
  const plan: Omit<Plan, 'digest'> = {
    kind: 'Plan',
    version: 1,
    sync: { namespace: sync.namespace, name: sync.name },
    source: { description: source.description, ...revision },
    options: decisiveOptions(sync),
    complete: wanted.complete,
    items: settled.map((item) => item.plan),
    prunes: decisions.map((decision) => ({
      ref: decision.member.ref,
      uid: decision.member.uid,
      decision: decision.decision,
      ...(decision.decision === 'keep'
        ? { reason: decision.reason, ...(decision.detail !== undefined && { detail: decision.detail }) }
        : contentOf(decision.member.object())),
    })),
    findings: [
      ...wanted.findings,
      ...told,
      ...suspensions(sync, view.parent).map((message) => ({
        severity: 'warning' as const,
        code: 'SET_SUSPENDED' as const,
        message: `${message}: no engine carries this out, and neither does apply`,
        hint: 'homeostat resume, or suspend: false in the document',
      })),
      ...view.blind.map((message) => ({
        severity: 'warning' as const,
        code: 'KIND_NOT_VISIBLE' as const,
        message: `objects of this kind cannot be seen, so none of them is pruned: ${message}`,
        hint: 'allow list and watch on it',
      })),
      ...(view.parentHidden === undefined
        ? []
        : [
            {
              severity: 'warning' as const,
              code: 'PARENT_NOT_VISIBLE' as const,
              message: `the parent of the set cannot be read, so members of kinds and in namespaces that the source no longer names are not in this plan, and nothing tells whether the set belongs to this source: ${view.parentHidden}`,
              hint: `allow get on the ConfigMap ${sync.namespace}/${sync.name}`,
            },
          ]),
      ...(view.parent?.ignored ?? []).map((message) => ({
        severity: 'warning' as const,
        code: 'REQUEST_IGNORED' as const,
        message,
        hint: 'homeostat confirm, suspend, resume, rollback and sync-now write what is understood',
      })),
    ],
  };
  return { ...plan, digest: planDigest(plan) };
}

/** Whether what others changed is left: nobody wants it to be made as desired. */
function leavesDrift({ policy }: Sync, { memory }: Ports, leaveDrift: boolean): boolean {
  const isWanted = pendingRequests(memory.parent).some(({ request }) => request === 'sync-now');
  return policy.drift === 'report' && leaveDrift && !isWanted;
}

/** What is made of this revision: what was made of it before, unless all of it is to be made anew. */
function beginMaking(sync: Sync, { plan, wanted }: Planned, ports: Ports, { leaveDrift = false }: PassOptions): Made {
  const { memory } = ports;
  const { commit } = plan.source;
  memory.made = leavesDrift(sync, ports, leaveDrift)
    ? recallMade(sync, commit, wanted.byKey, memory)
    : nothingMade(sync, commit);
  return memory.made;
}

interface Deadline {
  /** The caller's, or aborted when the time is up. */
  readonly signal: AbortSignal;
  /** Whether it was the time that ended the pass, and no person: then another attempt can help. */
  expired(): boolean;
  end(): void;
}

/** `over` is told at the very moment, when it can still be seen what was going on. */
function startDeadline(signal: AbortSignal | undefined, ms: number, clock: Clock, over: () => void): Deadline {
  const expiry = new AbortController();
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    await clock.sleep(ms, ended.signal);
    if (ended.signal.aborted) return;
    over();
    expiry.abort(new Error('the deadline of the pass is over'));
  };
  void watch();
  const either = signal === undefined ? expiry.signal : AbortSignal.any([signal, expiry.signal]);
  return {
    signal: either,
    expired: () => expiry.signal.aborted && either.reason === expiry.signal.reason,
    end: () => ended.abort(),
  };
}

/** What a pass does in each stage, as its failure says it. */
const DOING: Readonly<Record<Failure['stage'], string>> = {
  depend: 'waiting for other syncs',
  look: 'looking at the cluster',
  fetch: 'waiting for the source',
  render: 'rendering',
  validate: 'having its changes validated',
  apply: 'applying',
  prune: 'pruning',
  wait: 'waiting for objects to be ready',
  record: 'writing its report',
};

function timedOut(stage: Failure['stage'], ms: number, waits: string): Failure {
  const what = waits === '' ? '' : `, and waited for ${waits}`;
  return {
    stage,
    code: 'TIMEOUT',
    message: `the pass took longer than the policy deadline of ${printTime(ms)}: it was ${DOING[stage]}${what}; what was done stays done`,
    retry: 'backoff',
  };
}

/** Whether something was left undone because the pass had to end. */
function isCutShort({ plan, outcomes = new Map(), pruned = [] }: Results): boolean {
  const refusals = (plan?.items ?? []).filter((item) => item.action === 'refused');
  const ended = [...outcomes.values(), ...pruned];
  return (
    ended.some(({ action }) => action === 'blocked') ||
    [...refusals, ...ended].some((one) => 'code' in one && one.code.toLowerCase() === 'cancelled')
  );
}

function ignore(): void {}

function never(): AbortSignal {
  return new AbortController().signal;
}
