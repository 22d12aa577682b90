/** How Kubernetes' own code, in Go, treats a field of its API: what no answer of a server tells. */
export interface GoField {
  readonly presence: Presence;
  /** The type as messages name it: `int32`, `[]v1.Container`, `map[string]string`. */
  readonly type: string;
  /**
   * Its numbers in protobuf messages: one, or before it those of the embedded structs, which are messages of their own. `[]`
   * when protobuf does not have the field: apiVersion and kind stand beside the message.
   */
  readonly numbers: readonly number[];
  /** The embedded struct through which the field is there, with dots where there are several. Messages name it. */
  readonly embedded: string | undefined;
}

/**
 * What becomes of a field whose value is nothing: `""`, 0, false, an empty map or list, null.
 *
 * - `pointer`: kept when it was given, but for null
 * - `nullable`: kept when it was given, and null otherwise
 * - `omit`: left out (never a struct)
 * - `omitzero`: a struct, left out when nothing is in it
 * - `always`: written, given or not; an empty list or map as null
 */
export type Presence = 'pointer' | 'nullable' | 'omit' | 'omitzero' | 'always';

/** Reads an entry of `KubeData.goFields`. */
export function goField(entry: string): GoField {
  const [presence, type = '', numbers = '-', embedded] = entry.split(' ');
  return {
    presence: presence as Presence,
    type,
    numbers: numbers === '-' ? [] : numbers.split('.').map(Number),
    embedded,
  };
}
