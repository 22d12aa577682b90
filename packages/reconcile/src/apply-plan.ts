import { applyItems } from '@homeostat/apply';
import type { ApplyOutcome, ApplyPorts } from '@homeostat/apply';
import { remainingChanges } from '@homeostat/diff';
import { groupKindOf, printGroupKind, refKey, refOf, requiredBy } from '@homeostat/kube';
import type { DependencyNode, GroupKind, Ref, RefKey, SetIdentity } from '@homeostat/kube';
import { announce } from '@homeostat/prune';
import type { SetSource } from '@homeostat/prune';
import type { PassEvent } from './events.ts';
import { managersOf } from './look.ts';
import { contentDigest } from './draft.ts';
import type { DraftItem } from './draft.ts';
import { movedSince } from './exactly.ts';
import type { Ports } from './ports.ts';
import type { Prepared } from './prepare.ts';
import { readiness } from './ready.ts';
import type { Settled } from './settle.ts';
import { settle } from './settle.ts';
import { applyStep } from './step.ts';
import type { Sync } from './sync.ts';
import { conflictPolicyOf } from './conflict-policy.ts';
import { freeTurn } from './turns.ts';
import type { Turn } from './turns.ts';
import { validate } from './validate.ts';

export type Outcomes = ReadonlyMap<RefKey, ApplyOutcome>;

/**
 * Writes what the plan says, in dependency order.
 *
 * 1. The parent names a kind or a namespace before the first object there is written.
 * 2. With `onError: stop`, one refused object means that nothing is written.
 * 3. `exactly`: what moved since is written only if the same change would come of it, and otherwise fails as `stale`. Without it an
 *    object that appeared since the plan was made is looked at once more and decided like any other existing object.
 * 4. The live view and the memory know what was written before its outcome is told.
 * 5. The parent is written within the turn: nothing else of the loop writes it meanwhile.
 */
export async function* applyPlan(
  settled: readonly Settled[],
  sync: Sync,
  set: SetIdentity,
  ports: Ports,
  {
    signal,
    exactly = false,
    turn = freeTurn,
  }: { readonly signal: AbortSignal; readonly exactly?: boolean; readonly turn?: Turn },
): AsyncGenerator<PassEvent, Outcomes> {
  const writes = settled.filter(({ apply }) => apply.action !== 'none' && apply.action !== 'refused');
  const stopped = sync.policy.onError === 'stop' && settled.some(({ apply }) => apply.action === 'refused');
  if (stopped) return new Map();

  await turn.work(() => announceAll(writes, sync, set, ports, { signal }));
  if (writes.length === 0) return new Map();

  const moved = exactly ? movedSince(settled, set, sync.policy) : undefined;
  const outcomes = new Map(yield* write(settled, sync, ports, { signal, ...(moved && { moved }) }));

  const appeared = writes.filter(
    ({ apply, plan }) => apply.action === 'create' && failedAs(outcomes.get(refKey(plan.ref)), 'stale'),
  );
  if (appeared.length > 0 && !exactly) {
    const asked: DraftItem[] = appeared.map(({ prepared, apply }) => ({
      step: 'ask',
      prepared,
      item: apply,
      changes: [],
    }));
    const verdicts = yield* validate(asked, set, sync.policy, ports, { signal, always: true });
    const again = settle(asked, verdicts, sync, ports.redactor);
    for (const [key, outcome] of yield* write(again, sync, ports, { signal })) outcomes.set(key, outcome);
  }
  return outcomes;
}

function failedAs(outcome: ApplyOutcome | undefined, code: string): boolean {
  return outcome?.action === 'failed' && outcome.code === code;
}

/**
 * Makes sure that the parent names this source, every member, and what is about to become one: no object may be ahead of its
 * hints, and somebody may have deleted the parent. Sends nothing where it does.
 */
async function announceAll(
  writes: readonly Settled[],
  sync: Sync,
  set: SetIdentity,
  { client, source, live, memory }: Ports,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const members = live.members(set.id);
  if (writes.length === 0 && members.length === 0 && memory.parent === undefined) return;
  const groupKinds = new Map<string, GroupKind>();
  const namespaces = new Set<string>();
  let last: Ref | undefined;
  const add = (ref: Ref): void => {
    // Members come by kind and namespace: most are as the one before.
    if (last?.kind === ref.kind && last.group === ref.group && last.namespace === ref.namespace) return;
    last = ref;
    groupKinds.set(printGroupKind(ref), groupKindOf(ref));
    namespaces.add(ref.namespace);
  };
  for (const { plan } of writes) add(plan.ref);
  for (const { ref } of members) add(ref);
  namespaces.delete('');
  namespaces.delete(set.namespace);
  memory.parent = await announce(
    client,
    set,
    memory.parent,
    {
      hints: { groupKinds: [...groupKinds.values()], namespaces: [...namespaces] },
      source: sourceOf(sync, source.location),
    },
    { manager: managersOf(sync.policy).current, signal },
  );
}

