import { KubeError, gvkOf, printRef, setOf } from '@homeostat/kube';
import type { Applied, KubeObject } from '@homeostat/kube';
import { classify } from './classify.ts';
import { LEGACY_MANAGERS, conflictsOf, decideConflict, inheritedManagers, policyFor } from './conflicts.ts';
import type { ConflictPolicy, FieldConflict } from './conflicts.ts';
import { conflictRefusal, refusalOf } from './explain.ts';
import { waitForGone } from './gone.ts';
import type { ApplyItem, ApplyPorts } from './item.ts';
import { waitForKind } from './kinds.ts';
import { hasSameOwner, isOurs } from './membership.ts';
import { migrationOf } from './migrate.ts';
import type { Migration } from './migrate.ts';
import type { Refusal, Written } from './outcome.ts';
import { refuseReplace, removeForReplacement, validateReplacement } from './replace.ts';
import { cancelled, pause, send } from './run.ts';
import type { Run } from './run.ts';
import { hasSameContent } from './same-content.ts';
import { withoutFields } from './without-fields.ts';

/** What the rest of the run says about one object. */
export interface Surroundings {
  readonly policy: ConflictPolicy;
  readonly judge: ApplyPorts['judge'];
  readonly moved: ApplyPorts['moved'];
  /** Whether something in this run may still make the server serve the kind. */
  readonly kindMayAppear: () => boolean;
  /** Whether the object's Namespace is ready in this run: then a server that does not know it yet only lags. */
  readonly namespaceIsOurs: boolean;
  /** Whether a new object may still be started. Asked when its first request has a place in the limit. */
  readonly mayStart: () => Promise<boolean>;
}

/** Which object the next request is about: none at all, or this one, perhaps only in this very state. */
type Target = { readonly uid: string; readonly resourceVersion?: string } | 'absent';

/** What the rounds of one write have come to so far. */
interface State {
  /** Whether anything was sent, or tried to be. */
  begun: boolean;
  target: Target;
  payload: KubeObject;
  force: boolean;
  replaced: boolean;
  migrated: readonly string[];
  taken: readonly FieldConflict[];
  yielded: readonly FieldConflict[];
}

/** Each round is one apply; a round that cannot end the write says what is to be done before the next. */
const ROUNDS = 10;

/**
 * Makes one object as desired: the one write path.
 *
 * 1. What exists is only changed with a precondition; what is to be created only if nothing is there.
 * 2. An object that is being deleted takes an apply with 200 and then goes away: it is waited for, and created anew.
 * 3. With `moved`, what exists is only changed in a state that was looked at.
 * 4. Nothing is deleted but a proven member, with consent, after the server has accepted its replacement in a dry run.
 */
export async function writeObject(
  run: Run,
  item: ApplyItem,
  around: Surroundings,
): Promise<Written | Refusal | 'stopped'> {
  const since = run.clock.now();
  const state: State = {
    begun: false,
    target: targetOf(item, around),
    payload: item.object,
    force: item.force,
    replaced: false,
    migrated: [],
    taken: [],
    yielded: [],
  };
  if (item.action === 'replace' && !(await run.limit.run(around.mayStart))) return 'stopped';
  const refusal = await prepare(run, item, state, around);
  if (refusal !== undefined) return refusal;

  for (let round = 1; round <= ROUNDS; round++) {
    try {
      const applied = await apply(run, item, state, around, since + run.waitTimeoutMs);
      const next = await settle(run, item, applied, state, around);
      if (next === undefined) return written(run, item, applied, state, around, since);
      if (next !== 'again') return next;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (!state.begun && !run.signal.aborted) return 'stopped';
      const refused = await overcome(run, item, error, state, around);
      if (refused !== undefined) return refused;
    }
  }
  return restless(item);
}

function restless({ ref }: ApplyItem): Refusal {
  const message = `${printRef(ref)} changed under each of ${ROUNDS} attempts; the next pass plans it anew`;
  return { code: 'stale', retry: 'backoff', message };
}

/** Applies once. A kind or a Namespace that this run makes and the server does not know yet is waited for until `patienceEnds`. */
async function apply(
  run: Run,
  item: ApplyItem,
  state: State,
  around: Surroundings,
  patienceEnds: number,
): Promise<Applied> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(run, item.ref, async (options) => {
        if (!state.begun && !(await around.mayStart())) throw cancelled(item.ref);
        state.begun = true;
        return await run.client.apply(withPreconditions(state.payload, state.target), {
          ...options,
          manager: run.managers.current,
          force: state.force,
          fieldValidation: run.fieldValidation,
        });
      });
    } catch (error) {
      if (!(error instanceof KubeError) || !isLag(error, around) || run.clock.now() >= patienceEnds) throw error;
      if (error.code === 'UNKNOWN_KIND' && !(await becomesServed(run, item, around))) throw error;
      await pause(run, attempt, error);
    }
  }
}

