/**
 * What a plain scalar means to Kubernetes: YAML 1.1 as Go's yaml v2 resolves it, then JSON as the API server reads it.
 * Each rule was tried on kubectl and kube-apiserver 1.37, and is tried again by the cluster tests of `render` (`yaml-oracle`) and `apiserver`
 * (`decode`).
 */
export type Scalar = null | boolean | string | number | bigint;

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

/** First characters of everything that is not a string. */
const SPECIAL_START = new Set('yYnNtTfFoO~.+-0123456789');
const NUMBER_START = /^[-+0-9]/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
const SIGN_AFTER_PREFIX = /^0b([-+])([01]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const POINT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Resolves an untagged plain scalar. Infinity and NaN come back as numbers: JSON has no form for them, so the caller
 * refuses them as values. Integers beyond 2^53 are `bigint`, those beyond 64 bits (signed) floating point.
 */
export function resolveScalar(source: string): Scalar {
  if (source !== '' && !SPECIAL_START.has(source.charAt(0))) return source;
  const word = WORDS.get(source);
  if (word !== undefined) return word;
  if (NUMBER_START.test(source)) {
    const plain = source.includes('_') ? source.replaceAll('_', '') : source;
    return resolveInteger(plain) ?? resolveFloat(plain) ?? source;
  }
  // Go hands text with a leading point to its float parser as it is, which takes underscores between digits alone.
  return POINT_FLOAT.test(source) ? (resolveFloat(source.replaceAll('_', '')) ?? source) : source;
}

/** An integer as Go's `strconv.ParseInt(text, 0, 64)`, then `ParseUint`, read it; `undefined` when it is none. */
function resolveInteger(plain: string): number | bigint | undefined {
  const match = INTEGER.exec(plain);
  if (match === null) {
    // Go's fallback for 0b hands what follows to ParseInt, which takes a sign there.
    const odd = SIGN_AFTER_PREFIX.exec(plain);
    return odd === null ? undefined : inRange(odd[1] as string, BigInt(`0b${odd[2] as string}`));
  }
  const [, sign = '', hex, octal, binary, leadingZero, decimal] = match;
  if (decimal !== undefined && decimal.length < 16) return decimal === '0' ? 0 : Number(sign + decimal);
  const digits =
    hex === undefined
      ? octal === undefined && leadingZero === undefined
        ? binary === undefined
          ? (decimal as string)
          : `0b${binary}`
        : `0o${octal ?? leadingZero}`
      : `0x${hex}`;
  return inRange(sign, BigInt(digits));
}

function inRange(sign: string, magnitude: bigint): number | bigint | undefined {
  const value = sign === '-' ? -magnitude : magnitude;
  if (value >= MIN_INT64 && value <= MAX_INT64) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  // An unsigned integer reaches the server as JSON beyond int64, which it reads as a float.
  return sign === '' && value <= MAX_UINT64 ? Number(value) : undefined;
}

function resolveFloat(plain: string): number | bigint | undefined {
  if (!FLOAT.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? asServerReads(value) : undefined; // overflow stays text
}

/** A float as it comes out of the JSON that Go writes and the server reads. */
function asServerReads(value: number): number | bigint {
  if (value === 0) return 0; // a negative zero becomes the integer 0
  if (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) > 2 ** 63) return value;
  // Written without an exponent, and those digits are read as an integer.
  const digits = BigInt(String(value));
  return digits >= MIN_INT64 && digits <= MAX_INT64 ? digits : value;
}

/** The tag that a plain scalar has without saying so, from what it resolved to. */
export function impliedTag(source: string, value: Scalar): CoreTag {
  if (typeof value === 'string') return 'str';
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return isInteger(source) ? 'int' : 'float';
}

/** The scalar tags that Go resolves; every other tag on a scalar leaves its text as it is. */
export type CoreTag = 'str' | 'bool' | 'int' | 'float' | 'null' | 'timestamp';

/** Resolves a scalar with an explicit core tag, plain or quoted; `undefined` when the text does not fit the tag. */
export function resolveTagged(tag: CoreTag, source: string): Scalar | undefined {
  if (tag === 'str' || tag === 'timestamp') return source;
  const value = resolveScalar(source);
  switch (tag) {
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'null':
      return value === null ? null : undefined;
    case 'int':
      return isInteger(source) ? value : undefined;
    case 'float':
      return typeof value === 'bigint' || typeof value === 'number' ? asServerReads(Number(value)) : undefined;
    default:
      return tag satisfies never;
  }
}

function isInteger(source: string): boolean {
  return NUMBER_START.test(source) && resolveInteger(source.replaceAll('_', '')) !== undefined;
}

/**
 * The text that a scalar becomes as the key of a map, or `undefined` when Kubernetes refuses it there (null, unsigned
 * integers beyond int64). `source` is the scalar as it stands, `value` what it resolved to.
 */
export function scalarKey(source: string, value: Scalar): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null) return undefined;
  if (typeof value === 'boolean') return String(value);
  if (!isInteger(source)) return printFloat32(source, Number(value));
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Go's `strconv.FormatFloat(value, 'g', -1, 32)`: a floating-point key is written in single precision. */
function printFloat32(source: string, value: number): string {
  if (Number.isNaN(value)) return '.nan';
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return source.startsWith('-') ? '-0' : '0';
  const text = shortestFloat32(single);
  const at = text.indexOf('e');
  const mantissa = text.slice(0, at);
  const exponent = Number(text.slice(at + 1));
  if (exponent >= -4 && exponent < 6) return expand(mantissa, exponent);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The fewest digits that name this single-precision number and no other; nine always do. */
function shortestFloat32(single: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = single.toExponential(digits);
    if (Math.fround(Number(text)) === single) return text;
  }
  return single.toExponential(8);
}

function expand(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}
