import { compareForApply, directivesOf, printGroupKind, refKey } from '@homeostat/kube';
import type { KubeObject, Ref, RefKey } from '@homeostat/kube';

/** An object that carries the label of the set. */
export interface Member {
  readonly ref: Ref;
  readonly uid: string;
  /** Whether it is proven to be ours (`isMember` of `@homeostat/kube`). */
  readonly proven: boolean;
  /** As last seen. Asked for orphans only. */
  object(): KubeObject;
}

/** What becomes of a member that the source no longer names. */
export type OrphanDecision =
  | { readonly decision: 'prune'; readonly member: Member }
  /** Its owner asked to keep it, and to take our marks off it. */
  | { readonly decision: 'release'; readonly member: Member }
  | { readonly decision: 'keep'; readonly member: Member; readonly reason: KeepReason };

export type KeepReason =
  | 'unproven' // carries our label, but nothing shows that we applied it
  | 'prune-off' // the policy says so
  | 'render-incomplete' // something may be missing from desired: absence proves nothing
  | 'apply-failed' // a rename with a broken replacement must not delete the old object
  | 'annotated' // its owner asked to keep it
  | 'protected-kind' // Namespace, CRD, PV, PVC unless the policy names them
  | 'protected-namespace' // kube-* and default are never pruned
  | 'namespace-in-use' // a Namespace that still holds objects
  | 'claimed' // another sync of this process desires it
  | 'controlled' // a controller owns it and would recreate it
  | 'applied-elsewhere' // this pass applied the same object under another group
  | 'empty-set' // nothing is desired any more: held until someone consents
  | 'over-budget'; // too many at once: held until someone consents

export interface PruneFacts {
  /** Whether nothing can be missing from the desired objects. */
  readonly complete: boolean;
  /** Whether something in this pass could not be applied. */
  readonly applyFailed: boolean;
  readonly policy: {
    readonly prune: boolean;
    /** Protected kinds that may go, as `Namespace` or `CustomResourceDefinition.apiextensions.k8s.io`. */
    readonly pruneKinds: readonly string[];
    readonly allowEmpty: boolean;
    readonly pruneBudget: { readonly percent: number; readonly count: number };
  };
  /** What other syncs of this process desire. */
  readonly claimed: ReadonlySet<RefKey>;
  /** UIDs that this pass applied or found as desired. */
  readonly applied: ReadonlySet<string>;
}

/** Deleting one of these deletes more than itself. Without group: core. */
const PROTECTED: ReadonlySet<string> = new Set([
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PersistentVolume',
  'PersistentVolumeClaim',
]);

/**
 * Decides for every member that is not desired. Total and pure: the same input gives the same decisions in the same order
 * (the reverse of application), and a member is in exactly one of them.
 */
export function selectOrphans(
  desired: ReadonlySet<RefKey>,
  members: readonly Member[],
  facts: PruneFacts,
): readonly OrphanDecision[] {
  const orphans = members
    .filter(({ ref }) => !desired.has(refKey(ref)))
    .toSorted((a, b) => compareForApply(b.ref, a.ref));
  const occupied = namespacesOf(desired);
  const decided = orphans.map((member) => decide(member, facts, occupied));
  const proven = members.filter((member) => member.proven).length;
  const going = decided.filter(({ decision }) => decision !== 'keep').length;
  if (desired.size === 0 && !facts.policy.allowEmpty) return decided.map((decision) => hold(decision, 'empty-set'));
  if (overBudget(going, proven, facts)) return decided.map((decision) => hold(decision, 'over-budget'));
  return decided;
}

function decide(member: Member, facts: PruneFacts, occupied: ReadonlySet<string>): OrphanDecision {
  const reason = firstReasonToKeep(member, facts, occupied);
  if (reason !== undefined) return { decision: 'keep', member, reason };
  const { prune } = directivesOf(undefined, member.object()).directives;
  return { decision: prune === 'detach' ? 'release' : 'prune', member };
}

function firstReasonToKeep(
  member: Member,
  { complete, applyFailed, policy, claimed, applied }: PruneFacts,
  occupied: ReadonlySet<string>,
): KeepReason | undefined {
  const { ref, uid, proven } = member;
  const kind = printGroupKind(ref);
  if (!proven) return 'unproven';
  if (!policy.prune) return 'prune-off';
  if (!complete) return 'render-incomplete';
  if (applyFailed) return 'apply-failed';
  const live = member.object();
  const { prune } = directivesOf(undefined, live).directives;
  if (prune === 'keep') return 'annotated';
  // Releasing deletes nothing, so the guards of deletion do not hold it.
  if (prune === 'detach') return claimed.has(refKey(ref)) ? 'claimed' : undefined;
  if (kind === 'Namespace' && isProtectedNamespace(ref.name)) return 'protected-namespace';
  if (PROTECTED.has(kind) && !policy.pruneKinds.includes(kind)) return 'protected-kind';
  if (kind === 'Namespace' && occupied.has(ref.name)) return 'namespace-in-use';
  if (claimed.has(refKey(ref))) return 'claimed';
  if (isControlled(live)) return 'controlled';
  if (applied.has(uid)) return 'applied-elsewhere';
  return undefined;
}

/** `kube-*` and `default`: deleting one breaks the cluster. */
export function isProtectedNamespace(name: string): boolean {
  return name === 'default' || name.startsWith('kube-');
}

/** Whether a controller owns it, which would make it anew. */
export function isControlled(live: KubeObject): boolean {
  return live.metadata.ownerReferences?.some(({ controller }) => controller === true) ?? false;
}

function namespacesOf(desired: ReadonlySet<RefKey>): ReadonlySet<string> {
  return new Set([...desired].map((key) => key.split('/')[2] ?? '').filter((name) => name !== ''));
}

function overBudget(going: number, members: number, { policy }: PruneFacts): boolean {
  const { percent, count } = policy.pruneBudget;
  // An empty set has consent of its own, which would be worth nothing if the budget held it all the same.
  return !policy.allowEmpty && going > count && going > (members * percent) / 100;
}

function hold(decision: OrphanDecision, reason: 'empty-set' | 'over-budget'): OrphanDecision {
  return decision.decision === 'keep' ? decision : { decision: 'keep', member: decision.member, reason };
}
