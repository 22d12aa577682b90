import { MergeError } from './error.ts';
import type { JsonObject } from './json.ts';
import type { ApplyResult, FieldTracking } from './tracking.ts';

/**
 * Server-side apply: `live` with all that `config` says, without what `manager` applied before and does not now (unless
 * someone else owns it), and with the owners of every field. `live` is `undefined` when there is no such object yet.
 *
 * @throws {MergeError} `CONFLICT` (unless `force`), with `conflicts` and the server's message; `UNDECLARED_FIELD`,
 *   `INVALID_VALUE`, `INVALID_ITEM`, `DUPLICATE_ITEM`, `MANAGED_FIELDS_GIVEN`, `UNKNOWN_TYPE`, `INVALID_LIVE_OBJECT`.
 */
export function applyConfiguration(
  live: JsonObject | undefined,
  config: JsonObject,
  options: FieldTracking & { readonly manager: string; readonly force: boolean },
): ApplyResult {
  void live;
  void config;
  throw new MergeError('UNKNOWN_TYPE', `no type for ${options.manager}`);
}
