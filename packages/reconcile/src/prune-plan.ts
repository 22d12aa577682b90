import { refKey } from '@homeostat/kube';
import type { Ref, SetIdentity } from '@homeostat/kube';
import { pruneOrphans } from '@homeostat/prune';
import type { OrphanDecision, PruneOptions, PruneOutcome } from '@homeostat/prune';
import { printSet } from './claims.ts';
import type { Claims } from './claims.ts';
import type { PassEvent } from './events.ts';
import { managersOf } from './look.ts';
import type { Ports } from './ports.ts';
import { pruneStep } from './step.ts';
import type { Policy } from './sync.ts';

function claimantOf(claims: Claims, ref: Ref, set: SetIdentity): string | undefined {
  const claimant = claims.claimantOf(refKey(ref), set);
  return claimant && printSet(claimant);
}

/** Deletes and releases as decided, and lets the live view and the memory know. */
export async function* prunePlan(
  decisions: readonly OrphanDecision[],
  set: SetIdentity,
  policy: Policy,
  { actor, limit, clock, live, memory, redactor, claims }: Ports,
  { signal, changed }: Pick<PruneOptions, 'signal' | 'changed'>,
): AsyncGenerator<PassEvent, readonly PruneOutcome[]> {
  const pruning = pruneOrphans(
    decisions,
    {
      client: actor,
      limit,
      clock,
      set,
      managers: managersOf(policy),
      ...(claims !== undefined && { claimantOf: (ref: Ref) => claimantOf(claims, ref, set) }),
    },
    { signal, ...(changed && { changed }), propagation: policy.propagation, waitTimeoutMs: policy.waitTimeout },
  );
  let step = await pruning.next();
  while (step.done !== true) {
    yield { type: 'prune', event: pruneStep(step.value, redactor) };
    step = await pruning.next();
  }
  const uids = new Map(decisions.map(({ member }) => [refKey(member.ref), member.uid]));
  for (const { action, ref } of step.value) {
    if (action !== 'pruned' && action !== 'released') continue;
    live.forget(ref, uids.get(refKey(ref)) ?? '');
    memory.verified.delete(refKey(ref));
  }
  return step.value;
}
