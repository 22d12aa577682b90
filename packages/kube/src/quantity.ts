/** How a quantity was written, and is printed: `12e6`, `12M` or `12Mi`. Source: Kubernetes `resource.Format`. */
export type QuantityFormat = 'DecimalExponent' | 'DecimalSI' | 'BinarySI';

/** An exact amount, counted in billionths: the finest grain that Kubernetes keeps. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_EXPONENTS: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const QUANTITY = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const EXPONENT = /^[eE]([-+]?[0-9]+)$/;
const NANO = 9;
/** Amounts are kept in full, so an exponent must not be able to fill the memory. */
const MAX_EXPONENT = 1000;
const MAX_BINARY = (2n ** 63n - 1n) * 10n ** 9n;

/**
 * Reads a quantity as Kubernetes does: `500m`, `1.5Gi`, `12e6`, `2` (also as a JSON number). Amounts finer than a
 * billionth are rounded away from zero; amounts with a binary suffix are capped at 2^63 − 1.
 *
 * `undefined` when the text is not a quantity, or its exponent is beyond ±1000.
 */
export function parseQuantity(value: string | number | bigint): Quantity | undefined {
  const text = typeof value === 'string' ? value : String(value);
  const match = text === '' ? null : QUANTITY.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const digits = BigInt(`0${whole}${fraction}`);
  const negative = sign === '-';

  const binary = own(BINARY_EXPONENTS, suffix);
  if (binary !== undefined) {
    const amount = shiftDecimal(digits << BigInt(binary), NANO - fraction.length);
    const nano = amount > MAX_BINARY ? MAX_BINARY : amount;
    const format = nano > 0n && nano < 10n ** 9n ? 'DecimalSI' : 'BinarySI';
    return { nano: negative ? -nano : nano, format };
  }
  const decimal = own(DECIMAL_EXPONENTS, suffix) ?? exponentOf(suffix);
  if (decimal === undefined) return undefined;
  const nano = shiftDecimal(digits, decimal + NANO - fraction.length);
  return {
    nano: negative ? -nano : nano,
    format: own(DECIMAL_EXPONENTS, suffix) === undefined ? 'DecimalExponent' : 'DecimalSI',
  };
}

function own(table: Readonly<Record<string, number>>, key: string): number | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function exponentOf(suffix: string): number | undefined {
  const exponent = Number(EXPONENT.exec(suffix)?.[1] ?? NaN);
  return Math.abs(exponent) <= MAX_EXPONENT ? exponent : undefined;
}

/** `digits × 10^exponent`, rounded up: who asks for a little gets a little. */
function shiftDecimal(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (digits + divisor - 1n) / divisor;
}

/** Order by amount, whatever the format: `1Gi` and `1024Mi` are equal. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

const DECIMAL_SUFFIXES = new Map(Object.entries(DECIMAL_EXPONENTS).map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * The canonical text: no fraction, no trailing zeros beyond what the largest fitting suffix leaves. A binary amount that
 * is below 1024 or not whole is printed with decimal suffixes. Source: Kubernetes `Quantity.CanonicalizeBytes`.
 */
export function printQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const whole = nano % 10n ** 9n === 0n;
  const amount = nano / 10n ** 9n;
  const large = amount <= -1024n || amount >= 1024n;
  return format === 'BinarySI' && whole && large
    ? printBinary(amount)
    : printDecimal(nano, format === 'DecimalExponent');
}

function printBinary(amount: bigint): string {
  let mantissa = amount;
  let power = 0;
  while (mantissa % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${BINARY_SUFFIXES[power]}`;
}

function printDecimal(nano: bigint, withExponent: boolean): string {
  const largest = withExponent ? Infinity : 18;
  let mantissa = nano;
  let exponent = -NANO;
  while (mantissa % 1000n === 0n && exponent < largest) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (withExponent) return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
  return `${mantissa}${DECIMAL_SUFFIXES.get(exponent)}`;
}
