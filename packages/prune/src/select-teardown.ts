import { compareForApply, directivesOf, printGroupKind, refKey } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import { isControlled, isProtectedKind, isProtectedNamespace, keepWhatHolds } from './select-orphans.ts';
import type { Member, OrphanDecision } from './select-orphans.ts';

/** `delete`: the members go. `orphan`: they stay, without our marks. */
export type TeardownMode = 'delete' | 'orphan';

/**
 * Decides for every member of a set that is to end. To call it is the consent that an empty set needs; all other guards hold:
 * what is not proven ours is kept, protected kinds go only if they are named, `kube-*` and `default` never.
 *
 * What may not be deleted for its own sake (annotated, controlled, a system namespace), or is `claimed` by another set, is released,
 * so that the set can end.
 * Total and pure, in the reverse order of application.
 */
export function selectTeardown(
  members: readonly Member[],
  mode: TeardownMode,
  { pruneKinds, claimed }: { readonly pruneKinds: readonly string[]; readonly claimed?: ReadonlyMap<RefKey, string> },
): readonly OrphanDecision[] {
  const sorted = members.toSorted((a, b) => compareForApply(b.ref, a.ref));
  return keepWhatHolds(
    sorted.map((member) => decide(member, claimed?.has(refKey(member.ref)) === true ? 'orphan' : mode, pruneKinds)),
    new Set(),
  );
}

function decide(member: Member, mode: TeardownMode, pruneKinds: readonly string[]): OrphanDecision {
  if (!member.proven) return { decision: 'keep', member, reason: 'unproven' };
  if (mode === 'orphan' || mayNotBeDeleted(member)) return { decision: 'release', member };
  if (isProtectedKind(member.ref, pruneKinds)) return { decision: 'keep', member, reason: 'protected-kind' };
  return { decision: 'prune', member };
}

function mayNotBeDeleted(member: Member): boolean {
  const { ref } = member;
  const live = member.object();
  const { prune } = directivesOf(undefined, live).directives;
  return (
    prune !== 'allow' || isControlled(live) || (printGroupKind(ref) === 'Namespace' && isProtectedNamespace(ref.name))
  );
}
