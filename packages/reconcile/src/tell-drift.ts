import { refKey, setIdentity } from '@homeostat/kube';
import type { Ref, RefKey } from '@homeostat/kube';
import { rememberUnchanged } from './apply-plan.ts';
import { differenceOf } from './difference.ts';
import { draft } from './draft.ts';
import type { Difference, LoopEvent } from './events.ts';
import { findAdditions } from './find-additions.ts';
import { leaveDrift } from './leave-drift.ts';
import { membersAmong } from './look.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import { settle } from './settle.ts';
import type { Sync } from './sync.ts';
import { freeTurn, portsWithin } from './turns.ts';
import { validate } from './validate.ts';

/**
 * Looks at these objects where the policy is `drift: report`, and writes nothing: each difference is told once, after the server has said
 * that it is one. Returns how those differ now that were looked at; what was never made as desired is for the next pass.
 */
export async function* tellDrift(
  refs: readonly Ref[],
  sync: Sync,
  given: Ports,
  { signal = new AbortController().signal, turn = freeTurn }: PassOptions,
): AsyncGenerator<LoopEvent, ReadonlyMap<RefKey, Difference | undefined>> {
  const ports = portsWithin(given, turn);
  const { memory } = ports;
  const { made } = memory;
  if (made === undefined) return new Map();
  const set = setIdentity(sync.namespace, sync.name);
  const wanted = refs.flatMap((ref) => {
    const prepared = memory.desired.get(refKey(ref));
    return prepared === undefined || !made.keys.has(prepared.key) ? [] : [prepared];
  });
  const drafted = draft({
    wanted,
    view: { members: membersAmong(refs, set, sync.policy, ports) },
    ...sync,
    verified: memory.verified,
  });
  const additions = yield* turn.rest(findAdditions(drafted, set, sync.policy, ports, { signal }));
  const differences = new Map(
    drafted.map((item) => [item.prepared.key, differenceOf(item, additions.get(item.prepared.key))]),
  );
  const news = drafted.filter(({ prepared: { key } }) => {
    const found = differences.get(key);
    return found !== undefined && found.digest !== made.told.get(key);
  });
  const verdicts = yield* turn.rest(validate(news, set, sync.policy, ports, { signal }));
  const settled = settle(news, verdicts, sync, ports.redactor, additions);
  rememberUnchanged(settled, ports);
  const looked = new Map<RefKey, Difference | undefined>();
  for (const [key, found] of differences) if (found === undefined) looked.set(key, undefined);
  for (const { plan, prepared } of leaveDrift(news, settled, additions, made)) {
    const { key } = prepared;
    const found = plan.action === 'drifted' ? differences.get(key) : undefined;
    looked.set(key, found?.difference);
    if (found === undefined) continue;
    made.told.set(key, found.digest);
    yield { type: 'drift', ...found.difference };
  }
  for (const [key, found] of looked) if (found === undefined) made.told.delete(key);
  return looked;
}
