/** A plain JSON object. Numbers beyond what JavaScript holds exactly may be `bigint`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The record, unless it is none or has no entry. */
export function nonEmptyRecord(value: unknown): JsonObject | undefined {
  if (!isRecord(value)) return undefined;
  for (const _ in value) return value;
  return undefined;
}

/** The list, unless it is none or has no item. */
export function nonEmptyList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

/** What stands at `field` itself; nothing is inherited. */
export function ownField(record: JsonObject, field: string): unknown {
  return Object.hasOwn(record, field) ? record[field] : undefined;
}

export function recordAt(record: JsonObject | undefined, field: string): JsonObject | undefined {
  const value = record === undefined ? undefined : ownField(record, field);
  return isRecord(value) ? value : undefined;
}

export function textAt(record: JsonObject | undefined, field: string): string {
  const value = record === undefined ? undefined : ownField(record, field);
  return typeof value === 'string' ? value : '';
}

/** Sets an own entry, whatever the name: an assignment to `__proto__` would set something else. */
export function setField(record: Record<string, unknown>, field: string, value: unknown): void {
  if (field === '__proto__') {
    Object.defineProperty(record, field, { value, enumerable: true, configurable: true, writable: true });
  } else record[field] = value;
}

/** Equality of JSON values: key order does not matter, `1` is `1n`, and null is neither absent nor empty. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== typeof b) return mixedNumbers(a, b) && Number(a) === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i]));
  }
  return !Array.isArray(b) && equalRecords(a as JsonObject, b as JsonObject);
}

function mixedNumbers(a: unknown, b: unknown): boolean {
  return (typeof a === 'bigint' && typeof b === 'number') || (typeof a === 'number' && typeof b === 'bigint');
}

function equalRecords(a: JsonObject, b: JsonObject): boolean {
  let size = 0;
  for (const name in a) {
    if (!Object.hasOwn(b, name) || !equalJson(a[name], b[name])) return false;
    size++;
  }
  for (const _ in b) size--;
  return size === 0;
}
