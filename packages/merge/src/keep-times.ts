import { equalJson, recordAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { managedFieldsOf, withManagedFields } from './managers.ts';

/**
 * `next`, the object about to be stored, with the times of `live` where nothing but times of `managedFields` would change:
 * a write that changes nothing must not look like one. The same instance otherwise. To be called last, on the defaulted
 * object: an apply of `cpu: 1000m` over a stored `cpu: "1"` shows only then that it changed nothing.
 */
export function keepTimes(live: JsonObject, next: JsonObject): JsonObject {
  const before = managedFieldsOf(live);
  const after = managedFieldsOf(next);
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length || after.length === 0)
    return next;
  const entries = before as readonly JsonObject[];
  const isSame = (after as readonly JsonObject[]).every((entry, i) => equalButTime(entry, entries[i] as JsonObject));
  return isSame && equalButManagers(live, next) ? withManagedFields(next, entries) : next;
}

function equalButTime(a: JsonObject, b: JsonObject): boolean {
  return a === b || equalJson({ ...a, time: undefined }, { ...b, time: undefined });
}

function equalButManagers(a: JsonObject, b: JsonObject): boolean {
  const metadata = (object: JsonObject) => ({ ...recordAt(object, 'metadata'), managedFields: undefined });
  return equalJson({ ...a, metadata: undefined }, { ...b, metadata: undefined }) && equalJson(metadata(a), metadata(b));
}
