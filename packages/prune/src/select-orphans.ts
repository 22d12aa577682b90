import {
  compareForApply,
  directivesOf,
  isRecord,
  parseRefKey,
  printGroupKind,
  printRef,
  refKey,
} from '@homeostat/kube';
import type { KubeObject, Ref, RefKey } from '@homeostat/kube';
import { consentsTo } from './consent.ts';
import type { Consent } from './consent.ts';

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
  | {
      readonly decision: 'keep';
      readonly member: Member;
      readonly reason: KeepReason;
      /** Which object, set or rule stands behind the reason, where one does. */
      readonly detail?: string;
    };

/** Why an orphan stays, in the order of the guards. */
export type KeepReason =
  | 'unproven' // carries our label, but nothing shows that we applied it: not ours, so no other guard has to ask
  | 'other-set' // another set has taken it since
  | 'prune-off' // the policy says so
  | 'not-allowed' // a rule of the policy keeps objects like it out of the set, so it is left alone
  | 'reserved' // a set or an engine is kept in it
  | 'render-incomplete' // something may be missing from desired: absence proves nothing
  | 'apply-failed' // a rename with a broken replacement must not delete the old object
  | 'annotated' // its owner asked to keep it
  | 'protected-kind' // Namespace, CRD, PV, PVC unless the policy names them
  | 'protected-namespace' // kube-* and default are never pruned
  | 'namespace-in-use' // a Namespace that still holds objects which are not pruned with it
  | 'definition-in-use' // a CustomResourceDefinition of whose kind there still are such objects
  | 'not-planned' // the plan that is carried out does not show that it goes
  | 'claimed' // another sync of this process desires it
  | 'claim-unknown' // another sync of this process has yet to read this revision, and may desire it
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
  /** The rule, for people, by which the policy keeps such an object out of the set; undefined where none does. */
  readonly ruleAgainst?: (ref: Ref) => string | undefined;
  /** What the object is to a set or an engine that is kept in it; undefined for all others. */
  readonly reservedAs?: (live: KubeObject) => string | undefined;
  /** Orphans that another sync of this process desires, and which one. */
  readonly claimed: ReadonlyMap<RefKey, string>;
  /** A sync of this process that has yet to say what it desires. */
  readonly awaited?: string;
  /** UIDs that this pass applied or found as desired. */
  readonly applied: ReadonlySet<string>;
  /** What someone confirmed. */
  readonly consent?: Consent;
}

const NAMESPACE = 'Namespace';
const DEFINITION = 'CustomResourceDefinition.apiextensions.k8s.io';
/** Deleting one of these deletes more than itself. Without group: core. */
const PROTECTED: ReadonlySet<string> = new Set([NAMESPACE, DEFINITION, 'PersistentVolume', 'PersistentVolumeClaim']);

/**
 * Decides for every member that is not desired. Total and pure: the same input gives the same decisions in the same order
 * (the reverse of application), and a member is in exactly one of them.
 *
 * The guards are asked in the order of {@link KeepReason}. The last two look at all deletions together; what somebody has
 * confirmed may go all the same, and whatever else became an orphan since is held again.
 */
export function selectOrphans(
  desired: ReadonlySet<RefKey>,
  members: readonly Member[],
  facts: PruneFacts,
): readonly OrphanDecision[] {
  const orphans = members
    .filter(({ ref }) => !desired.has(refKey(ref)))
    .toSorted((a, b) => compareForApply(b.ref, a.ref));
  const decided = keepWhatHolds(
    orphans.map((member) => decide(member, facts)),
    desired,
  );
  const reason = reasonToHold(decided, desired, members, facts);
  if (reason === undefined) return decided;
  const consented = consentsTo(facts.consent, decided);
  const held = decided.map((one): OrphanDecision =>
    one.decision === 'prune' && !consented(one.member) ? { decision: 'keep', member: one.member, reason } : one,
  );
  // What is held now stays, and so does what would take it along.
  return keepWhatHolds(held, desired);
}

function decide(member: Member, facts: PruneFacts): OrphanDecision {
  const reason = firstReasonToKeep(member, facts);
  if (reason !== undefined) {
    const detail = detailOf(reason, member, facts);
    return { decision: 'keep', member, reason, ...(detail !== undefined && { detail }) };
  }
  const { prune } = directivesOf(undefined, member.object()).directives;
  return { decision: prune === 'detach' ? 'release' : 'prune', member };
}