function targetOf({ action, uid, resourceVersion }: ApplyItem, { moved }: Surroundings): Target {
  if (action === 'create' || uid === undefined) return 'absent';
  const exactly = action === 'adopt' || moved !== undefined;
  return exactly && resourceVersion !== undefined ? { uid, resourceVersion } : { uid };
}

/** A member as our own last request left it: in this very state, where only such a one may be written. */
function targetAfter({ metadata: { uid = '', resourceVersion = '' } }: KubeObject, { moved }: Surroundings): Target {
  return moved === undefined ? { uid } : { uid, resourceVersion };
}

function withPreconditions(payload: KubeObject, target: Target): KubeObject {
  // No object has version 1, so it says "only if there is none": absent is 201, anything there is 409.
  const preconditions = target === 'absent' ? { resourceVersion: '1' } : target;
  return { ...payload, metadata: { ...payload.metadata, ...preconditions } };
}

/** Before the first apply: waits for what is on its way out, replaces what must be replaced, releases what is left to others. */
async function prepare(run: Run, item: ApplyItem, state: State, around: Surroundings): Promise<Refusal | undefined> {
  const { ref, live } = item;
  if (live?.metadata.deletionTimestamp !== undefined) {
    state.target = 'absent';
    return await asRefusal(item, () => waitForGone(run, ref, live.metadata.uid ?? ''));
  }
  if (item.action === 'replace') return await replace(run, item, state, item.replace ?? 'ordinary', around);
  return await release(run, item, state, around);
}

/** Makes a second manager own the live values that our payload is about to drop. */
async function release(run: Run, item: ApplyItem, state: State, around: Surroundings): Promise<Refusal | undefined> {
  const { ref, release: values } = item;
  for (let round = 1; round <= ROUNDS; round++) {
    const { target } = state;
    if (values === undefined || target === 'absent') return undefined;
    try {
      const { object } = await send(run, ref, (options) =>
        run.client.apply(withPreconditions(values, target), { ...options, manager: releasedBy(run), force: true }),
      );
      const { resourceVersion } = object.metadata;
      if (target.resourceVersion !== undefined && resourceVersion !== undefined)
        state.target = { uid: target.uid, resourceVersion };
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (around.moved === undefined || classify(error).code !== 'stale') return refusalOf(error, ref);
      const refused = await asRefusal(item, () => aimAnew(run, item, state, around));
      if (refused !== undefined) return refused;
    }
  }
  return restless(item);
}

function releasedBy({ managers }: Run): string {
  return `${managers.current}-released`;
}

async function replace(
  run: Run,
  item: ApplyItem,
  state: State,
  consent: ApplyItem['replace'],
  { moved }: Surroundings,
): Promise<Refusal | undefined> {
  const { ref } = item;
  const refusal =
    refuseReplace(ref, consent) ??
    (await asRefusal(item, () => validateReplacement(run, ref, state.payload))) ??
    (await asRefusal(item, () =>
      removeForReplacement(run, ref, state.payload, item.uid, (live) =>
        live.metadata.resourceVersion === item.resourceVersion ? undefined : moved?.(item, live),
      ),
    ));
  state.replaced = refusal === undefined;
  state.target = 'absent';
  return refusal;
}

/** A kind or a Namespace that this run has made, which this server (of several) does not know yet. */
function isLag({ code }: KubeError, around: Surroundings): boolean {
  if (code === 'UNKNOWN_KIND') return around.kindMayAppear();
  return (code === 'MISSING_NAMESPACE' || code === 'TERMINATING') && around.namespaceIsOurs;
}

async function becomesServed(run: Run, item: ApplyItem, { kindMayAppear }: Surroundings): Promise<boolean> {
  return (await waitForKind(run, item.ref, gvkOf(item.object), kindMayAppear)) === undefined;
}

/** After a refused apply: `undefined` when another round makes sense. */
async function overcome(
  run: Run,
  item: ApplyItem,
  error: KubeError,
  state: State,
  around: Surroundings,
): Promise<Refusal | undefined> {
  const { code } = classify(error);
  // The server looks for conflicts first: to something that was to be created they only say that it is there.
  const exists = code === 'conflict' && state.target === 'absent';
  if (code === 'stale' || exists) return await asRefusal(item, () => aimAnew(run, item, state, around));
  if (code === 'conflict') return giveAndTake(run, item, conflictsOf(error, item.live), state, around);
  if (code === 'immutable' && item.replace !== undefined && !state.replaced) {
    return await replace(run, item, state, item.replace, around);
  }
  return refusalOf(error, item.ref);
}

