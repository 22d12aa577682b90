import { parseQuantity, printQuantity, stringifyJson } from '@homeostat/kube';
import { canonicalBase64 } from './base64.ts';
import { conversionProblem, convertedInteger } from './convert-value.ts';
import { readGoTime } from './go-time.ts';
import { wordFor } from './json-value.ts';
import type { Plan } from './plan.ts';
import { Abort } from './run.ts';
import type { Run } from './run.ts';

/**
 * A value that Go cannot put where it belongs: decoding of a text goes on, and will fail.
 *
 * @throws {Abort} where it is decoded from values.
 */
export function mismatched(plan: Plan, value: unknown, run: Run): null {
  if (run.origin === 'values') throw new Abort(conversionProblem(plan, value));
  run.mismatch(wordFor(value), plan.goType);
  return null;
}

export function decodeInteger(plan: Plan & { readonly kind: 'integer' }, value: unknown, run: Run): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return mismatched(plan, value, run);
  if (run.literal === undefined && isIntegerOf(plan.bits, value)) return value;
  if (run.origin === 'values') return convertedInteger(plan, value);
  run.mismatch(`number ${run.literal ?? String(value)}`, plan.goType);
  return 0;
}

function isIntegerOf(bits: 32 | 64, value: number | bigint): boolean {
  if (typeof value === 'bigint') return bits === 64;
  if (!Number.isInteger(value)) return false;
  return bits === 32 ? value === (value | 0) : Math.abs(value) < 2 ** 63;
}

export function decodeFloat(plan: Plan, value: unknown, run: Run): unknown {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') return mismatched(plan, value, run);
  if (Number.isFinite(value)) return value;
  run.mismatch(`number ${run.literal ?? String(value)}`, plan.goType);
  return 0;
}

export function decodeBytes(plan: Plan, value: unknown, run: Run): unknown {
  if (Array.isArray(value)) return decodeByteList(value, run);
  if (typeof value !== 'string') return mismatched(plan, value, run);
  const read = canonicalBase64(value);
  if ('text' in read) return read.text;
  const problem = `illegal base64 data at input byte ${String(read.wrongAt)}`;
  if (run.origin === 'values') throw new Abort(`error decoding from json: ${problem}`);
  run.fail(problem);
  return '';
}

function decodeByteList(value: readonly unknown[], run: Run): string {
  const bytes = value.map((one, index) => {
    run.look(value, index);
    if (one === null) return 0;
    if (typeof one !== 'number') run.mismatch(wordFor(one), 'uint8');
    else if (run.literal !== undefined || !Number.isInteger(one) || one < 0 || one > 255)
      run.mismatch(`number ${run.literal ?? String(one)}`, 'uint8');
    return Number(one);
  });
  return Buffer.from(bytes).toString('base64');
}

/** Texts that are their own canonical form. */
const CANONICAL_QUANTITY = /^[1-9][0-9]{0,2}(?:[mkMGT]|[KMGT]i)?$/;
const QUANTITY_SHAPE = /^[-+]?[0-9]*(?:\.[0-9]*)?[eEinumkKMGTP]*[-+]?[0-9]*$/;

export function decodeQuantity(value: unknown, run: Run): string {
  const text = typeof value === 'string' ? value.trim() : (run.literal ?? stringifyJson(value));
  if (CANONICAL_QUANTITY.test(text)) return text;
  const quantity = parseQuantity(text);
  if (quantity !== undefined) return printQuantity(quantity);
  throw new Abort(
    text !== '' && QUANTITY_SHAPE.test(text)
      ? "unable to parse quantity's suffix"
      : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

export function decodeIntOrString(value: unknown, run: Run): unknown {
  if (typeof value === 'string') return value;
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (isNumber && run.literal === undefined && isIntegerOf(32, value)) return value;
  throw new Abort(run.mismatchText(isNumber ? `number ${run.literal ?? String(value)}` : wordFor(value), 'int32'));
}

export function decodeTime(unit: 'seconds' | 'micros', value: unknown, run: Run): string {
  if (typeof value !== 'string') throw new Abort(run.mismatchText(wordFor(value), 'string'));
  const read = readGoTime(value, unit);
  if ('error' in read) throw new Abort(read.error);
  return read.text;
}