/** What the parent records as the source of a set: another one under the same name is refused. */
export function sourceOf(sync: Sync, location: string): SetSource {
  return { url: location, path: sync.render.path ?? '' };
}

async function* write(
  settled: readonly Settled[],
  { policy }: Sync,
  ports: Ports,
  { signal, moved }: { readonly signal: AbortSignal; readonly moved?: ApplyPorts['moved'] },
): AsyncGenerator<PassEvent, Outcomes> {
  const { actor, limit, clock, random, redactor } = ports;
  const manager = managersOf(policy);
  const lives = new Map(
    settled.flatMap(({ prepared, live }) => (live === undefined ? [] : [[prepared.key, live] as const])),
  );
  // What is only there to be waited for counts if something that is written waits for it.
  const roots = settled.flatMap(({ apply, prepared }) => (apply.action === 'none' ? [] : [prepared.key]));
  const required = requiredBy(roots, nodesOf(settled));
  const preparedOf = new Map(settled.map(({ prepared }) => [prepared.key, prepared]));
  const applying = applyItems(
    settled.flatMap(({ apply, prepared }) => (required.has(prepared.key) ? [apply] : [])),
    {
      client: actor,
      limit,
      clock,
      random,
      manager,
      ready: readiness(ports),
      onConflict: conflictPolicyOf(policy),
      fieldValidation: policy.fieldValidation,
      ...(moved !== undefined && { moved }),
      judge: (desired, answer) => {
        const before = lives.get(refKey(refOf(desired)));
        return remainingChanges(desired, answer, { manager, ...(before !== undefined && { before }) });
      },
    },
    { signal, waitTimeoutMs: policy.waitTimeout, onError: policy.onError },
  );
  let step = await applying.next();
  while (step.done !== true) {
    const event = step.value;
    if (event.type === 'outcome' && 'object' in event.outcome) {
      ports.live.observe(event.outcome.object);
      remember(preparedOf.get(refKey(event.outcome.ref)), event.outcome, ports);
    }
    yield { type: 'apply', event: applyStep(event, redactor) };
    step = await applying.next();
  }
  return new Map(step.value.map((outcome) => [refKey(outcome.ref), outcome]));
}

/** What is to be as the graph of dependencies sees it. */
export function nodesOf(settled: readonly Settled[]): readonly DependencyNode[] {
  return settled.map(({ apply: { object }, prepared }) => {
    const { key, ref, directives } = prepared;
    return object === prepared.object ? prepared : { key, ref, directives, object };
  });
}

/** Keeps what a write proved: this version is as desired, so the next look at it needs no comparison. */
function remember(
  prepared: Prepared | undefined,
  { uid, resourceVersion, object, overridden }: Extract<ApplyOutcome, { readonly object: unknown }>,
  { memory }: Ports,
): void {
  if (prepared === undefined) return;
  memory.verified.set(prepared.key, {
    uid,
    resourceVersion,
    desired: prepared.digest,
    ...(overridden !== undefined && overridden.length > 0 && { normalized: contentDigest(object) }),
  });
}

/** The same for what was found as desired. */
export function rememberUnchanged(settled: readonly Settled[], { memory }: Pick<Ports, 'memory'>): void {
  for (const { plan, prepared, live } of settled) {
    if (plan.action !== 'unchanged' || plan.uid === undefined || plan.resourceVersion === undefined) continue;
    const before = memory.verified.get(prepared.key);
    if (before?.resourceVersion === plan.resourceVersion && before.desired === prepared.digest) continue;
    const normalized =
      live === undefined ? (before?.desired === prepared.digest ? before.normalized : undefined) : contentDigest(live);
    memory.verified.set(prepared.key, {
      uid: plan.uid,
      resourceVersion: plan.resourceVersion,
      desired: prepared.digest,
      ...(normalized !== undefined && { normalized }),
    });
  }
}
