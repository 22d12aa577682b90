import { emptySet, difference, intersection, isEmpty, isSubset, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import type { JsonObject } from './json.ts';
import type { Manager, Managers } from './managers.ts';
import { inVersion } from './ownership.ts';
import type { Versioned } from './ownership.ts';
import { removeFields } from './remove-fields.ts';
import type { FieldTracking } from './tracking.ts';
import { withNamedFields } from './typed-set.ts';

/**
 * A merged object without what `previous` applied, the applier does not apply any more, and nobody else owns. `managers`
 * holds what the applier applies now.
 *
 * First everything that was applied last time is taken away; then what anyone owns is put back, in the version of each
 * owner; then what went with a container but had not been applied. A field goes only when it was applied itself.
 *
 * Source: structured-merge-diff, `merge/update.go`.
 */
export function prune(
  merged: JsonObject,
  previous: Manager | undefined,
  applier: Manager,
  managers: Managers,
  tracking: FieldTracking,
): JsonObject {
  if (previous === undefined || isEmpty(previous.set)) return merged;
  // Nothing of it is given up. The applied set holds every container of what it holds, so all of it would be put back.
  if (previous.apiVersion === applier.apiVersion && isSubset(previous.set, applier.set)) return merged;
  const before = inVersion(merged, previous.apiVersion, tracking);
  if (before === undefined) return merged;
  const bare = remove(before, withNamedFields(previous.set, before.type));
  const owned = addOwned(before, bare, previous.apiVersion, managers, tracking);
  const pruned = addDangling(before, owned, previous, tracking);
  return inVersion(pruned, applier.apiVersion, tracking)?.object ?? pruned;
}

function remove({ object, type }: Versioned, set: FieldSet): JsonObject {
  return removeFields(object, set, type) as JsonObject;
}

/** Puts back what anyone owns: in the version of the previous apply first, since conversion may need those fields. */
function addOwned(
  merged: Versioned,
  bare: JsonObject,
  first: string,
  managers: Managers,
  tracking: FieldTracking,
): JsonObject {
  const owned = new Map<string, FieldSet>([[first, emptySet]]);
  for (const { apiVersion, set } of managers.values()) {
    owned.set(apiVersion, union(owned.get(apiVersion) ?? emptySet, set));
  }
  let [whole, part] = [merged.object, bare];
  for (const [version, set] of owned) {
    const from = inVersion(whole, version, tracking);
    const to = inVersion(part, version, tracking);
    if (from === undefined || to === undefined) continue;
    const { type } = from;
    const kept = union(namedFields(to), withNamedFields(set, type));
    part = remove(from, difference(namedFields(from), kept));
    whole = from.object;
  }
  return part;
}

/** Takes from the whole only what has gone and had been applied. */
function addDangling(whole: Versioned, part: JsonObject, previous: Manager, tracking: FieldTracking): JsonObject {
  const left = inVersion(part, previous.apiVersion, tracking);
  if (left === undefined) return whole.object;
  const gone = difference(namedFields(whole), namedFields(left));
  return remove(whole, intersection(gone, withNamedFields(previous.set, whole.type)));
}

function namedFields({ object, type }: Versioned): FieldSet {
  return withNamedFields(fieldSetOf(object, type), type);
}