function detailOf(reason: KeepReason, member: Member, facts: PruneFacts): string | undefined {
  const { ref } = member;
  switch (reason) {
    case 'not-allowed':
      return facts.ruleAgainst?.(ref);
    case 'reserved':
      return facts.reservedAs?.(member.object());
    case 'claimed':
      return facts.claimed.get(refKey(ref));
    case 'claim-unknown':
      return facts.awaited;
    default:
      return undefined;
  }
}

function firstReasonToKeep(
  member: Member,
  { complete, applyFailed, policy, claimed, awaited, applied, ruleAgainst, reservedAs }: PruneFacts,
): KeepReason | undefined {
  const { ref, uid, proven } = member;
  const kind = printGroupKind(ref);
  // The same object through another group: its annotation names the other one, so here nothing proves that it is ours.
  if (!proven) return applied.has(uid) ? 'applied-elsewhere' : 'unproven';
  if (!policy.prune) return 'prune-off';
  if (ruleAgainst?.(ref) !== undefined) return 'not-allowed';
  const live = member.object();
  if (reservedAs?.(live) !== undefined) return 'reserved';
  if (!complete) return 'render-incomplete';
  if (applyFailed) return 'apply-failed';
  const { prune } = directivesOf(undefined, live).directives;
  if (prune === 'keep') return 'annotated';
  const claim = claimed.has(refKey(ref)) ? 'claimed' : awaited === undefined ? undefined : 'claim-unknown';
  // Releasing deletes nothing, so the guards of deletion do not hold it.
  if (prune === 'detach') return claim;
  if (kind === NAMESPACE && isProtectedNamespace(ref.name)) return 'protected-namespace';
  if (isProtectedKind(ref, policy.pruneKinds)) return 'protected-kind';
  if (claim !== undefined) return claim;
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

/** Whether deleting one of this kind deletes more than itself, and nobody has named it. */
export function isProtectedKind(ref: Ref, pruneKinds: readonly string[]): boolean {
  const kind = printGroupKind(ref);
  return PROTECTED.has(kind) && !pruneKinds.includes(kind);
}

/**
 * A Namespace takes all that is in it along, a definition all objects of its kind; so both stay as long as one of those is
 * desired or stays. What does not belong to the set is looked for right before the deletion.
 */
export function keepWhatHolds(
  decisions: readonly OrphanDecision[],
  desired: ReadonlySet<RefKey>,
): readonly OrphanDecision[] {
  const staying = [
    ...[...desired].map(parseRefKey),
    ...decisions.filter(({ decision }) => decision !== 'prune').map(({ member }) => member.ref),
  ];
  const byNamespace = new Map(staying.map((ref) => [ref.namespace, ref]));
  const byKind = new Map(staying.map((ref) => [printGroupKind(ref), ref]));
  return decisions.map((one) => {
    if (one.decision !== 'prune') return one;
    const { member } = one;
    const kind = printGroupKind(member.ref);
    const inside =
      kind === NAMESPACE
        ? byNamespace.get(member.ref.name)
        : kind === DEFINITION
          ? byKind.get(definedKind(member.object()))
          : undefined;
    if (inside === undefined) return one;
    const reason = kind === NAMESPACE ? 'namespace-in-use' : 'definition-in-use';
    return { decision: 'keep', member, reason, detail: printRef(inside) };
  });
}

/** The kind that a definition defines, as `Kind.group`. */
function definedKind(definition: KubeObject): string {
  const spec = isRecord(definition['spec']) ? definition['spec'] : {};
  const names = isRecord(spec['names']) ? spec['names'] : {};
  return `${String(names['kind'])}.${String(spec['group'])}`;
}

function reasonToHold(
  decisions: readonly OrphanDecision[],
  desired: ReadonlySet<RefKey>,
  members: readonly Member[],
  { policy }: PruneFacts,
): 'empty-set' | 'over-budget' | undefined {
  const going = decisions.filter(({ decision }) => decision === 'prune').length;
  if (going === 0) return undefined;
  // An empty set has consent of its own, which would be worth nothing if the budget held it all the same.
  if (desired.size === 0) return policy.allowEmpty ? undefined : 'empty-set';
  const { percent, count } = policy.pruneBudget;
  const proven = members.filter((member) => member.proven).length;
  return going > count && going > (proven * percent) / 100 ? 'over-budget' : undefined;
}
