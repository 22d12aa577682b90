import type { FieldSet } from './field-set.ts';
import type { JsonObject } from './json.ts';
import type { TypeUse } from './schema.ts';

/** What {@link trackUpdate} and {@link applyConfiguration} know of one endpoint and one request. */
export interface FieldTracking {
  /**
   * The type of an object of this kind in a version; `undefined` for a version that is not known: what managers own in it is
   * forgotten, as for built-in kinds. Custom resources cannot be converted to such a version at all: there it must throw a
   * {@link MergeError} (`UNKNOWN_TYPE`), which leaves an update untracked and fails an apply.
   */
  readonly typeOf: (apiVersion: string) => TypeUse | undefined;
  /** The object in another version; `undefined` for a version that is not known. Never called for the version it has. */
  readonly convert: (object: JsonObject, apiVersion: string) => JsonObject | undefined;
  /**
   * What the server decodes an empty object of this kind to, with `apiVersion` and `kind`: what a create is compared with.
   * For built-in kinds that holds the zero values that are always written (`spec: { strategy: {} … }`), so that a creator
   * does not own them. Default: an object with nothing but `apiVersion` and `kind`, as it is for custom resources.
   */
  readonly empty?: JsonObject;
  /** What this endpoint never changes, in a version (`.status` on the main endpoint); with all that lies beneath. */
  readonly resetFields?: (apiVersion: string) => FieldSet | undefined;
  readonly subresource?: string;
  /** RFC 3339 in UTC, whole seconds. */
  readonly now: string;
  /** Update entries beyond these are united in `ancient-changes`. Default 10. */
  readonly maxUpdateManagers?: number;
  /** Keeps what was read of the `fieldsV1` of stored objects; see {@link createFieldsCache}. */
  readonly cache?: FieldsCache;
}

/** One field that an apply would change and another manager owns. */
export interface FieldConflict {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Only for Update managers, as in the server's text (`conflict with "m" using v1`). */
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly time?: string;
  /** As the server prints it: `.spec.containers[name="web"].image`. */
  readonly path: string;
}

export interface ApplyResult {
  /** The object to be defaulted, validated and stored, with its new `metadata.managedFields`. */
  readonly object: JsonObject;
  /** Whether it differs from the live object in anything, be it only in who owns what. */
  readonly changed: boolean;
}

/**
 * Field sets by the very `fieldsV1` object they were read from. Objects in a store must not be changed in place then.
 * One per store; it holds nothing that the store does not hold.
 */
export interface FieldsCache {
  readonly get: (fieldsV1: object) => FieldSet | undefined;
  readonly set: (fieldsV1: object, set: FieldSet) => void;
}

export function createFieldsCache(): FieldsCache {
  const sets = new WeakMap<object, FieldSet>();
  return { get: (fieldsV1) => sets.get(fieldsV1), set: (fieldsV1, set) => void sets.set(fieldsV1, set) };
}
