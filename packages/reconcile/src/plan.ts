import type { FieldConflict, OutcomeCode } from '@homeostat/apply';
import type { Addition, Change } from '@homeostat/diff';
import { digest, refKey } from '@homeostat/kube';
import type { Ref, RetryHint } from '@homeostat/kube';
import type { OrphanDecision } from '@homeostat/prune';
import type { Origin } from '@homeostat/render';
import type { Difference } from './events.ts';
import type { PassFinding } from './finding.ts';
import { ReconcileError } from './error.ts';
import { isSecret } from './redact.ts';
import { defaultPolicy } from './sync.ts';
import type { Sync } from './sync.ts';

/** A change to one field. Values of Secrets never stand here, nor digests of them. */
export type PlannedChange = Change;

/** What somebody else put into an object of ours, and what is done about it. */
export interface PlannedAddition extends Omit<Addition, 'value' | 'keep'> {
  /** `keep`: the policy would remove it, and `reason` says why it stays. */
  readonly action: 'remove' | 'report' | 'keep';
  readonly reason?: string;
  /** Absent in a Secret. */
  readonly value?: unknown;
}

interface About {
  readonly ref: Ref;
  readonly origin: Origin;
  /** What others added, if the policy asks: what decides about security first. */
  readonly additions?: readonly PlannedAddition[];
}

/** Something will be written. An `update` without changes only takes away what others added. */
export interface PlannedWrite extends About {
  readonly action: 'create' | 'update' | 'adopt' | 'replace';
  readonly changes: readonly PlannedChange[];
  /** The object that is meant; absent for `create`. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Fields that others own and that are taken, or left to them, as the policy says. */
  readonly taken: readonly FieldConflict[];
  readonly yielded: readonly FieldConflict[];
  /** Whether the server accepted it under dry run. What waits for a kind or namespace of this plan is validated when applied. */
  readonly validated: boolean;
  readonly deferred?: 'kind' | 'namespace';
  /** Who had the object, for `adopt`. */
  readonly owner?: string;
  readonly warnings: readonly string[];
}

/** Nothing is to be done. */
export interface PlannedNothing extends About {
  readonly action: 'unchanged';
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Owned values that are not in effect, although the server accepts them (admission or normalization). */
  readonly overridden?: readonly PlannedChange[];
}

