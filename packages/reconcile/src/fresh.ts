import { canonicalJson, printRef, refKey } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import type { Parent } from '@homeostat/prune';
import { ReconcileError } from './error.ts';
import { essenceOf, withoutTime } from './plan.ts';
import type { Plan, PlanItem, PlannedChange, PlannedPrune } from './plan.ts';
import { isSuspended, rollbackOf, suspensions } from './requests.ts';
import type { Sync } from './sync.ts';

/**
 * Holds a stored plan against the one that would be made now from the same commit.
 *
 * An object has moved if another action or other field values would come of it, or if it is another object of the same name. A
 * Secret has moved if its resourceVersion differs at all: its values are in no plan, so nothing else can tell. What was carried
 * out meanwhile, by whomever, has moved too: there is nothing left of what was approved.
 *
 * @throws {ReconcileError} `PLAN_STALE` naming each object that moved, in `reasons`.
 */
export function assertFresh(stored: Plan, now: Plan): void {
  const reasons = [
    ...optionMoves(stored, now),
    ...(stored.complete === now.complete
      ? []
      : [`the render is ${now.complete ? 'complete now' : 'no longer complete'}`]),
    ...pairs(stored.items, now.items).flatMap(([was, is]) => itemMoves(was, is)),
    ...pairs(stored.prunes, now.prunes).flatMap(([was, is]) => pruneMoves(was, is)),
  ];
  if (reasons.length > 0) throw stale(reasons, 'since this plan was made');
}

/**
 * Nobody has asked for something else since: that the set be left alone, or be at another commit.
 *
 * @throws {ReconcileError} `PLAN_STALE`.
 */
export function assertInForce(stored: Plan, sync: Sync, parent: Parent | undefined): void {
  const back = rollbackOf(parent);
  const reasons = isSuspended(sync, parent)
    ? suspensions(sync, parent)
    : back === undefined || back.argument === stored.source.commit
      ? []
      : [`the set is rolled back to ${back.argument} (asked by ${back.by})`];
  if (reasons.length > 0) throw stale(reasons, 'since this plan was made');
}

/** @param when What has moved moved then, for people. */
export function stale(reasons: readonly string[], when: string): ReconcileError {
  const named = reasons.slice(0, 5).join('; ');
  const more = reasons.length > 5 ? `; and ${reasons.length - 5} more` : '';
  return new ReconcileError(
    'PLAN_STALE',
    `the cluster moved ${when}; make a new plan and look at it: ${named}${more}`,
    { reasons },
  );
}

/** Both plans' word about each object, in the order of the first. */
function pairs<T extends PlanItem | PlannedPrune>(
  stored: readonly T[],
  now: readonly T[],
): readonly (readonly [T | undefined, T | undefined])[] {
  const byKey = (list: readonly T[]): ReadonlyMap<RefKey, T> => new Map(list.map((one) => [refKey(one.ref), one]));
  const [before, after] = [byKey(stored), byKey(now)];
  return [...new Set([...before.keys(), ...after.keys()])].map((key) => [before.get(key), after.get(key)]);
}

function optionMoves(stored: Plan, now: Plan): readonly string[] {
  const moves: string[] = [];
  const names = ({ sync }: Plan): string => `${sync.namespace}/${sync.name}`;
  if (names(stored) !== names(now)) moves.push(`it is a plan for ${names(stored)}, not for ${names(now)}`);
  if (stored.source.commit !== now.source.commit)
    moves.push(`it is a plan for commit ${stored.source.commit}, not for ${now.source.commit}`);
  const [was, is] = [stored.options, now.options];
  const differs = (a: unknown, b: unknown): boolean => canonicalJson([a ?? null]) !== canonicalJson([b ?? null]);
  const policies = Object.keys({ ...was.policy, ...is.policy }).filter((key) =>
    differs(was.policy[key as keyof typeof was.policy], is.policy[key as keyof typeof is.policy]),
  );
  if (policies.length > 0) moves.push(`the policy differs: ${policies.toSorted().join(', ')}`);
  if (differs(was.render, is.render)) moves.push('path or files to render differ');
  if (differs(was.impersonate, is.impersonate)) moves.push('the user to act as differs');
  return moves;
}

