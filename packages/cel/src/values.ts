import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';

/**
 * JSON as CEL sees it: whole numbers are `int`, others `double`, as Kubernetes decodes them. Objects become Maps, so that no
 * key of theirs can be taken for something of JavaScript's.
 */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const map = new Map<string, unknown>();
    for (const [key, item] of Object.entries(value)) if (item !== undefined) map.set(key, toCel(item));
    return map;
  }
  return value;
}

/** A list or map of CEL by its keys: the indices of a list. `undefined` for anything else. */
export function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [BigInt(index), item] as const);
  if (value instanceof Map) return [...(value as Map<unknown, unknown>).entries()];
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value);
  }
  return undefined;
}

/** A value that a function of Kubernetes made, and that compares as one. */
export interface Comparable {
  equals(other: unknown): boolean;
}

/** Equality of CEL values; numbers compare across their types. */
export function areEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const left = numberOf(a);
  const right = numberOf(b);
  // oxlint-disable-next-line eqeqeq -- 1n == 1 is what is asked for
  if (left !== undefined && right !== undefined) return left == right;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => areEqual(item, b[index]));
  }
  if (isComparable(a)) return a.equals(b);
  if (a instanceof Duration) return b instanceof Duration && nanosOf(a) === nanosOf(b);
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  const entries = entriesOf(a);
  const others = entriesOf(b);
  if (entries === undefined || others === undefined || entries.length !== others.length) return false;
  const found = new Map(others);
  return entries.every(([key, item]) => found.has(key) && areEqual(item, found.get(key)));
}

function isComparable(value: unknown): value is Comparable {
  return typeof value === 'object' && value !== null && 'equals' in value && typeof value.equals === 'function';
}

/** Of `int`, `uint` and `double`. */
export function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof UnsignedInt ? value.value : undefined;
}

/**
 * Less than, equal to or greater than 0.
 *
 * @throws {Error} where the two have no order.
 */
export function compareValues(a: unknown, b: unknown): number {
  const left = orderOf(a);
  const right = orderOf(b);
  if (left === undefined || right === undefined || (typeof left === 'string') !== (typeof right === 'string')) {
    throw new Error('no such overload: these values have no order');
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function orderOf(value: unknown): string | number | bigint | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return Number(value);
  const number = numberOf(value);
  if (number !== undefined) return number;
  if (value instanceof Date) return value.getTime();
  return value instanceof Duration ? nanosOf(value) : undefined;
}

export function nanosOf({ seconds, nanos }: Duration): bigint {
  return seconds * 1_000_000_000n + BigInt(nanos);
}
