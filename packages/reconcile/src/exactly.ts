import type { ApplyPorts } from '@homeostat/apply';
import { compare } from '@homeostat/diff';
import { canonicalJson, digest, isMember, payloadOf, printRef, refKey, refOf } from '@homeostat/kube';
import type { KubeObject, SetIdentity } from '@homeostat/kube';
import type { OrphanDecision } from '@homeostat/prune';
import { stale } from './fresh.ts';
import { managersOf } from './look.ts';
import type { Plan, PlannedChange, PlannedPrune } from './plan.ts';
import { withoutTime } from './plan.ts';
import { isSecret, publicChanges } from './redact.ts';
import type { Results } from './report.ts';
import type { Settled } from './settle.ts';
import type { Policy } from './sync.ts';

/**
 * What a write asks about an object that moved after the plan was held against the cluster: it goes on if the same change would
 * come of it, or none any more (a lost answer to our own request looks like that), and is refused otherwise. Pure.
 */
export function movedSince(
  settled: readonly Settled[],
  set: SetIdentity,
  policy: Policy,
): NonNullable<ApplyPorts['moved']> {
  const byKey = new Map(settled.map((one) => [one.prepared.key, one]));
  return (item, live) => {
    const one = byKey.get(refKey(item.ref));
    const how = one === undefined ? undefined : howItMoved(one, live, set, policy);
    if (how === undefined) return undefined;
    const message = `${printRef(item.ref)} ${how} after the plan was approved; make a new plan and look at it`;
    return { code: 'stale', retry: 'backoff', message };
  };
}

function howItMoved(
  { plan, prepared, live: seen }: Settled,
  live: KubeObject | undefined,
  set: SetIdentity,
  policy: Policy,
): string | undefined {
  if (live === undefined) return plan.action === 'create' ? undefined : 'was deleted';
  const manager = managersOf(policy);
  const desired = plan.action === 'create' ? prepared.initial : prepared.object;
  const comparison = compare(desired, live, {
    manager,
    ...(prepared.ignore !== undefined && { ignore: prepared.ignore }),
  });
  const changes = comparison.state === 'in-sync' ? [] : comparison.changes;
  if (live.metadata.deletionTimestamp !== undefined)
    return seen?.metadata.deletionTimestamp === undefined ? 'is being deleted' : undefined;
  if (changes.length === 0 && isMember(live, set, manager)) return undefined;
  if (plan.action === 'create') return 'appeared';
  if ('uid' in plan && plan.uid !== live.metadata.uid) return 'was deleted and made anew';
  if (isSecret(prepared.ref)) return 'moved';
  const planned = 'changes' in plan ? plan.changes : [];
  const fields = differing(planned, publicChanges(prepared.ref, changes));
  return fields.length === 0 ? undefined : `moved in ${fields.join(', ')}`;
}

function differing(was: readonly PlannedChange[], is: readonly PlannedChange[]): readonly string[] {
  const texts = (list: readonly PlannedChange[]): ReadonlyMap<string, string> =>
    new Map(list.map((change) => [change.path, canonicalJson(withoutTime(change))]));
  const [before, after] = [texts(was), texts(is)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => {
      const held = is.find((change) => change.path === path)?.heldBy;
      return held === undefined ? path : `${path} (${held.manager})`;
    });
}

/** The decisions about orphans as far as the plan shows them: what it does not show to go stays. Pure. */
export function asPlanned(decisions: readonly OrphanDecision[], { prunes }: Plan): readonly OrphanDecision[] {
  const planned = new Map(prunes.map((prune) => [refKey(prune.ref), prune]));
  return decisions.map((one) => {
    const said = planned.get(refKey(one.member.ref));
    return one.decision === 'keep' || (said?.decision === one.decision && said.uid === one.member.uid)
      ? one
      : { decision: 'keep', member: one.member, reason: 'not-planned' };
  });
}

/** What a plan keeps in mind of an object that goes. Pure. */
export function contentOf(live: KubeObject): Pick<PlannedPrune, 'resourceVersion' | 'content'> {
  const { resourceVersion } = live.metadata;
  if (isSecret(refOf(live))) return resourceVersion === undefined ? {} : { resourceVersion };
  const { metadata: _metadata, ...content } = payloadOf(live);
  return { content: digest(content) };
}

/** What a deletion asks about the object as it is now: why it is not the one whose end was approved. Pure. */
export function changedSince({ prunes }: Plan): (live: KubeObject) => string | undefined {
  const planned = new Map<string, Plan['prunes'][number]>(prunes.map((prune) => [prune.uid, prune]));
  return (live) => {
    const said = planned.get(live.metadata.uid ?? '');
    if (said === undefined) return undefined;
    const now = contentOf(live);
    return now.content === said.content && now.resourceVersion === said.resourceVersion
      ? undefined
      : 'it was changed after the plan was approved';
  };
}

/**
 * Nothing moved while a plan was being carried out, and was therefore left.
 *
 * @throws {ReconcileError} `PLAN_STALE`, naming everything that did.
 */
export function assertNothingLeft(settled: readonly Settled[], results: Results): void {
  const left = leftAsStale(settled, results);
  if (left.length > 0) throw stale(left, 'while this plan was being carried out, and was left as it is');
}

function leftAsStale(
  settled: readonly Settled[],
  { outcomes = new Map(), removals = new Map(), decisions = [], pruned = [] }: Results,
): readonly string[] {
  const failed = [...outcomes.values(), ...removals.values()].flatMap((one) =>
    one.action === 'failed' && one.code === 'stale' ? [one.message] : [],
  );
  const added = settled.flatMap(({ prepared, removal }) => {
    const removed = removals.get(prepared.key);
    if (removal === undefined || removed?.action !== 'removed') return [];
    const stays = [...removal.paths].filter((path) => !removed.paths.has(path));
    return stays.map((path) => `${printRef(prepared.ref)}: what was added at ${path} was to go, and moved`);
  });
  const kept = decisions.flatMap((one) =>
    one.decision === 'keep' && one.reason === 'not-planned' ? [`${printRef(one.member.ref)} would go by now`] : [],
  );
  const stayed = pruned.flatMap((one) => {
    if (one.action === 'failed' && one.code === 'stale') return [one.message];
    return one.action === 'kept' ? [`${printRef(one.ref)} was to go, and stays: ${one.message ?? one.reason}`] : [];
  });
  return [...failed, ...added, ...kept, ...stayed];
}
