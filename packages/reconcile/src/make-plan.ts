import type { Revision } from '@homeostat/git';
import type { OrphanDecision } from '@homeostat/prune';
import { setIdentity } from '@homeostat/kube';
import type { SetIdentity } from '@homeostat/kube';
import { rememberUnchanged } from './apply-plan.ts';
import type { Contest } from './claims.ts';
import { contest, declareClaims } from './declare-claims.ts';
import { claimsOn, decideOrphans } from './decide-orphans.ts';
import { draft } from './draft.ts';
import type { PassEvent } from './events.ts';
import { fetchRevision } from './fetch.ts';
import type { Fetched } from './fetch.ts';
import { findAdditions } from './find-additions.ts';
import { leaveDrift } from './leave-drift.ts';
import { look, seeParent } from './look.ts';
import type { View } from './look.ts';
import { leavesDrift, recallMade } from './made.ts';
import { ownershipFindings, rivalsOf } from './ownership.ts';
import type { PassOptions } from './pass.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan-of.ts';
import type { Ports } from './ports.ts';
import { renderServed } from './render-snapshot.ts';
import type { Wanted } from './render-snapshot.ts';
import { rollbackOf } from './requests.ts';
import { rolledBack } from './rolled-back.ts';
import { settle } from './settle.ts';
import type { Settled } from './settle.ts';
import { assertSource } from './source-identity.ts';
import type { Sync } from './sync.ts';
import { freeTurn, portsWithin } from './turns.ts';
import { validate } from './validate.ts';

const NOT_CONTESTED: readonly Contest[] = [];

export interface PlanOptions extends PassOptions {
  /**
   * The plan is only shown: what our identity has no right to write is looked at instead of asked about, and its items say that
   * they are not validated. Nor need it see the parent: a finding says what is not known then.
   */
  readonly lookOnly?: boolean;
}

/** A plan and what carrying it out needs. */
export interface Planned {
  readonly plan: Plan;
  /** Of a plan that was made before: without what needs nothing to be done, unless the policy is `drift: report`. */
  readonly settled: readonly Settled[];
  readonly wanted: Wanted;
  readonly view: View;
  readonly decisions: readonly OrphanDecision[];
}

/**
 * The first half of a pass: what would have to be done. Writes nothing.
 *
 * @throws {GitError} {@link KubeError} {@link PruneError} when there can be no plan.
 */
export async function* makePlan(
  sync: Sync,
  given: Ports,
  options: PlanOptions = {},
): AsyncGenerator<PassEvent, Planned> {
  const { signal = new AbortController().signal, turn = freeTurn, lookOnly = false, entered = ignore } = options;
  const ports = portsWithin(given, turn);
  const { memory, redactor } = ports;
  const set = setIdentity(sync.namespace, sync.name);
  const { snapshot, newest, told } = yield* takeUp(sync, set, ports, { ...options, signal, turn, lookOnly, entered });
  const { revision } = snapshot;
  entered('render');
  const { wanted, resources } = yield* renderServed(snapshot, sync, set, ports, { signal, turn });
  const { byKey: desired, complete } = wanted;
  if (!lookOnly) declareClaims(sync, ports, { revision, desired, complete });
  entered('look');
  const view = await look(set, wanted.objects, resources, sync.policy, ports, { signal, lookOnly });
  assertSource(view.parent, sync, ports.source.location);

  const contested = ports.claims?.contested(sync) ?? NOT_CONTESTED;
  const { parent, parentHidden, members, lookalikes } = view;
  const inputs = [sync, contested, newest?.commit, wanted, parent, parentHidden, members, lookalikes];
  const known = memory.planned.find(inputs);
  if (known !== undefined) {
    yield { type: 'planned', plan: known.plan };
    return known;
  }

  const drafted = draft({ wanted: wanted.objects, view, ...sync, verified: memory.verified });
  entered('validate');
  const verdicts = yield* turn.rest(validate(drafted, set, sync.policy, ports, { signal, lookOnly }));
  if (!lookOnly) contest(sync, ports, verdicts);
  const additions = yield* turn.rest(findAdditions(drafted, set, sync.policy, ports, { signal }));
  const wished = settle(drafted, verdicts, sync, redactor, additions);
  const settled = leavesDrift(sync, ports, options)
    ? leaveDrift(drafted, wished, additions, recallMade(sync, revision.commit, desired, memory))
    : wished;
  const decisions = decideOrphans(wanted, view, settled, sync, claimsOn(wanted, view, sync, ports));
  const ownership = ownershipFindings(verdicts, rivalsOf(view, wanted), contested, desired);
  const plan = planOf(sync, ports, { revision, wanted, view, settled, decisions, told: [...told, ...ownership] });
  const planned = { plan, settled, wanted, view, decisions };

  remember(planned, ports);
  // What was asked may be answered otherwise next time, what could not be seen may be seen then, and other syncs have a say
  // about orphans.
  const asked = additions.size > 0 || drafted.some(({ step }) => step === 'ask');
  if (!asked && view.blind.length === 0 && decisions.length === 0) {
    const rest = sync.policy.drift === 'report' ? settled : settled.filter(isLeftToDo);
    memory.planned.keep(inputs, { ...planned, settled: rest });
  }
  yield { type: 'planned', plan };
  return planned;
}

/** The revision that is wanted: a commit that somebody names, or stays at by the word of the parent, or the newest. */
async function* takeUp(
  sync: Sync,
  set: SetIdentity,
  ports: Ports,
  {
    commit,
    revision: named,
    signal,
    turn,
    lookOnly,
    entered,
  }: PlanOptions & Required<Pick<PlanOptions, 'signal' | 'turn' | 'lookOnly' | 'entered'>>,
): AsyncGenerator<PassEvent, Fetched & { readonly told: Plan['findings'] }> {
  const revision: Revision | undefined = named ?? (commit === undefined ? undefined : { commit });
  // A plan that was made of a commit is of that commit.
  if (revision === undefined) await seeParent(set, ports, { signal, lookOnly });
  const rollback = revision === undefined ? rollbackOf(ports.memory.parent) : undefined;
  entered('fetch');
  const fetched = yield* fetchRevision(ports, {
    path: sync.render.path ?? '',
    signal,
    turn,
    ...(revision !== undefined && { revision }),
    ...(rollback !== undefined && { instead: rollback.argument }),
  });
  return { ...fetched, told: rollback === undefined ? [] : [rolledBack(rollback, fetched.newest, sync)] };
}

function remember({ settled, wanted }: Planned, ports: Ports): void {
  const { memory } = ports;
  rememberUnchanged(settled, ports);
  // An object that the source names again one day is looked at as any other: nothing is known of it any more.
  for (const key of memory.desired.keys()) if (!wanted.byKey.has(key)) memory.verified.delete(key);
  memory.desired = wanted.byKey;
}

function isLeftToDo({ plan }: Settled): boolean {
  return plan.action !== 'unchanged' && plan.action !== 'skip';
}

function ignore(): void {}
