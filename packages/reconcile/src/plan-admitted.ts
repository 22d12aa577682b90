import { setIdentity } from '@homeostat/kube';
import { declareClaims } from './declare-claims.ts';
import type { PassEvent } from './events.ts';
import { fetchRevision } from './fetch.ts';
import { makePlan } from './make-plan.ts';
import type { Planned, PlanOptions } from './make-plan.ts';
import type { Ports } from './ports.ts';
import { renderSnapshot } from './render-snapshot.ts';
import { rollbackOf } from './requests.ts';
import type { Sync } from './sync.ts';
import { freeTurn } from './turns.ts';

/**
 * The plan of the newest revision; as long as other syncs keep this one from it, of the revision that it has, which so is kept as it
 * should be. `undefined` when it has none yet.
 *
 * Meanwhile the other syncs of the process are told what it will desire: what moves to it must not be deleted where it is now.
 */
export async function* planAdmitted(
  sync: Sync,
  ports: Ports,
  options: PlanOptions & { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Planned | undefined> {
  const { memory, dependencies, claims, source, client } = ports;
  const { signal, turn = freeTurn, entered } = options;
  if (sync.dependsOn.length === 0 || options.commit !== undefined || options.revision !== undefined)
    return yield* makePlan(sync, ports, options);
  // Whoever goes back has seen to it that this is the way.
  const rollback = rollbackOf(memory.parent);
  if (rollback !== undefined) {
    const planned = yield* makePlan(sync, ports, options);
    memory.admitted = { commit: rollback.argument };
    return planned;
  }
  const newest = await turn.wait(() => source.resolve({ signal }));
  const waits = newest.commit === memory.admitted?.commit ? [] : dependencies.waitsFor(newest);
  if (waits.length === 0) {
    memory.admitted = newest;
    return yield* makePlan(sync, ports, { ...options, revision: newest });
  }
  if (claims === undefined) {
    yield { type: 'revision', revision: newest };
  } else {
    const path = sync.render.path ?? '';
    const { snapshot } = yield* fetchRevision(ports, { path, signal, turn, revision: newest });
    entered?.('render');
    const resources = await client.resources({ signal });
    const set = setIdentity(sync.namespace, sync.name);
    const { byKey: desired, complete } = yield* renderSnapshot(snapshot, sync, set, resources, ports, { signal, turn });
    declareClaims(sync, ports, { revision: newest, desired, complete });
  }
  yield { type: 'awaiting', waits };
  if (memory.admitted === undefined) return undefined;
  const quiet = claims === undefined ? ports : { ...ports, claims: { ...claims, declare: () => {} } };
  // What the source names has been told, and is not what this goes by.
  const planning = makePlan(sync, quiet, { ...options, revision: memory.admitted });
  let step = await planning.next();
  while (step.done !== true) {
    if (step.value.type !== 'revision') yield step.value;
    step = await planning.next();
  }
  return step.value;
}
