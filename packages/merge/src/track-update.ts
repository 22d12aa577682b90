import { capManagers } from './cap-managers.ts';
import { MergeError } from './error.ts';
import { difference, emptySet, equalSets, isEmpty, union } from './field-set.ts';
import { isRecord, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import {
  managedFieldsOf,
  newManager,
  readManagers,
  withManagedFields,
  withSet,
  withTime,
  writeManagers,
} from './managers.ts';
import type { Manager, Managers } from './managers.ts';
import { UNOWNED, changesOf, reconcileManagers, takeFromOthers, typeIn, without } from './ownership.ts';
import type { FieldTracking } from './tracking.ts';
import { faultsOf, faultText } from './validate.ts';

/** What an update is tracked with. An empty manager is `unknown`. */
export interface UpdateOptions extends FieldTracking {
  readonly manager: string;
}

/**
 * Who owns what after a create or an update: `next` with its new `metadata.managedFields`, the same instance when they are
 * what it has already. `live` is `undefined` for a create; `next` is what will be stored, with its defaults. What changed
 * is recorded for `manager` and taken from all others.
 *
 * A client may send `managedFields` of its own in `next`: none, null, or a list that cannot be read keeps those of `live`;
 * `[]` and `[{}]` clear them, and with them what this very update would have recorded; another list replaces them. On a
 * subresource they are ignored. An object that nobody owns anything of stays so until its first apply.
 *
 * Never throws for what cannot be tracked (an object that does not fit its type): `managedFields` then stay as in `live`.
 */
export function trackUpdate(live: JsonObject | undefined, next: JsonObject, options: UpdateOptions): JsonObject {
  try {
    const list = writeManagers(managersAfter(live, next, options), options.cache);
    return withManagedFields(next, listLike(list, managedFieldsOf(live)));
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    const kept = managedFieldsOf(live);
    return withManagedFields(next, Array.isArray(kept) ? kept : undefined);
  }
}

/** The stored list when the new one holds the very same entries. */
function listLike(list: readonly JsonObject[] | undefined, stored: unknown): readonly JsonObject[] | undefined {
  if (list === undefined || !Array.isArray(stored) || list.length !== stored.length) return list;
  return list.every((entry, i) => entry === stored[i]) ? stored : list;
}

function managersAfter(live: JsonObject | undefined, next: JsonObject, options: UpdateOptions): Managers {
  const managers = managersBefore(live, next, options);
  // Nobody owns anything of it: it is not tracked, or has just been reset.
  if (managers.size === 0 && live !== undefined) return managers;
  return capManagers(recordUpdate(live, next, managers, options), options.maxUpdateManagers ?? 10);
}

function managersBefore(live: JsonObject | undefined, next: JsonObject, options: UpdateOptions): Managers {
  const { subresource = '', cache } = options;
  const sent = managedFieldsOf(next);
  if (subresource === '' && isReset(sent)) return new Map();
  const stored = readable(() => readManagers(managedFieldsOf(live), 'stored', cache));
  if (subresource !== '' || !Array.isArray(sent)) return stored;
  const managers = readable(() => readManagers(sent, 'sent', undefined));
  return managers.size > 0 ? storedWhereSame(managers, stored) : stored;
}

/** Most clients send back what they have read: the stored entry then need not be written anew. */
function storedWhereSame(managers: Managers, stored: Managers): Managers {
  const merged = new Map(managers);
  for (const [id, manager] of managers) {
    const before = stored.get(id);
    if (before === undefined || before.time !== manager.time || before.apiVersion !== manager.apiVersion) continue;
    if (equalSets(before.set, manager.set)) merged.set(id, before);
  }
  return merged;
}

/** `[]`, or a single entry with nothing in it. */
function isReset(sent: unknown): boolean {
  if (!Array.isArray(sent)) return false;
  if (sent.length === 0) return true;
  const [entry] = sent as readonly unknown[];
  return sent.length === 1 && isRecord(entry) && Object.values(entry).every((value) => value === null || value === '');
}

function readable(read: () => Managers): Managers {
  try {
    return read();
  } catch (error) {
    if (error instanceof MergeError) return new Map();
    throw error;
  }
}

/**
 * Records an update: what it changed goes to `manager`, together with what that owned before, and is taken from all others.
 * Compared with `empty` where there is no live object.
 *
 * @throws {MergeError} when one of the objects does not fit its type.
 */
export function recordUpdate(
  live: JsonObject | undefined,
  next: JsonObject,
  managers: Managers,
  options: UpdateOptions,
): Managers {
  const version = textAt(next, 'apiVersion');
  const type = typeIn(version, options);
  // Without managedFields themselves: they may be long, may be anything where a client sent them, and belong to nobody.
  const to = withManagedFields(next, undefined);
  const from = withManagedFields(live ?? emptyObject(next, options), undefined);
  for (const object of [to, from]) {
    const faults = faultsOf(object, type, 'allowed');
    if (faults.length > 0) throw new MergeError('INVALID_LIVE_OBJECT', faultText(faults));
  }
  const changes = changesOf(from, to, options);
  const changed = changes.in(version);
  // No entry is its own: what the manager itself owned in other entries, or before, is also taken, and then comes back.
  const after = takeFromOthers(reconcileManagers(managers, options), '', changes);
  const reset = options.resetFields?.(version) ?? emptySet;
  const mine = difference(without(changed?.written ?? emptySet, reset), UNOWNED);
  if (isEmpty(mine)) return after;
  const { now, subresource = '' } = options;
  const entry = newManager({
    name: options.manager === '' ? 'unknown' : options.manager,
    operation: 'Update',
    apiVersion: version,
    subresource,
    time: now,
    set: mine,
  });
  after.set(entry.id, united(after.get(entry.id), entry));
  return after;
}

function united(previous: Manager | undefined, entry: Manager): Manager {
  if (previous === undefined) return entry;
  const set = union(entry.set, previous.set);
  return withTime(withSet(previous, set), entry.time);
}

/** What a create starts from. */
export function emptyObject(object: JsonObject, { empty }: FieldTracking): JsonObject {
  return empty ?? { apiVersion: object['apiVersion'], kind: object['kind'] };
}
