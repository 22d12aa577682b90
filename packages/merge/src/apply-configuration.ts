import { conflictError, conflictList } from './conflict.ts';
import type { Conflict } from './conflict.ts';
import { MergeError } from './error.ts';
import { difference, emptySet, equalSets, isEmpty } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { equalJson, recordAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { migrates, withLastApplied, withoutMigrated } from './last-applied.ts';
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
import { mergeObjects } from './merge-objects.ts';
import {
  UNOWNED,
  changesOf,
  conflictsWith,
  describe,
  reconcileManagers,
  takeFromOthers,
  typeIn,
  without,
} from './ownership.ts';
import { prune } from './prune.ts';
import type { TypeUse } from './schema.ts';
import { emptyObject, recordUpdate } from './track-update.ts';
import type { ApplyResult, FieldTracking } from './tracking.ts';
import { faultsOf, faultText } from './validate.ts';

export interface ApplyOptions extends FieldTracking {
  readonly manager: string;
  /** Take what others own instead of refusing. */
  readonly force: boolean;
}

/**
 * Server-side apply: `live` with all that `config` says, without what `manager` applied before and does not now (unless
 * someone else owns it), and with the owners of every field. `live` is `undefined` when there is no such object yet. Its
 * `managedFields` stand for what everyone owns; where there are none, all of it belongs to `before-first-apply`.
 *
 * `live` and `config` are of the endpoint's kind and version: the caller has seen to that. What the server defaults comes
 * afterwards and so belongs to nobody. Laws: applying the same again changes nothing; what other appliers own stays.
 *
 * @throws {MergeError} `CONFLICT` (unless `force`), with `conflicts` and the server's message; `UNDECLARED_FIELD`,
 *   `INVALID_VALUE`, `INVALID_ITEM`, `DUPLICATE_ITEM`, `MANAGED_FIELDS_GIVEN`, `UNKNOWN_TYPE`, `INVALID_LIVE_OBJECT`.
 */
export function applyConfiguration(
  live: JsonObject | undefined,
  config: JsonObject,
  options: ApplyOptions,
): ApplyResult {
  const stored = storedManagers(live, options);
  const type = checkConfig(config, options);
  // Without managedFields themselves: they may be long, and belong to nobody.
  const base = withManagedFields(live ?? emptyObject(config, options), undefined);
  checkLive(base, type);
  const managers = live !== undefined && stored.size === 0 ? beforeFirstApply(live, options) : stored;
  const { object, after } = applyTo(base, withManagedFields(config, undefined), type, managers, options);
  const annotated = migrates(options.manager) ? withLastApplied(object, config) : object;
  const list = writeManagers(after, options.cache);
  const isSame = annotated === base && sameEntries(list, managedFieldsOf(live));
  if (live !== undefined && isSame) return { object: live, changed: false };
  return { object: withManagedFields(annotated, list), changed: true };
}

function storedManagers(live: JsonObject | undefined, { cache }: ApplyOptions): Managers {
  try {
    return readManagers(managedFieldsOf(live), 'stored', cache);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    throw new MergeError('INVALID_LIVE_OBJECT', `failed to decode managed fields: ${error.message}`, { cause: error });
  }
}

function checkConfig(config: JsonObject, options: ApplyOptions): TypeUse {
  if (Array.isArray(managedFieldsOf(config))) {
    throw new MergeError('MANAGED_FIELDS_GIVEN', 'metadata.managedFields must be nil');
  }
  const type = typeIn(textAt(config, 'apiVersion'), options);
  const faults = faultsOf(config, type, 'refused');
  const [first] = faults;
  if (first === undefined) return type;
  throw new MergeError(first.code, `failed to create typed patch object (${nameOf(config)}): ${faultText(faults)}`);
}

function checkLive(live: JsonObject, type: TypeUse): void {
  const faults = faultsOf(live, type, 'allowed');
  if (faults.length === 0) return;
  const message = `failed to create typed live object (${nameOf(live)}): ${faultText(faults)}`;
  throw new MergeError('INVALID_LIVE_OBJECT', message);
}

function nameOf(object: JsonObject): string {
  const metadata = recordAt(object, 'metadata');
  return describe(object, textAt(metadata, 'namespace'), textAt(metadata, 'name'));
}

/** An object that nobody owned anything of: all that is there was there before. */
function beforeFirstApply(live: JsonObject, options: ApplyOptions): Managers {
  return recordUpdate(undefined, live, new Map(), { ...options, manager: 'before-first-apply' });
}

interface Applied {
  /** `live` itself when the apply changes nothing of it. */
  readonly object: JsonObject;
  readonly after: Managers;
}

function applyTo(
  live: JsonObject,
  config: JsonObject,
  type: TypeUse,
  stored: Managers,
  options: ApplyOptions,
): Applied {
  const managers = reconcileManagers(stored, options);
  const applier = applierOf(config, type, stored, options);
  const previous = managers.get(applier.id);
  managers.set(applier.id, applier);
  const merged = mergeObjects(live, config, type) as JsonObject;
  const pruned = prune(merged, previous, applier, managers, options);
  const object = equalJson(pruned, live) ? live : pruned;
  const changes = changesOf(live, object, options);
  if (!options.force) {
    const conflicts = conflictList(conflictsWith(managers, applier.id, changes), managers);
    const remaining = migrates(options.manager) ? remainingConflicts(conflicts, live, type) : conflicts;
    if (remaining.length > 0) throw conflictError(remaining.map(({ field }) => field));
  }
  const after = takeFromOthers(managers, applier.id, changes);
  const owned = difference(applier.set, UNOWNED);
  if (isEmpty(owned)) after.delete(applier.id);
  // An apply that changes nothing keeps its time; a new co-owner then has none.
  else after.set(applier.id, withTime(ownedBy(applier, owned, previous), object === live ? applier.time : options.now));
  return { object, after };
}

/** The applier's entry as this configuration makes it, with the time of the one it had. */
function applierOf(
  config: JsonObject,
  type: TypeUse,
  stored: Managers,
  { manager, subresource = '', resetFields }: ApplyOptions,
): Manager {
  const apiVersion = textAt(config, 'apiVersion');
  const set = without(fieldSetOf(config, type), resetFields?.(apiVersion) ?? emptySet);
  const name = manager === '' ? 'unknown' : manager;
  const made = newManager({ name, operation: 'Apply', apiVersion, subresource, time: '', set });
  return { ...made, time: stored.get(made.id)?.time ?? '' };
}

/** The previous entry where it says the same, so that it need not be written anew. */
function ownedBy(applier: Manager, owned: FieldSet, previous: Manager | undefined): Manager {
  const isSame = previous?.apiVersion === applier.apiVersion && equalSets(previous.set, owned);
  return isSame ? previous : withSet(applier, owned);
}

/** What an applier that takes over from client-side apply may not have. */
function remainingConflicts(conflicts: readonly Conflict[], live: JsonObject, type: TypeUse): readonly Conflict[] {
  return conflicts.length === 0 ? conflicts : withoutMigrated(conflicts, live, type);
}

function sameEntries(list: readonly JsonObject[] | undefined, stored: unknown): boolean {
  if (list === undefined) return !Array.isArray(stored) || stored.length === 0;
  return equalJson(list, stored);
}
