import type { FieldError } from '../../field-error.ts';
import { invalid } from '../../field-error.ts';
import { percentErrors } from '../meta/formats.ts';

/** A count, or a share of all: `1`, `25%`. */
export function validateIntOrPercent(value: unknown, field: string): FieldError[] {
  if (typeof value === 'string') return percentErrors(value).map((text) => invalid(field, value, text));
  return amountOf(value) >= 0 ? [] : [invalid(field, value, 'must be greater than or equal to 0')];
}

export function validateAtMostAll(value: unknown, field: string): FieldError[] {
  const isPercent = typeof value === 'string' && percentErrors(value).length === 0;
  return isPercent && amountOf(value) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : [];
}

/** The number before the percent sign, or the number itself. */
export function amountOf(value: unknown): number {
  if (typeof value === 'number') return value;
  const text = typeof value === 'string' ? value : '';
  return /^[0-9]+%$/.test(text) || /^[+-]?[0-9]+$/.test(text) ? Number.parseInt(text, 10) : 0;
}
