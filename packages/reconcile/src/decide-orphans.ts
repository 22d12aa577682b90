import type { ApplyOutcome } from '@homeostat/apply';
import type { LiveEntry } from '@homeostat/cache';
import type { RefKey } from '@homeostat/kube';
import { selectOrphans } from '@homeostat/prune';
import type { Member, OrphanDecision } from '@homeostat/prune';
import type { Status } from '@homeostat/status';
import type { View } from './look.ts';
import type { Wanted } from './render-snapshot.ts';
import { consentOf } from './requests.ts';
import type { Settled } from './settle.ts';
import type { Sync } from './sync.ts';

/**
 * What becomes of the objects of the set that the source no longer names. Pure. Before the apply it is what a plan shows;
 * afterwards, with the outcomes, it is what is done.
 */
export function decideOrphans(
  { objects, complete }: Wanted,
  { parent, members, lookalikes }: Pick<View, 'parent' | 'members' | 'lookalikes'>,
  settled: readonly Settled[],
  { policy }: Sync,
  outcomes: ReadonlyMap<RefKey, ApplyOutcome> = new Map(),
): readonly OrphanDecision[] {
  const refused = settled.some(({ plan }) => plan.action === 'refused');
  const failed = [...outcomes.values()].some(({ action }) => action === 'failed' || action === 'blocked');
  const applied = settled.flatMap(({ plan, prepared }) => {
    const outcome = outcomes.get(prepared.key);
    const uid = outcome !== undefined && 'uid' in outcome ? outcome.uid : 'uid' in plan ? plan.uid : undefined;
    return uid === undefined ? [] : [uid];
  });
  const consent = consentOf(parent);
  return selectOrphans(
    new Set(objects.map(({ key }) => key)),
    [...[...members.values()].map(memberOf(true)), ...lookalikes.map(memberOf(false))],
    {
      complete,
      applyFailed: refused || failed,
      policy,
      claimed: new Set(),
      applied: new Set(applied),
      ...(consent !== undefined && { consent }),
    },
  );
}

export function memberOf(proven: boolean): (entry: LiveEntry<Status>) => Member {
  return (entry) => ({ ref: entry.ref, uid: entry.uid, proven, object: () => entry.object() });
}
