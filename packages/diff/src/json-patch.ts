import fastJsonPatch from 'fast-json-patch';
import { equalJson, isRecord } from '@homeostat/kube';
import type { JsonPatchOperation } from '@homeostat/kube';

/**
 * RFC 6902 operations that turn one JSON value into the other; none when they are equal. Positional: an item that is
 * inserted in front of a list changes every position after it. Neither value is touched.
 *
 * Values are written as they are: make both `printable` first where others read the patch.
 */
export function jsonPatch(before: unknown, after: unknown): readonly JsonPatchOperation[] {
  // The library looks at the fields of whatever it gets: a map against a list would show no difference.
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    return equalJson(before, after) ? [] : [{ op: 'replace', path: '', value: after }];
  }
  const operations = fastJsonPatch.compare(mapScalars(before, hideBigint), mapScalars(after, hideBigint));
  return operations.map((operation) => mapScalars(operation, showBigint) as JsonPatchOperation);
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The library copies values through JSON text, which has no bigint: they travel as marked text. */
const MARK = '\u0000bigint:';

function hideBigint(scalar: unknown): unknown {
  return typeof scalar === 'bigint' ? `${MARK}${scalar}` : scalar;
}

function showBigint(scalar: unknown): unknown {
  return typeof scalar === 'string' && scalar.startsWith(MARK) ? BigInt(scalar.slice(MARK.length)) : scalar;
}

/** A copy with every scalar mapped; the same instance where nothing changes. */
function mapScalars<T>(value: T, map: (scalar: unknown) => unknown): T {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => mapScalars(item, map));
    return items.every((item, i) => item === value[i]) ? value : (items as T);
  }
  if (!isRecord(value)) return map(value) as T;
  const fields = Object.entries(value).map(([name, part]) => [name, part, mapScalars(part, map)] as const);
  if (fields.every(([, part, mapped]) => part === mapped)) return value;
  return Object.fromEntries(fields.map(([name, , mapped]) => [name, mapped])) as T;
}
