import type { DraftMap } from '../../draft.ts';
import { mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../field-error.ts';
import { dnsLabelErrors, dnsSubdomainErrors, qualifiedNameErrors, rangeErrors } from '../meta/formats.ts';

/** `field[index]`. */
export function item(field: string, index: number): string {
  return `${field}[${String(index)}]`;
}

/** What `check` finds in each map of a list, at its own place. */
export function eachOf(
  parent: DraftMap | undefined,
  list: string,
  field: string,
  check: (one: DraftMap, field: string, index: number) => readonly FieldError[],
): FieldError[] {
  return mapsAt(parent, list).flatMap((one, index) => check(one, item(`${field}.${list}`, index), index));
}

/** A number that may be absent, but not below zero. */
export function nonNegative(parent: DraftMap | undefined, name: string, field: string): FieldError[] {
  const value = numberAt(parent, name) ?? 0;
  return value >= 0 ? [] : [invalid(`${field}.${name}`, value, 'must be greater than or equal to 0')];
}

/** A number that may be absent, but not outside of a range. */
export function inRange(
  parent: DraftMap | undefined,
  name: string,
  field: string,
  min: number,
  max: number,
): FieldError[] {
  const value = numberAt(parent, name);
  if (value === undefined) return [];
  return rangeErrors(value, min, max).map((text) => invalid(`${field}.${name}`, value, text));
}

/** Ids of users and groups on Linux. */
export function validId(parent: DraftMap | undefined, name: string, field: string): FieldError[] {
  return inRange(parent, name, field, 0, 2 ** 31 - 1);
}

/** A text that must not be empty. */
export function requiredText(parent: DraftMap | undefined, name: string, field: string, detail = ''): FieldError[] {
  return textAt(parent, name) === '' ? [required(`${field}.${name}`, detail)] : [];
}

/** A text that may be absent, but is one of `supported` where it is there. */
export function oneOf(
  parent: DraftMap | undefined,
  name: string,
  field: string,
  supported: readonly string[],
): FieldError[] {
  const value = parent?.[name];
  if (value === undefined || value === null) return [];
  return typeof value === 'string' && supported.includes(value)
    ? []
    : [notSupported(`${field}.${name}`, value, supported)];
}

/** A text that must be there and be one of `supported`. */
export function requiredOneOf(
  parent: DraftMap | undefined,
  name: string,
  field: string,
  supported: readonly string[],
): FieldError[] {
  return textAt(parent, name) === '' ? [required(`${field}.${name}`)] : oneOf(parent, name, field, supported);
}

export function dnsLabel(value: string, field: string): FieldError[] {
  return dnsLabelErrors(value).map((text) => invalid(field, value, text));
}

export function dnsSubdomain(value: string, field: string): FieldError[] {
  return dnsSubdomainErrors(value).map((text) => invalid(field, value, text));
}

export function qualifiedName(value: string, field: string): FieldError[] {
  return qualifiedNameErrors(value).map((text) => invalid(field, value, text));
}

/** Each value once: the errors for those that have come before. */
export function repeated(values: readonly (readonly [field: string, value: string])[]): FieldError[] {
  const seen = new Set<string>();
  return values.flatMap(([field, value]) => {
    if (seen.has(value)) return [duplicate(field, value)];
    seen.add(value);
    return [];
  });
}
