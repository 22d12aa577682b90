import { printHolder } from '@homeostat/apply';
import type { ApplyOutcome, OutcomeCode, Overridden } from '@homeostat/apply';
import type { Revision } from '@homeostat/git';
import type { Redactor, Ref, RefKey, RetryHint } from '@homeostat/kube';
import { compareRefs, refKey } from '@homeostat/kube';
import { heldOf } from '@homeostat/prune';
import type { HandledRequest, Held, OrphanDecision, PruneOutcome } from '@homeostat/prune';
import type { Origin } from '@homeostat/render';
import type { AwaitedSync } from './dependencies.ts';
import { printDifference } from './difference.ts';
import type { Difference } from './events.ts';
import type { PassFinding } from './finding.ts';
import { aggregate } from '@homeostat/status';
import type { Aggregate, Status } from '@homeostat/status';
import type { Plan, PlanItem, PlannedAddition } from './plan.ts';
import { publicChanges, safeMessage } from './redact.ts';
import type { Removals, Removed } from './remove-additions.ts';
import type { Sync } from './sync.ts';

/**
 * - `Ready`: the cluster is as the source wants it, but for drift that the policy leaves (`counts.drifted`), and every object is ready.
 * - `Progressing`: as the source wants it, but not all of it is ready yet; or other syncs are waited for.
 * - `Held`: nothing failed; prunes wait for somebody's consent.
 * - `Failed`: something could not be done, or an object has failed.
 * - `Suspended`: somebody asked to leave the set alone; nothing was looked at.
 */
export type ReportState = 'Ready' | 'Progressing' | 'Held' | 'Failed' | 'Suspended';

/** What became of one desired object. */
export interface ReportedObject {
  readonly ref: Ref;
  readonly origin: Origin;
  readonly action:
    | 'created'
    | 'updated'
    | 'adopted'
    | 'replaced'
    | 'unchanged'
    | 'drifted'
    | 'skipped'
    | 'failed'
    | 'blocked';
  /** For `failed`. */
  readonly code?: OutcomeCode;
  /** Why it was skipped, failed or blocked, or what there is to say about what was done. */
  readonly message?: string;
  readonly retry?: RetryHint;
  readonly blockedBy?: Ref;
  readonly status?: Pick<Status, 'state' | 'reason' | 'message'>;
  readonly overridden?: readonly Overridden[];
  /** For `drifted`: how it is not as desired. */
  readonly drift?: Omit<Difference, 'ref'>;
  /** What others added to it, if the policy asks: what decides about security first. */
  readonly additions?: readonly ReportedAddition[];
  readonly warnings?: readonly string[];
}

/** What somebody else put into an object, and what became of it. */
export interface ReportedAddition extends Omit<PlannedAddition, 'action'> {
  readonly action: 'removed' | 'reported' | 'kept';
}

/** What became of one object that the source no longer names. */
export interface ReportedOrphan {
  readonly ref: Ref;
  readonly action: 'pruned' | 'released' | 'kept' | 'failed';
  readonly reason?: string;
  readonly message?: string;
  /** For `failed`. */
  readonly retry?: RetryHint;
}

/** Why a pass could not come to its end. */
export interface Failure {
  readonly stage: 'depend' | 'fetch' | 'render' | 'look' | 'validate' | 'apply' | 'prune' | 'wait' | 'record';
  readonly code: string;
  readonly message: string;
  readonly retry: RetryHint;
  /** All of what the message names a few of: what moved. */
  readonly reasons?: readonly string[];
}

export interface Report {
  readonly kind: 'Report';
  readonly version: 1;
  readonly sync: { readonly namespace: string; readonly name: string };
  readonly revision?: Revision;
  readonly state: ReportState;
  readonly counts: Readonly<Record<ReportedObject['action'] | ReportedOrphan['action'], number>>;
  /** Every desired object: not ready and failed first, then by ref. */
  readonly objects: readonly ReportedObject[];
  readonly orphans: readonly ReportedOrphan[];
  /** The prunes that wait for somebody's consent, and the digest by which it is given. */
  readonly held?: Held;
  /** The last request of each kind that was dealt with: who asked for what, and when. */
  readonly requests: readonly HandledRequest[];
  readonly health: Pick<Aggregate, 'state' | 'counts'>;
  readonly findings: readonly PassFinding[];
  /** Other syncs that keep this one from moving on; what is here is of the revision that it had before, if there was one. */
  readonly waits?: readonly AwaitedSync[];
  readonly failure?: Failure;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
}

