import { Duration } from '@marcbachmann/cel-js/evaluator';
import { entriesOf, nanosOf, numberOf } from '../values.ts';

const CLAUSE = /%(?:\.([0-9]{1,3}))?(.)/gu;

/**
 * `'%s has %d'.format(['web', 3])`. Source: cel-go `ext/formatting.go`. Without `%e`, whose text depends on a locale.
 *
 * @throws {Error} where a clause and its argument do not fit.
 */
export function format(text: string, args: readonly unknown[]): string {
  let next = 0;
  return text.replace(CLAUSE, (_clause, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new Error(`index ${next} out of range`);
    const value = args[next++];
    const digits = precision === undefined ? 6 : Number(precision);
    switch (verb) {
      case 's':
        return printValue(value);
      case 'd':
        return String(integer(value, 'decimal'));
      case 'b':
        return typeof value === 'boolean' ? String(Number(value)) : integer(value, 'binary').toString(2);
      case 'o':
        return integer(value, 'octal').toString(8);
      case 'x':
        return hex(value);
      case 'X':
        return hex(value).toUpperCase();
      case 'f':
        return printFixed(double(value), Math.min(digits, 100));
      default:
        throw new Error(`unrecognized formatting clause ${JSON.stringify(verb)}`);
    }
  });
}

/** A value as `%s` prints it; texts within lists and maps are quoted. */
function printValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  const number = numberOf(value);
  if (typeof number === 'number') return printDouble(number);
  if (number !== undefined) return String(number);
  if (value instanceof Date) return printTime(value);
  if (value instanceof Duration) return printDuration(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return `[${value.map(printItem).join(', ')}]`;
  const entries = entriesOf(value);
  if (entries === undefined) throw new Error('string clause can only be used on strings, numbers, lists and maps');
  const items = entries.map(([key, item]) => `${printItem(key)}:${printItem(item)}`);
  return `{${items.toSorted().join(', ')}}`;
}

function printItem(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : printValue(value);
}

/** The shortest text that reads back the same, with an exponent below 10⁻⁴ and from 10⁶ on. Source: Go `FormatFloat(…, 'g', -1)`. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** RFC 3339, as Go prints it: no fraction where there is none. */
export function printTime(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, 'Z');
}

/** Seconds with their fraction. */
export function printDuration(duration: Duration): string {
  const nanos = nanosOf(duration);
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}s`;
}

function integer(value: unknown, clause: string): bigint {
  const number = numberOf(value);
  if (typeof number !== 'bigint') throw new Error(`${clause} clause can only be used on integers`);
  return number;
}

function hex(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integer(value, 'hex').toString(16);
}

/** With thousands apart, as Kubernetes prints it. */
function printFixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function double(value: unknown): number {
  const number = numberOf(value);
  if (number === undefined) throw new Error('fixed-point clause can only be used on numbers');
  return Number(number);
}
