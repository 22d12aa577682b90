import { Findings, general, unfit, worded } from './finding.ts';
import { goFloat } from '../field-error.ts';
import { isGoInteger, isNearInteger } from './go-values.ts';
import type { Structural } from './structural.ts';

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};
const INT32_MAX = 2 ** 31 - 1;
const FLOAT32_MAX = 3.4028234663852886e38;

/** What the schema has against a number: its range, then multipleOf, minimum and maximum. */
export function numberFindings(value: number | bigint, schema: Structural, path: string): Findings {
  const { limits } = schema;
  const found = new Findings();
  const range = new Range(schema, path);
  range.check(value, 'Checked', found);
  // Limits are compared, and named, as integers where the value is one and the limit can be one.
  const limit = (bound: number, name: string): { readonly bound: number; readonly text: string } => {
    const integer = range.check(bound, name, found) && isGoInteger(value);
    if (!integer) return { bound, text: goFloat(bound) };
    return { bound: Math.trunc(bound), text: String(BigInt(Math.trunc(bound))) };
  };
  if (limits.multipleOf !== undefined) {
    const { bound, text } = limit(limits.multipleOf, 'MultipleOf');
    if (bound <= 0) {
      found.add(worded(path, bound, `factor MultipleOf declared for ${path} must be positive: ${text}`));
    } else if (!isMultiple(value, bound)) found.add(unfit(path, value, `should be a multiple of ${text}`));
  }
  if (limits.minimum !== undefined) {
    const { bound, text } = limit(limits.minimum, 'Minimum boundary');
    if (limits.exclusiveMinimum ? value <= bound : value < bound) {
      found.add(unfit(path, value, `should be greater than ${limits.exclusiveMinimum ? '' : 'or equal to '}${text}`));
    }
  }
  if (limits.maximum !== undefined) {
    const { bound, text } = limit(limits.maximum, 'Maximum boundary');
    if (limits.exclusiveMaximum ? value >= bound : value > bound) {
      found.add(unfit(path, value, `should be less than ${limits.exclusiveMaximum ? '' : 'or equal to '}${text}`));
    }
  }
  found.matches += 1;
  return found;
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (isGoInteger(value) && Number.isInteger(factor)) return BigInt(value) % BigInt(factor) === 0n;
  return isNearInteger(factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor);
}

/** What numbers of a type and format there are. */
class Range {
  readonly #type: string;
  readonly #format: string;
  readonly #path: string;

  constructor(schema: Structural, path: string) {
    // Where several types are possible, none of them bounds the number.
    this.#type = schema.types.length === 1 ? (schema.types[0] ?? '') : '';
    const name = schema.format?.name ?? '';
    this.#format = (FORMATS[this.#type] ?? []).includes(name) ? name : '';
    this.#path = path;
  }

  check(value: number | bigint, name: string, found: Findings): boolean {
    if (this.#holds(value)) return true;
    const format = this.#format === '' ? '(default format)' : `with format ${this.#format}`;
    found.add(general(`${name} value must be of type ${this.#type} ${format} in ${this.#path}`));
    return false;
  }

  #holds(value: number | bigint): boolean {
    if (this.#type === 'integer') {
      // A float without a fraction will do.
      if (typeof value === 'number' && !(Number.isInteger(value) && Math.abs(value) < 2 ** 63)) return false;
      return this.#format !== 'int32' || (value <= INT32_MAX && value >= -INT32_MAX - 1);
    }
    return this.#format !== 'float' || Math.abs(Number(value)) <= FLOAT32_MAX;
  }
}
