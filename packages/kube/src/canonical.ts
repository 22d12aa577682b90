import { hash } from 'node:crypto';
import { isRecord } from './record.ts';
import { compareText } from './ref.ts';

/**
 * The one text of a JSON value: compact, keys sorted by code units, so that two values that {@link equalJson} calls equal
 * have the same text whatever order their keys were written in. Properties that are `undefined` are left out.
 *
 * Canonicalization costs seven times as much as hashing: where source bytes exist (a blob, a document), key caches on
 * those instead.
 *
 * @throws {TypeError} when the value is no JSON value (`undefined`, a function, a symbol), at the top or in a list.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (Array.isArray(value)) return canonicalList(value);
      return isRecord(value) ? canonicalRecord(value) : 'null';
    default:
      throw new TypeError(`a value of type ${typeof value} cannot be written as JSON`);
  }
}

function canonicalList(list: readonly unknown[]): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : ',') + canonicalJson(list[i]);
  return `${text}]`;
}

function canonicalRecord(record: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const key of Object.keys(record).sort(compareText)) {
    const value = record[key];
    if (value === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return `{${text}}`;
}

/** SHA-256 of {@link canonicalJson}, in lower-case hex. */
export function digest(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex');
}

/**
 * Deep equality of JSON values: key order does not matter, list order does, a property that is `undefined` is as good as
 * absent, and integers are compared by value whether they are `number` or `bigint`. Strict otherwise: `1` and `"1"` differ,
 * null and absent differ.
 */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i]));
  }
  if (isRecord(a)) return isRecord(b) && equalRecords(a, b);
  return (
    (typeof a === 'bigint' || typeof b === 'bigint') && integerOf(a) === integerOf(b) && integerOf(a) !== undefined
  );
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function equalRecords(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let shared = 0;
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue;
    // Own properties only: JSON may hold a key named "__proto__" or "constructor".
    if (!Object.hasOwn(b, key) || !equalJson(a[key], b[key])) return false;
    shared++;
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) shared--;
  return shared === 0;
}