/** The object's own annotation asks to leave it alone. */
export interface PlannedSkip extends About {
  readonly action: 'skip';
  readonly reason: 'create-only' | 'ignored';
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Somebody changed it since it was made as desired, and the policy `drift: report` leaves that. Only in the plans of a loop. */
export interface PlannedDrift extends About, Omit<Difference, 'ref'> {
  readonly action: 'drifted';
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** It cannot be written as it stands. */
export interface PlannedRefusal extends About {
  readonly action: 'refused';
  readonly code: OutcomeCode;
  readonly message: string;
  readonly retry: RetryHint;
}

export type PlanItem = PlannedWrite | PlannedNothing | PlannedSkip | PlannedDrift | PlannedRefusal;

/** An orphan and what becomes of it. */
export interface PlannedPrune {
  readonly ref: Ref;
  readonly decision: OrphanDecision['decision'];
  readonly reason?: string;
  /** The rule, or the object, behind the reason. */
  readonly detail?: string;
  readonly uid: string;
  /** Of a Secret that goes: its values are in no plan, nor a digest of them. */
  readonly resourceVersion?: string;
  /** Digest of all but metadata and status of any other object that goes: who approves its end has this in mind. */
  readonly content?: string;
}

/**
 * What a pass is going to do: plain data that can be printed, stored, approved, and then carried out exactly as shown.
 * Same source, cluster and policy, same plan.
 */
export interface Plan {
  readonly kind: 'Plan';
  readonly version: 1;
  readonly sync: { readonly namespace: string; readonly name: string };
  readonly source: { readonly description: string; readonly ref?: string; readonly commit: string };
  /** The sync's render, policy and identity, so that carrying out needs nothing else. */
  readonly options: Pick<Sync, 'render' | 'policy' | 'takeOver' | 'impersonate'>;
  /** Whether nothing can be missing from the desired objects. Otherwise nothing is pruned. */
  readonly complete: boolean;
  readonly items: readonly PlanItem[];
  readonly prunes: readonly PlannedPrune[];
  readonly findings: readonly PassFinding[];
  readonly digest: string;
}

/** Whether carrying the plan out would change anything, or fail to. */
export function hasDifferences(plan: Plan): boolean {
  return (
    plan.items.some((item) => item.action !== 'unchanged' && item.action !== 'skip' && item.action !== 'drifted') ||
    plan.prunes.some(({ decision }) => decision !== 'keep')
  );
}

/** Digest of everything that says what will happen; resourceVersions are left out where only others' fields moved. */
export function planDigest(plan: Omit<Plan, 'digest'>): string {
  return digest({ ...plan, items: plan.items.map(essenceOf), findings: [] });
}

/** What must be the same for an item to count as unmoved. */
export function essenceOf(item: PlanItem): unknown {
  const { ref, action } = item;
  const version = isSecret(ref) && 'resourceVersion' in item ? item.resourceVersion : undefined;
  // Nearly all items of most plans, and nothing is removed from them: as a text, which costs a tenth in a digest. Neither uid nor
  // version holds a blank.
  if (item.action === 'unchanged' || item.action === 'skip')
    return `${action} ${refKey(ref)} ${item.uid ?? ''} ${version ?? ''}`;
  const removes = (item.additions ?? []).filter((addition) => addition.action === 'remove');
  const common = {
    ref,
    action,
    version,
    ...(removes.length > 0 && { removes: removes.map(({ path, value }) => ({ path, value })) }),
  };
  switch (item.action) {
    case 'create':
    case 'update':
    case 'adopt':
    case 'replace':
      return {
        ...common,
        uid: item.uid,
        changes: item.changes.map(withoutTime),
        taken: item.taken.map(({ path, manager }) => ({ path, manager })),
        yielded: item.yielded.map(({ path, manager }) => ({ path, manager })),
      };
    case 'drifted': {
      const { uid, gone, fields, managers } = item;
      return { ...common, uid, gone, fields, managers };
    }
    case 'refused':
      return { ...common, code: item.code };
    default:
      return item satisfies never;
  }
}

/** Who holds a field counts, since when does not: a controller that writes the same value again moves nothing. */
export function withoutTime(change: PlannedChange): unknown {
  const { heldBy, ...rest } = change;
  return { ...rest, manager: heldBy?.manager };
}

/** Reads a stored plan. @throws {ReconcileError} `PLAN_INVALID`. */
export function parsePlan(value: unknown): Plan {
  const plan = value as Plan | null;
  if (typeof plan !== 'object' || plan === null || plan.kind !== 'Plan' || !Array.isArray(plan.items)) {
    throw new ReconcileError('PLAN_INVALID', 'this is not a plan: `homeostat plan --out FILE` writes one');
  }
  if (plan.version !== 1) {
    throw new ReconcileError(
      'PLAN_INVALID',
      `this plan has format ${String(plan.version)}, and this program knows 1; make a new one`,
    );
  }
  const { digest: said, ...rest } = plan;
  if (planDigest(rest) !== said) {
    throw new ReconcileError('PLAN_INVALID', 'this plan was changed after it was made; make a new one');
  }
  const [knows, says] = [new Set(Object.keys(defaultPolicy)), new Set(Object.keys(plan.options.policy))];
  const odd = [...knows.symmetricDifference(says)].toSorted();
  if (odd.length > 0) {
    throw new ReconcileError(
      'PLAN_INVALID',
      `this plan was made by another version of this program, which has other policies (${odd.join(', ')}); make a new one`,
    );
  }
  return plan;
}