/** The object is not what it was: looks at what is there now, and goes on only if that is nothing, or ours. */
async function aimAnew(run: Run, item: ApplyItem, state: State, around: Surroundings): Promise<Refusal | undefined> {
  const { ref } = item;
  const { version } = gvkOf(item.object);
  const live = await send(run, ref, (options) => run.client.get(ref, { ...options, version }));
  const refused = around.moved?.(item, live);
  if (refused !== undefined) return refused;
  if (live === undefined) {
    state.target = 'absent';
    return undefined;
  }
  const { uid = '', resourceVersion = '' } = live.metadata;
  if (isOurs(live, item.object, run.managers)) state.target = targetAfter(live, around);
  else if (item.action === 'adopt' && hasSameOwner(live, item.live)) state.target = { uid, resourceVersion };
  else return strange(item, live);
  if (live.metadata.deletionTimestamp === undefined) return undefined;
  state.target = 'absent';
  return await waitForGone(run, ref, uid);
}

function strange({ ref, action }: ApplyItem, live: KubeObject): Refusal {
  const owner = setOf(live);
  const whose = owner === undefined ? 'not a member of this set' : `labelled as a member of ${owner}`;
  const what = action === 'create' ? 'exists by now' : 'is another object by now';
  return {
    code: 'stale',
    retry: 'backoff',
    message: `${printRef(ref)} ${what}, and is ${whose}; the next pass decides whether it may be adopted`,
  };
}

function giveAndTake(
  run: Run,
  item: ApplyItem,
  conflicts: readonly FieldConflict[],
  state: State,
  { policy }: Surroundings,
): Refusal | undefined {
  const { ref } = item;
  // What we once released is ours to take back.
  const legacyManagers = [...(policy.legacyManagers ?? LEGACY_MANAGERS), releasedBy(run)];
  const decision = decideConflict(conflicts, { ...policyFor(policy, item), legacyManagers });
  if (decision.decision === 'fail') return conflictRefusal(decision.reasons, ref);
  const { object, missing } = withoutFields(
    state.payload,
    decision.yielded.map(({ path }) => path),
  );
  if (missing.length > 0)
    return conflictRefusal(
      decision.yielded.filter(({ path }) => missing.includes(path)),
      ref,
    );
  state.payload = object;
  state.force = decision.taken.length > 0;
  state.taken = [...state.taken, ...decision.taken];
  state.yielded = [...state.yielded, ...decision.yielded];
  return undefined;
}

/** After an accepted apply: `undefined` when the object is as desired. */
async function settle(
  run: Run,
  item: ApplyItem,
  { object }: Applied,
  state: State,
  around: Surroundings,
): Promise<Refusal | 'again' | undefined> {
  const { uid = '' } = object.metadata;
  if (object.metadata.deletionTimestamp !== undefined) {
    state.target = 'absent';
    return (await asRefusal(item, () => waitForGone(run, item.ref, uid))) ?? 'again';
  }
  const rules = policyFor(around.policy, item);
  const migration = migrationOf(object, state.payload, run.managers, inheritedManagers(rules), rules.marks);
  if (migration === undefined) return undefined;
  state.target = targetAfter(object, around);
  state.migrated = [...new Set([...state.migrated, ...migration.managers])].sort();
  return (await asRefusal(item, () => migrate(run, item, migration, state, around))) ?? 'again';
}

async function migrate(
  run: Run,
  { ref, object }: ApplyItem,
  { operations }: Migration,
  state: State,
  around: Surroundings,
): Promise<undefined> {
  const { version } = gvkOf(object);
  try {
    const migrated = await send(run, ref, (options) =>
      run.client.patch(ref, { type: 'json', operations }, { ...options, version, manager: run.managers.current }),
    );
    state.target = targetAfter(migrated.object, around);
  } catch (error) {
    // It moved: the next apply shows what is there now.
    if (!(error instanceof KubeError && error.code === 'STALE')) throw error;
  }
}

/** Runs a step that may throw, and gives its error as data. */
async function asRefusal(item: ApplyItem, step: () => Promise<Refusal | undefined>): Promise<Refusal | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return refusalOf(error, item.ref);
  }
}

function written(
  run: Run,
  item: ApplyItem,
  { object, created, warnings }: Applied,
  state: State,
  { judge }: Surroundings,
  since: number,
): Written {
  const { uid = '', resourceVersion = '' } = object.metadata;
  const overridden = judge?.(state.payload, object) ?? [];
  return {
    ref: item.ref,
    ...(item.origin !== undefined && { origin: item.origin }),
    action: actionOf(item, object, created, state),
    uid,
    resourceVersion,
    object,
    warnings,
    durationMs: run.clock.now() - since,
    ...(overridden.length > 0 && { overridden }),
    ...(state.taken.length > 0 && { taken: state.taken }),
    ...(state.yielded.length > 0 && { yielded: state.yielded }),
    ...(state.migrated.length > 0 && { migrated: state.migrated }),
  };
}

function actionOf(item: ApplyItem, answer: KubeObject, created: boolean, { replaced }: State): Written['action'] {
  if (replaced) return 'replaced';
  if (created) return 'created';
  if (item.action === 'adopt') return 'adopted';
  const before = item.live;
  const same =
    before === undefined ? item.resourceVersion === answer.metadata.resourceVersion : hasSameContent(before, answer);
  return same ? 'unchanged' : 'updated';
}
