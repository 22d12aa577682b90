import { refKey, setIdentity } from '@homeostat/kube';
import type { Ref, RetryHint } from '@homeostat/kube';
import { applyPlan, rememberUnchanged } from './apply-plan.ts';
import { draft } from './draft.ts';
import { differenceOf } from './difference.ts';
import type { LoopEvent } from './events.ts';
import { findAdditions } from './find-additions.ts';
import { membersAmong } from './look.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import { createWorklist } from './remaining.ts';
import { removeAdditions } from './remove-additions.ts';
import { settle } from './settle.ts';
import type { Sync } from './sync.ts';
import { freeTurn, portsWithin } from './turns.ts';
import { validate } from './validate.ts';

/** What a repair has come to. */
export interface Repaired {
  readonly failed: boolean;
  /** When another attempt may help, for what failed. */
  readonly hints: readonly RetryHint[];
}

/**
 * A pass over these objects alone, through the same steps: compared with what the last full pass wanted, validated, applied.
 * Nothing is fetched, rendered or pruned. An object that is as desired (the event was our own write, or touched only
 * others' fields) costs no request.
 */
export async function* repair(
  refs: readonly Ref[],
  sync: Sync,
  given: Ports,
  { signal = new AbortController().signal, turn = freeTurn, beside }: PassOptions,
): AsyncGenerator<LoopEvent, Repaired> {
  const ports = portsWithin(given, turn);
  const { memory } = ports;
  const set = setIdentity(sync.namespace, sync.name);
  const wanted = refs.flatMap((ref) => memory.desired.get(refKey(ref)) ?? []);
  const members = membersAmong(refs, set, sync.policy, ports);
  const drafted = draft({ wanted, view: { members }, ...sync, verified: memory.verified });
  const additions = yield* turn.rest(findAdditions(drafted, set, sync.policy, ports, { signal }));
  for (const item of drafted) {
    const found = differenceOf(item, additions.get(item.prepared.key));
    if (found !== undefined) yield { type: 'drift', ...found.difference };
  }
  const verdicts = yield* turn.rest(validate(drafted, set, sync.policy, ports, { signal }));
  const settled = settle(drafted, verdicts, sync, ports.redactor, additions);
  rememberUnchanged(settled, ports);
  const worklist = createWorklist(settled);
  await beside?.(worklist.remaining);
  const outcomes = yield* worklist.through(turn.rest(applyPlan(settled, sync, set, ports, { signal, turn })));
  const removals = yield* turn.rest(removeAdditions(settled, outcomes, sync, set, ports, { signal }));
  await beside?.(undefined);
  const ended = [...outcomes.values(), ...removals.values()];
  const failures = [
    ...ended.flatMap((one) => (one.action === 'failed' ? [one.retry] : [])),
    ...ended.flatMap(({ action }) => (action === 'blocked' ? ['backoff' as const] : [])),
    ...settled.flatMap(({ plan }) => (plan.action === 'refused' ? [plan.retry] : [])),
  ];
  return { failed: failures.length > 0, hints: failures.filter((hint) => hint !== 'never') };
}
