import { isRecord } from './record.ts';

/** `JSON.parse` and `JSON.stringify` as Node 22 and later have them (ECMAScript "JSON.parse source text access"). */
interface SourceTextJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const sourceText = JSON as unknown as SourceTextJson;

const LONG_DIGITS = /[0-9]{16}/;
const INTEGER = /^-?[0-9]+$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Parses JSON text; 64-bit integers that a JavaScript number cannot hold become `bigint`, so that they survive a round
 * trip through {@link stringifyJson}. Every other number is a `number`: like the API server, which reads integers beyond
 * 64 bits and everything with a point or an exponent as floating point.
 *
 * Costs a scan for 16 digits in a row; only text that has them is parsed with a reviver (7–11 times slower).
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  return LONG_DIGITS.test(text) ? sourceText.parse(text, reviveInteger) : JSON.parse(text);
}

function reviveInteger(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source } = context;
  if (source === undefined || !INTEGER.test(source)) return value;
  const integer = BigInt(source);
  return integer >= MIN_INT64 && integer <= MAX_INT64 ? integer : value;
}

/**
 * The inverse of {@link parseJson}: JSON text, compact unless `indent` says how many spaces a level takes. Properties
 * that are `undefined` are left out.
 *
 * @throws {TypeError} when the value is circular, or is no JSON value at all (`undefined`, a function, a symbol).
 */
export function stringifyJson(value: unknown, indent?: number): string {
  const text: string | undefined = hasBigint(value)
    ? JSON.stringify(value, writeBigint, indent)
    : JSON.stringify(value, undefined, indent);
  if (text === undefined) throw new TypeError(`a value of type ${typeof value} cannot be written as JSON`);
  return text;
}

function hasBigint(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasBigint);
  return isRecord(value) ? Object.values(value).some(hasBigint) : typeof value === 'bigint';
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? sourceText.rawJSON(value.toString()) : value;
}
