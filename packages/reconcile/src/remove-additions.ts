import { amendItems } from '@homeostat/apply';
import type { Amended, Amendment, ApplyOutcome } from '@homeostat/apply';
import { addedBack, additions } from '@homeostat/diff';
import { refKey } from '@homeostat/kube';
import type { RefKey, Redactor, SetIdentity } from '@homeostat/kube';
import { contentDigest } from './draft.ts';
import type { PassEvent } from './events.ts';
import { additionOptions, removalOf } from './find-additions.ts';
import { managersOf } from './look.ts';
import type { Ports } from './ports.ts';
import type { Prepared } from './prepare.ts';
import type { Settled } from './settle.ts';
import { amendStep } from './step.ts';
import type { Policy, Sync } from './sync.ts';

/** What became of the additions that were to be taken away from one object. */
export type Removed =
  /** These went away; what was planned beside them was gone before, or came back at once. */
  { readonly action: 'removed'; readonly paths: ReadonlySet<string> } | (Amended & { readonly action: 'failed' });

export type Removals = ReadonlyMap<RefKey, Removed>;

/**
 * Takes away what the plan shows of the additions of others, after the applies: nothing else, and only from members that were
 * not refused, failed or blocked. With `onError: stop`, a refused or failed object means that nothing is taken away.
 *
 * Each is patched in exactly the state that was looked at; one that has moved is read, proven and looked at anew.
 */
export async function* removeAdditions(
  settled: readonly Settled[],
  outcomes: ReadonlyMap<RefKey, ApplyOutcome>,
  { policy }: Sync,
  set: SetIdentity,
  ports: Ports,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Removals> {
  const failed = [...outcomes.values()].some(({ action }) => action === 'failed');
  if (policy.onError === 'stop' && (failed || settled.some(({ apply }) => apply.action === 'refused')))
    return new Map();
  const preparedOf = new Map(settled.map(({ prepared }) => [prepared.key, prepared]));
  const items = settled.flatMap((item) => amendmentOf(item, outcomes.get(item.prepared.key), set, policy) ?? []);
  const lives = new Map(items.map(({ ref, live }) => [refKey(ref), live]));
  if (items.length === 0) return new Map();

  const { client, limit, clock, random, redactor } = ports;
  const manager = managersOf(policy);
  const amending = amendItems(items, { client, limit, clock, random, manager }, { signal });
  let step = await amending.next();
  while (step.done !== true) {
    yield { type: 'apply', event: amendStep(step.value, redactor) };
    step = await amending.next();
  }
  const removals = new Map<RefKey, Removed>();
  for (const [key, amended] of step.value) {
    const prepared = preparedOf.get(key);
    if (prepared === undefined) continue;
    removals.set(key, removedBy(amended, prepared, policy, redactor));
    if (amended.action === 'amended') remember(prepared, amended, amended.before === lives.get(key), ports);
  }
  return removals;
}

function amendmentOf(
  { prepared, removal }: Settled,
  outcome: ApplyOutcome | undefined,
  set: SetIdentity,
  policy: Policy,
): Amendment | undefined {
  if (removal === undefined || outcome?.action === 'failed' || outcome?.action === 'blocked') return undefined;
  if (outcome?.action === 'skipped' && outcome.reason === 'stopped') return undefined;
  const live = outcome !== undefined && 'object' in outcome ? outcome.object : removal.live;
  return { ref: prepared.ref, live, patchOf: removalOf(prepared, set, policy, removal.paths) };
}

function removedBy(amended: Amended, prepared: Prepared, policy: Policy, redactor: Redactor): Removed {
  if (amended.action === 'failed') return amended;
  if (amended.action === 'unneeded') return { action: 'removed', paths: new Set() };
  const options = additionOptions(prepared, policy);
  const back = addedBack(prepared.object, amended.before, amended.object, options);
  const before = additions(prepared.object, amended.before, options).map(({ path }) => path);
  const gone = before.filter((path) => !back.has(path));
  return { action: 'removed', paths: new Set(gone.map((path) => redactor.text(path))) };
}

/** The live view and the memory know at once what this process wrote. It is as desired if it was when it was looked at. */
function remember(
  { key, digest }: Prepared,
  { object }: Amended & { readonly action: 'amended' },
  unmoved: boolean,
  { live, memory }: Ports,
): void {
  live.observe(object);
  memory.additions.delete(key);
  const { uid = '', resourceVersion = '' } = object.metadata;
  if (unmoved) memory.verified.set(key, { uid, resourceVersion, desired: digest, normalized: contentDigest(object) });
  else memory.verified.delete(key);
}