function itemMoves(was: PlanItem | undefined, is: PlanItem | undefined): readonly string[] {
  if (was === undefined || is === undefined)
    return [`${printRef((was ?? is)!.ref)}: ${was ? 'is no longer' : 'is now'} in the plan`];
  if (canonicalJson(essenceOf(was)) === canonicalJson(essenceOf(is))) return [];
  return [`${printRef(is.ref)}: ${howItMoved(was, is)}`];
}

function howItMoved(was: PlanItem, is: PlanItem): string {
  const uids = [uidOf(was), uidOf(is)];
  if (uids[0] !== undefined && is.action === 'create') return 'was deleted';
  if (uids[0] !== undefined && uids[1] !== undefined && uids[0] !== uids[1])
    return 'was deleted and made anew by somebody';
  if (was.action !== is.action) {
    const action = `was ${was.action}, would be ${is.action}`;
    if (is.action === 'refused') return `${action}: ${is.message}`;
    if (is.action === 'unchanged') return `${action}: it is as desired already`;
    const fields = fieldsOf(is);
    return fields.length === 0 ? action : `${action}: ${fields.join(', ')}`;
  }
  const fields = movedFields(was, is);
  return fields.length === 0 ? 'its fields moved' : `moved: ${fields.join(', ')}`;
}

function uidOf(item: PlanItem): string | undefined {
  return 'uid' in item ? item.uid : undefined;
}

/** Which fields would be written, and who holds them. */
function fieldsOf(item: PlanItem): readonly string[] {
  return 'changes' in item ? item.changes.map(printField) : [];
}

/** The fields about which two plans of one action do not say the same. */
function movedFields(was: PlanItem, is: PlanItem): readonly string[] {
  if (!('changes' in was) || !('changes' in is)) return [];
  const byPath = (item: typeof was): ReadonlyMap<string, PlannedChange> =>
    new Map(item.changes.map((change) => [change.path, change]));
  const fields = movedChanges(was.changes, is.changes, byPath(was), byPath(is));
  if (fields.length > 0) return fields;
  return [...moved(was.taken, is.taken, 'is taken from'), ...moved(was.yielded, is.yielded, 'is left to')];
}

function movedChanges(
  was: readonly PlannedChange[],
  is: readonly PlannedChange[],
  before: ReadonlyMap<string, PlannedChange>,
  after: ReadonlyMap<string, PlannedChange>,
): readonly string[] {
  const paths = [...new Set([...was, ...is].map(({ path }) => path))];
  return paths.flatMap((path) => {
    const [one, other] = [before.get(path), after.get(path)];
    if (other === undefined) return [`${path} is as desired by now`];
    if (one !== undefined && canonicalJson(withoutTime(one)) === canonicalJson(withoutTime(other))) return [];
    return [printField(other)];
  });
}

function printField({ path, heldBy }: PlannedChange): string {
  return heldBy === undefined ? path : `${path} (${heldBy.manager})`;
}

type Held = readonly { readonly path: string; readonly manager: string }[];

function moved(was: Held, is: Held, how: string): readonly string[] {
  const print = (held: Held): readonly string[] => held.map(({ path, manager }) => `${path} ${how} ${manager}`);
  const [before, after] = [new Set(print(was)), new Set(print(is))];
  return [
    ...[...after].filter((text) => !before.has(text)),
    ...[...before].filter((text) => !after.has(text)).map((text) => `${text} no more`),
  ];
}

function pruneMoves(was: PlannedPrune | undefined, is: PlannedPrune | undefined): readonly string[] {
  if (was?.decision === is?.decision && was?.uid === is?.uid) {
    const same = was?.resourceVersion === is?.resourceVersion && was?.content === is?.content;
    return same || is === undefined ? [] : [`${printRef(is.ref)}: is to go, and was changed`];
  }
  const why = is?.reason === undefined ? '' : ` (${is.detail ?? is.reason})`;
  return [
    `${printRef((was ?? is)!.ref)}: was ${was?.decision ?? 'not an orphan'}, would be ${is?.decision ?? 'no orphan'}${why}`,
  ];
}
