import { refKey, setIdentity } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import { applyPlan, rememberUnchanged } from './apply-plan.ts';
import { draft } from './draft.ts';
import type { LoopEvent } from './events.ts';
import { findAdditions } from './find-additions.ts';
import { sortOut } from './look.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import { removeAdditions } from './remove-additions.ts';
import { settle } from './settle.ts';
import type { Sync } from './sync.ts';
import { freeTurn, portsWithin } from './turns.ts';
import { validate } from './validate.ts';

/**
 * A pass over these objects alone, through the same steps: compared with what the last full pass wanted, validated, applied.
 * Nothing is fetched, rendered or pruned. An object that is as desired (the event was our own write, or touched only
 * others' fields) costs no request. With `drift: report` the difference is told and left.
 */
export async function* repair(
  refs: readonly Ref[],
  sync: Sync,
  given: Ports,
  { signal = new AbortController().signal, turn = freeTurn }: PassOptions,
): AsyncGenerator<LoopEvent, 'done' | 'failed'> {
  const ports = portsWithin(given, turn);
  const set = setIdentity(sync.namespace, sync.name);
  const wanted = refs.flatMap((ref) => ports.memory.desired.get(refKey(ref)) ?? []);
  const view = sortOut(set, sync.policy, ports);
  const drafted = draft({ wanted, view, ...sync, verified: ports.memory.verified });
  const additions = yield* turn.rest(findAdditions(drafted, set, sync.policy, ports, { signal }));
  for (const item of drafted) {
    const { ref, key } = item.prepared;
    if (item.step === 'ask') yield { type: 'drift', ref, gone: item.item.action === 'create' };
    else if (additions.get(key)?.additions.some(({ action }) => action === 'remove') === true)
      yield { type: 'drift', ref, gone: false };
  }
  if (sync.policy.drift !== 'repair') return 'done';
  const verdicts = yield* turn.rest(validate(drafted, set, sync.policy, ports, { signal }));
  const settled = settle(drafted, verdicts, sync, ports.redactor, additions);
  rememberUnchanged(settled, ports);
  const outcomes = yield* turn.rest(applyPlan(settled, sync, set, ports, { signal }));
  const removals = yield* turn.rest(removeAdditions(settled, outcomes, sync, set, ports, { signal }));
  const failed = [...outcomes.values(), ...removals.values()].some(
    ({ action }) => action === 'failed' || action === 'blocked',
  );
  return failed || settled.some(({ plan }) => plan.action === 'refused') ? 'failed' : 'done';
}
