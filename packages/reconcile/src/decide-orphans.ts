import type { ApplyOutcome } from '@homeostat/apply';
import type { LiveEntry } from '@homeostat/cache';
import { refKey } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import { selectOrphans } from '@homeostat/prune';
import type { Member, OrphanDecision, PruneFacts } from '@homeostat/prune';
import type { Status } from '@homeostat/status';
import { printSet } from './claims.ts';
import type { View } from './look.ts';
import type { Ports } from './ports.ts';
import type { Wanted } from './render-snapshot.ts';
import { ruleAgainst } from './allowance.ts';
import { consentOf } from './requests.ts';
import { reservedAs } from './reserved.ts';
import type { Settled } from './settle.ts';
import type { Sync } from './sync.ts';

/** What other syncs of this process have to say about the orphans of this one. */
export type OrphanClaims = Pick<PruneFacts, 'claimed' | 'awaited'>;

/** Asks the other syncs of this process. */
export function claimsOn(
  { byKey }: Pick<Wanted, 'byKey'>,
  { members, lookalikes }: Pick<View, 'members' | 'lookalikes'>,
  { namespace, name, policy }: Pick<Sync, 'namespace' | 'name' | 'policy'>,
  { claims, clock }: Pick<Ports, 'claims' | 'clock'>,
): OrphanClaims {
  if (claims === undefined) return { claimed: new Map() };
  const set = { namespace, name };
  const orphans = [...members.keys()].filter((key) => !byKey.has(key));
  // With many syncs it takes its time to ask them all.
  if (orphans.length === 0 && lookalikes.length === 0) return { claimed: new Map() };
  const claimed = orphans.flatMap((key) => {
    const claimant = claims.claimantOf(key, set);
    return claimant === undefined ? [] : [[key, printSet(claimant)] as const];
  });
  const awaited = claims.awaited(set, { now: clock.now(), patienceMs: policy.waitTimeout });
  return { claimed: new Map(claimed), ...(awaited !== undefined && { awaited: printSet(awaited) }) };
}

/**
 * What becomes of the objects of the set that the source no longer names. Pure. Before the apply it is what a plan shows;
 * afterwards, with the outcomes, it is what is done.
 */
export function decideOrphans(
  { byKey, complete }: Wanted,
  { parent, members, lookalikes }: Pick<View, 'parent' | 'members' | 'lookalikes'>,
  settled: readonly Settled[],
  sync: Pick<Sync, 'namespace' | 'policy'>,
  { claimed, awaited }: OrphanClaims,
  outcomes: ReadonlyMap<RefKey, ApplyOutcome> = new Map(),
): readonly OrphanDecision[] {
  const entries = [...members.values(), ...lookalikes];
  // As long as the server does not say where a kind lives, a desired object that names no namespace may be in any.
  const isNamed = ({ ref }: LiveEntry<Status>): boolean =>
    byKey.has(refKey(ref)) || byKey.has(refKey({ ...ref, namespace: '' }));
  if (entries.every(isNamed)) return [];
  const refused = settled.some(({ plan }) => plan.action === 'refused');
  const failed = [...outcomes.values()].some(({ action }) => action === 'failed' || action === 'blocked');
  const applied = settled.flatMap(({ plan, prepared }) => {
    const outcome = outcomes.get(prepared.key);
    const uid = outcome !== undefined && 'uid' in outcome ? outcome.uid : 'uid' in plan ? plan.uid : undefined;
    return uid === undefined ? [] : [uid];
  });
  const consent = consentOf(parent);
  return selectOrphans(
    new Set([...byKey.keys(), ...entries.filter(isNamed).map(({ ref }) => refKey(ref))]),
    [...[...members.values()].map(memberOf(true)), ...lookalikes.map(memberOf(false))],
    {
      complete,
      applyFailed: refused || failed,
      policy: sync.policy,
      ruleAgainst: (ref) => ruleAgainst(ref, sync)?.text,
      reservedAs,
      claimed,
      ...(awaited !== undefined && { awaited }),
      applied: new Set(applied),
      ...(consent !== undefined && { consent }),
    },
  );
}

export function memberOf(proven: boolean): (entry: LiveEntry<Status>) => Member {
  return (entry) => ({ ref: entry.ref, uid: entry.uid, proven, object: () => entry.object() });
}
