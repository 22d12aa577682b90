import { amendItems } from '@homeostat/apply';
import type { Amended, ApplyOutcome } from '@homeostat/apply';
import { addedBack, additions } from '@homeostat/diff';
import type { KubeObject, RefKey, Redactor, SetIdentity } from '@homeostat/kube';
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
  const tasks = settled.flatMap((item) => taskOf(item, outcomes.get(item.prepared.key)) ?? []);
  if (tasks.length === 0) return new Map();

  const { actor, limit, clock, random, redactor } = ports;
  const amending = amendItems(
    tasks.map(({ prepared, live, seen, paths }) => ({
      ref: prepared.ref,
      live,
      patchOf: removalOf(prepared, set, policy, paths, seen),
    })),
    { client: actor, limit, clock, random, manager: managersOf(policy) },
    { signal },
  );
  let step = await amending.next();
  while (step.done !== true) {
    yield { type: 'apply', event: amendStep(step.value, redactor) };
    step = await amending.next();
  }
  const removals = new Map<RefKey, Removed>();
  for (const task of tasks) {
    const { key } = task.prepared;
    const amended = step.value.get(key);
    if (amended === undefined) continue;
    removals.set(key, removedBy(amended, task, policy, redactor));
    if (amended.action === 'amended') remember(task, amended, ports);
  }
  return removals;
}

interface Task {
  readonly prepared: Prepared;
  /** As the apply left it, or as the plan saw it. */
  readonly live: KubeObject;
  /** The state in which the plan saw what is to be taken away. */
  readonly seen: KubeObject;
  readonly applied: boolean;
  readonly paths: ReadonlySet<string>;
}

function taskOf({ prepared, removal }: Settled, outcome: ApplyOutcome | undefined): Task | undefined {
  if (removal === undefined || outcome?.action === 'failed' || outcome?.action === 'blocked') return undefined;
  if (outcome?.action === 'skipped' && outcome.reason === 'stopped') return undefined;
  const { paths, live: seen } = removal;
  return outcome !== undefined && 'object' in outcome
    ? { prepared, paths, seen, live: outcome.object, applied: true }
    : { prepared, paths, seen, live: seen, applied: false };
}

function removedBy(
  amended: Amended,
  { prepared, live, applied, paths }: Task,
  policy: Policy,
  redactor: Redactor,
): Removed {
  if (amended.action === 'failed') return amended;
  const options = additionOptions(prepared, policy);
  const pathsIn = (object: KubeObject): ReadonlySet<string> =>
    new Set(additions(prepared.object, object, options).map(({ path }) => path));
  const there = pathsIn(amended.action === 'amended' ? amended.before : live);
  const back =
    amended.action === 'amended' ? addedBack(prepared.object, amended.before, amended.object, options) : there;
  // The apply itself may have taken it away: with the fields of a manager that it took over.
  const gone = [...paths].filter((path) => (there.has(path) || applied) && !back.has(path));
  return { action: 'removed', paths: new Set(gone.map((path) => redactor.text(path))) };
}

/** The live view and the memory know at once what this process wrote. It is as desired if it was when it was looked at. */
function remember(
  { prepared: { key, digest }, live }: Task,
  { before, object }: Amended & { readonly action: 'amended' },
  { live: cache, memory }: Ports,
): void {
  cache.observe(object);
  memory.additions.delete(key);
  const { uid = '', resourceVersion = '' } = object.metadata;
  if (before === live)
    memory.verified.set(key, { uid, resourceVersion, desired: digest, normalized: contentDigest(object) });
  else memory.verified.delete(key);
}