/** What a pass has come to; whatever is missing was not reached. */
export interface Results {
  readonly revision?: Revision;
  readonly plan?: Plan;
  readonly outcomes?: ReadonlyMap<RefKey, ApplyOutcome>;
  readonly removals?: Removals;
  readonly decisions?: readonly OrphanDecision[];
  readonly pruned?: readonly PruneOutcome[];
  readonly requests?: readonly HandledRequest[];
  readonly suspended?: boolean;
  readonly waits?: readonly AwaitedSync[];
  readonly failure?: Failure;
  readonly statusOf: (ref: Ref) => Status | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** One report from whatever was reached. Pure. */
export function report(sync: Sync, reached: Results, redactor: Redactor): Report {
  const results = { ...reached, statusOf: telling(reached.statusOf, redactor) };
  const { revision, plan, outcomes = new Map<RefKey, ApplyOutcome>(), decisions = [], pruned = [], failure } = results;
  const objects = (plan?.items ?? []).map((item) => {
    const key = refKey(item.ref);
    return withRemoval(item, outcomes.get(key), results.removals?.get(key), results, redactor);
  });
  const orphans = reportedOrphans(decisions, pruned, redactor);
  const held = heldOf(decisions);
  const health = healthOf(objects);
  const counts: Record<keyof Report['counts'], number> = {
    created: 0,
    updated: 0,
    adopted: 0,
    replaced: 0,
    unchanged: 0,
    drifted: 0,
    skipped: 0,
    failed: 0,
    blocked: 0,
    pruned: 0,
    released: 0,
    kept: 0,
  };
  for (const { action } of [...objects, ...orphans]) counts[action] += 1;
  const findings = plan?.findings ?? [];
  const { waits = [] } = results;
  const partial = { counts, orphans, health, findings, failure, waits, complete: plan?.complete ?? true };
  return {
    kind: 'Report',
    version: 1,
    sync: { namespace: sync.namespace, name: sync.name },
    ...(revision !== undefined && { revision }),
    state: results.suspended === true && failure === undefined ? 'Suspended' : stateOf(partial),
    counts,
    objects: objects.toSorted((a, b) => urgency(b) - urgency(a) || compareRefs(a.ref, b.ref)),
    orphans,
    ...(held !== undefined && { held }),
    requests: results.requests ?? [],
    health,
    findings,
    ...(waits.length > 0 && { waits }),
    ...(failure !== undefined && { failure }),
    startedAt: new Date(results.startedAt).toISOString(),
    durationMs: Math.round(results.endedAt - results.startedAt),
  };
}

type Told = NonNullable<ReportedObject['status']>;

/** What is told of verdicts: equal ones are one instance, and each is looked through once. Thousands of objects share a few. */
function telling(statusOf: Results['statusOf'], redactor?: Pick<Redactor, 'text'>): (ref: Ref) => Told | undefined {
  const told = new Map<string, Told>();
  return (ref) => {
    const status = statusOf(ref);
    if (status === undefined) return undefined;
    const { state, reason, message } = status;
    const key = `${state} ${reason} ${message}`;
    const known = told.get(key);
    if (known !== undefined) return known;
    const first = { state, reason, message: redactor === undefined ? message : redactor.text(message) };
    told.set(key, first);
    return first;
  };
}

/** The same report with other states of its objects. Pure. */
export function withStatuses(before: Report, statusOf: Results['statusOf']): Report {
  const tell = telling(statusOf);
  const objects = before.objects.map((object) => {
    const status = tell(object.ref);
    return status === undefined ? object : { ...object, status };
  });
  const health = healthOf(objects);
  const complete = before.findings.every(({ severity }) => severity !== 'error');
  return {
    ...before,
    objects: objects.toSorted((a, b) => urgency(b) - urgency(a) || compareRefs(a.ref, b.ref)),
    health,
    state: stateOf({ ...before, health, failure: before.failure, waits: before.waits ?? [], complete }),
  };
}

function healthOf(objects: readonly ReportedObject[]): Report['health'] {
  const { state, counts } = aggregate(
    objects.flatMap(({ ref, status }) => (status === undefined ? [] : [{ ref, status }])),
  );
  return { state, counts };
}

function stateOf({
  counts,
  orphans,
  health,
  failure,
  waits,
  complete,
}: Pick<Report, 'counts' | 'orphans' | 'health'> & {
  failure: Failure | undefined;
  waits: readonly AwaitedSync[];
  complete: boolean;
}): ReportState {
  if (failure !== undefined || !complete || counts.failed > 0 || counts.blocked > 0) return 'Failed';
  if (health.state === 'Failed') return 'Failed';
  if (orphans.some(({ action, reason }) => action === 'kept' && isHeld(reason))) return 'Held';
  return health.state === 'Current' && waits.length === 0 ? 'Ready' : 'Progressing';
}

/** Whether somebody's consent would let it go on. */
export function isHeld(reason: string | undefined): boolean {
  return reason === 'empty-set' || reason === 'over-budget';
}

function urgency({ action, status }: ReportedObject): number {
  if (action === 'failed' || status?.state === 'Failed') return 3;
  if (action === 'blocked') return 2;
  return action !== 'drifted' && (status === undefined || status.state === 'Current') ? 0 : 1;
}

/** What became of an object by apply, and then of what others added to it. */
function withRemoval(
  item: PlanItem,
  outcome: ApplyOutcome | undefined,
  removed: Removed | undefined,
  results: Results,
  redactor: Redactor,
): ReportedObject {
  const applied = outcome !== undefined && outcome.action !== 'skipped';
  const { ref, origin, additions } = item;
  // Where nothing was to be applied there is no outcome, or it was but a node of the graph.
  const base = reported(
    removed === undefined || applied ? item : { action: 'unchanged', ref, origin },
    outcome,
    results,
    redactor,
  );
  if (additions === undefined) return base;
  const told = additions.map((addition) => reportedAddition(addition, removed));
  if (removed?.action === 'failed') {
    const { code, message, retry } = removed;
    const text = `what others added could not be taken away: ${safeMessage(ref, message, redactor)}`;
    return { ...base, action: 'failed', code, message: text, retry, additions: told };
  }
  const written = base.action === 'unchanged' && told.some(({ action }) => action === 'removed');
  return { ...base, ...(written && { action: 'updated' }), additions: told };
}

function reportedAddition(addition: PlannedAddition, removed: Removed | undefined): ReportedAddition {
  switch (addition.action) {
    case 'report':
      return { ...addition, action: 'reported' };
    case 'keep':
      return { ...addition, action: 'kept' };
    case 'remove':
      if (removed?.action === 'removed')
        return removed.paths.has(addition.path)
          ? { ...addition, action: 'removed' }
          : { ...addition, action: 'kept', reason: 'moved' };
      return { ...addition, action: 'kept', reason: removed === undefined ? 'not-reached' : removed.code };
    default:
      return addition.action satisfies never;
  }
}

function reported(
  item: Plan['items'][number],
  outcome: ApplyOutcome | undefined,
  { statusOf }: Results,
  redactor: Redactor,
): ReportedObject {
  const { ref, origin } = item;
  const verdict = statusOf(ref);
  const status = verdict === undefined ? {} : { status: verdict };
  if (item.action === 'refused') {
    const { code, message, retry } = item;
    return { ref, origin, action: 'failed', code, message, retry, ...status };
  }
  if (item.action === 'drifted') {
    const { gone, fields, managers } = item;
    return { ref, origin, ...asDrifted({ gone, fields, managers }), ...status };
  }
  if (item.action === 'skip') {
    return { ref, origin, action: 'skipped', message: item.reason, ...status };
  }
  if (item.action === 'unchanged') {
    return {
      ref,
      origin,
      action: 'unchanged',
      ...status,
      ...(item.overridden !== undefined && { overridden: item.overridden }),
    };
  }
  if (outcome === undefined) return { ref, origin, action: 'skipped', message: 'nothing was written', ...status };
  switch (outcome.action) {
    case 'skipped':
      return {
        ref,
        origin,
        action: 'skipped',
        message: 'another object failed, and the policy onError: stop holds the rest',
        ...status,
      };
    case 'failed':
      return {
        ref,
        origin,
        action: 'failed',
        code: outcome.code,
        message: safeMessage(ref, outcome.message, redactor),
        retry: outcome.retry,
        ...status,
      };
    case 'blocked':
      return {
        ref,
        origin,
        action: 'blocked',
        message: safeMessage(ref, outcome.reason, redactor),
        blockedBy: outcome.by,
        ...status,
      };
    case 'created':
    case 'updated':
    case 'unchanged':
    case 'adopted':
    case 'replaced': {
      const notes = [
        ...(item.owner === undefined ? [] : [`from ${item.owner}`]),
        ...(outcome.taken ?? []).map((conflict) => `took ${conflict.path} from ${printHolder(conflict)}`),
        ...(outcome.yielded ?? []).map((conflict) => `left ${conflict.path} to ${printHolder(conflict)}`),
        ...(outcome.migrated ?? []).map((manager) => `took over the fields of ${manager}`),
      ];
      return {
        ref,
        origin,
        action: outcome.action,
        ...(notes.length > 0 && { message: notes.join('; ') }),
        ...status,
        ...(outcome.overridden !== undefined &&
          outcome.overridden.length > 0 && { overridden: publicChanges(ref, outcome.overridden) }),
        ...(outcome.warnings.length > 0 && {
          warnings: outcome.warnings.map((warning) => safeMessage(ref, warning, redactor)),
        }),
      };
    }
    default:
      return outcome satisfies never;
  }
}

function reportedOrphans(
  decisions: readonly OrphanDecision[],
  pruned: readonly PruneOutcome[],
  redactor: Redactor,
): readonly ReportedOrphan[] {
  const done = new Map(pruned.map((outcome) => [refKey(outcome.ref), outcome]));
  return decisions.map((decision): ReportedOrphan => {
    const { ref } = decision.member;
    if (decision.decision === 'keep') {
      const { reason, detail } = decision;
      return { ref, action: 'kept', reason, ...(detail !== undefined && { message: detail }) };
    }
    const outcome = done.get(refKey(ref));
    if (outcome === undefined) return { ref, action: 'kept', reason: 'not-reached' };
    switch (outcome.action) {
      case 'pruned':
      case 'released':
        return { ref, action: outcome.action };
      case 'kept':
        return {
          ref,
          action: 'kept',
          reason: outcome.reason,
          ...(outcome.message !== undefined && { message: outcome.message }),
        };
      case 'failed':
        return {
          ref,
          action: 'failed',
          reason: outcome.code,
          message: redactor.text(outcome.message),
          retry: outcome.retry,
        };
      default:
        return outcome satisfies never;
    }
  });
}

/** The same report with more to say. Pure. */
export function withFindings(before: Report, findings: readonly PassFinding[]): Report {
  return findings.length === 0 ? before : { ...before, findings: [...before.findings, ...findings] };
}

function asDrifted(drift: Omit<Difference, 'ref'>): Pick<ReportedObject, 'action' | 'message' | 'drift'> {
  return { action: 'drifted', message: printDifference(drift), drift };
}

/**
 * The same report, in which these objects are told to be as desired again, or to have drifted and how; the same one where that is nothing
 * new. Pure.
 */
export function withDrift(before: Report, looked: ReadonlyMap<RefKey, Difference | undefined>): Report {
  const objects = before.objects.map((object): ReportedObject => {
    const key = refKey(object.ref);
    const found = looked.get(key);
    if (found !== undefined) {
      const { ref, origin, status } = object;
      const { gone, fields, managers } = found;
      return { ref, origin, ...(status !== undefined && { status }), ...asDrifted({ gone, fields, managers }) };
    }
    if (object.action !== 'drifted' || !looked.has(key)) return object;
    const { drift: _drift, message: _message, ...rest } = object;
    return { ...rest, action: 'unchanged' };
  });
  if (objects.every((object, index) => object === before.objects[index])) return before;
  const counts = { ...before.counts };
  for (const { action } of before.objects) counts[action] -= 1;
  for (const { action } of objects) counts[action] += 1;
  return {
    ...before,
    counts,
    objects: objects.toSorted((a, b) => urgency(b) - urgency(a) || compareRefs(a.ref, b.ref)),
  };
}
