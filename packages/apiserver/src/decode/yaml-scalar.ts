/** What a scalar can mean. */
export type Scalar = null | boolean | string | number | bigint;

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** A plain scalar without a tag, as Go's yaml.v2 resolves it and JSON then carries it. */
export function resolveScalar(source: string): Scalar {
  const word = WORDS.get(source);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(source)) return source;
  const digits = /^[-+0-9]/.test(source) ? source.replaceAll('_', '') : source;
  return integerOf(digits) ?? floatOf(digits) ?? source;
}

function integerOf(digits: string): number | bigint | undefined {
  const match = INTEGER.exec(digits);
  if (match === null) return undefined;
  const [, sign = '', magnitude = ''] = match;
  const literal = /^0[0-7]+$/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude;
  const value = sign === '-' ? -BigInt(literal) : BigInt(literal);
  if (value < MIN_INT64 || value > MAX_INT64) return value > 0n && value <= MAX_UINT64 ? Number(value) : undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function floatOf(digits: string): number | undefined {
  const value = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value;
}

/** A scalar that is quoted, or has a tag as it stands in the text (`!!int`); `undefined` when it does not fit the tag. */
export function fitsTag(tag: string, source: string): Scalar | undefined {
  const value = resolveScalar(source);
  switch (tag) {
    case '!!bool':
      return typeof value === 'boolean' ? value : undefined;
    case '!!null':
      return value === null ? null : undefined;
    case '!!int':
      return (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint' ? value : undefined;
    case '!!float':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
    case '!!binary':
      return Buffer.from(source, 'base64').toString();
    default:
      return source;
  }
}

/** The text that a scalar becomes as the key of a map; `undefined` where Kubernetes refuses it: null, and beyond 63 bits. */
export function keyText(source: string, value: Scalar): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null) return undefined;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const isInteger = /^[-+0-9]/.test(source) && integerOf(source.replaceAll('_', '')) !== undefined;
  if (!isInteger) return singleText(source, value);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Go writes a floating-point key in single precision: `strconv.FormatFloat(value, 'g', -1, 32)`. */
function singleText(source: string, value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return source.startsWith('-') ? '-0' : '0';
  let text = single.toExponential(8);
  for (let digits = 7; digits >= 0 && Math.fround(Number(single.toExponential(digits))) === single; digits--)
    text = single.toExponential(digits);
  const [mantissa = '', exponent = ''] = text.split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(text));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
