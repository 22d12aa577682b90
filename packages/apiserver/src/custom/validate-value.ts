import { isMap } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { Correlation } from './correlation.ts';
import {
  Findings,
  fieldErrorOf,
  general,
  missing,
  notListed,
  textTooLong,
  tooManyOf,
  unfit,
  worded,
  wrongType,
} from './finding.ts';
import { deepEqual, isGoInteger, sorted } from './go-values.ts';
import { numberFindings } from './validate-number.ts';
import type { Structural } from './structural.ts';

/** A value of an object, or the object itself, and the schema for it. */
interface Place {
  readonly schema: Structural;
  readonly value: unknown;
  readonly path: string;
  /** The value and the old one that it replaces, where there is one. */
  readonly pair: Correlation | undefined;
}

/**
 * Everything that the schema has against `value`, worded and ordered as kube-openapi does (fields by name, where Go's order
 * is random). `base` is where the value stands in its object.
 *
 * With an old value, what is wrong in parts that have not changed is let pass (KEP-4008).
 */
export function validateValue(
  value: unknown,
  schema: Structural,
  { base = '', old }: { readonly base?: string; readonly old?: { readonly value: unknown } } = {},
): readonly FieldError[] {
  const place = { schema, value, path: '', pair: old && new Correlation(value, old.value, schema) };
  const found = old === undefined ? check(place) : checkPair(place);
  return found.list.map((finding) => fieldErrorOf(finding, base));
}

function checkPair(place: Place): Findings {
  const found = check(place);
  if (found.valid || place.pair?.unchanged !== true) return found;
  const passed = new Findings();
  passed.matches = found.matches;
  return passed;
}

function check(place: Place): Findings {
  const { schema, value, path } = place;
  const found = new Findings();
  if (value === null || value === undefined) {
    if (schema.types.length > 0 && !schema.nullable) found.add(wrongType(path, schema.types.join(','), 'null'));
    if (schema.enum.length > 0) found.add(notListed(path, null, schema.enum));
    return found;
  }
  const step = (findings: Findings): void => {
    found.merge(findings);
    found.matches += 1;
  };
  if (schema.types.length > 0 || schema.format !== undefined) step(checkType(place));
  step(checkAlternatives(place));
  if (typeof value === 'string') {
    step(checkText(value, place));
    if (schema.format?.check !== undefined) step(checkFormat(value, place));
  }
  if (typeof value === 'number' || typeof value === 'bigint') step(numberFindings(value, schema, path));
  if (Array.isArray(value)) step(checkList(value, place));
  step(checkEnum(place));
  if (isMap(value)) step(checkObject(value, place));
  found.matches += 1;
  return found;
}

function checkType({ schema: { types, format }, value, path }: Place): Findings {
  const found = new Findings();
  const type = typeOf(value);
  const fitting = types.includes(type) || (type === 'integer' && types.includes('number'));
  const numeric = types.includes('number') || types.includes('integer');
  const textual = typeof value === 'string' || Array.isArray(value);
  if (!textual && format !== undefined && !fitting && format.name !== formatOf(type)) {
    found.add(wrongType(path, format.name, formatOf(type)));
  } else if (!fitting && !(format !== undefined && !numeric && textual)) {
    found.add(wrongType(path, types.join(','), type));
  } else {
    found.matches += 1;
  }
  return found;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return isGoInteger(value) ? 'integer' : typeof value;
}

function formatOf(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : '';
}

function checkAlternatives(place: Place): Findings {
  const { schema, path } = place;
  const found = new Findings();
  // Nothing is let pass inside of alternatives: there it would decide which of them fits.
  const inside = (alternative: Structural): Findings => check({ ...place, schema: alternative, pair: undefined });
  const results = (schemas: readonly Structural[]): readonly Findings[] => schemas.map(inside);
  const quoted = JSON.stringify(path);

  if (schema.anyOf.length > 0) {
    const tried = results(schema.anyOf);
    const fitting = tried.find((one) => one.valid);
    if (fitting === undefined) found.add(general(`${quoted} must validate at least one schema (anyOf)`));
    found.merge(fitting ?? best(tried));
  }
  if (schema.oneOf.length > 0) {
    const tried = results(schema.oneOf);
    const fitting = tried.filter((one) => one.valid);
    if (fitting.length !== 1) {
      const many = fitting.length === 0 ? 'Found none valid' : `Found ${String(fitting.length)} valid alternatives`;
      found.add(general(`${quoted} must validate one and only one schema (oneOf). ${many}`));
      if (fitting.length === 0) found.merge(best(tried));
    } else if (fitting[0] !== undefined) found.merge(fitting[0]);
  }
  if (schema.allOf.length > 0) {
    const tried = results(schema.allOf);
    for (const one of tried) found.merge(one);
    const fitting = tried.filter((one) => one.valid).length;
    if (fitting !== tried.length) {
      found.add(general(`${quoted} must validate all the schemas (allOf)${fitting === 0 ? '. None validated' : ''}`));
    }
  }
  if (schema.not !== undefined && inside(schema.not).valid) {
    found.add(general(`${quoted} must not validate the schema (not)`));
  }
  found.matches += 1;
  return found;
}

/** The alternative that fitted in most respects: the first of several. */
function best(tried: readonly Findings[]): Findings {
  return tried.reduce((left, right) => (right.matches > left.matches ? right : left));
}

function checkText(value: string, { schema: { limits, pattern }, path }: Place): Findings {
  const found = new Findings();
  const length = Array.from(value).length;
  if (limits.maxLength !== undefined && length > limits.maxLength) {
    found.add(textTooLong(path, limits.maxLength));
  } else if (limits.minLength !== undefined && length < limits.minLength) {
    found.add(unfit(path, value, `should be at least ${String(limits.minLength)} chars long`));
  } else if (pattern !== undefined) {
    const { compiled, source } = pattern;
    if ('error' in compiled) {
      found.add(unfit(path, value, `should match '${source}, but pattern is invalid: ${compiled.error}'`));
    } else if (!compiled.matches(value)) found.add(unfit(path, value, `should match '${source}'`));
  }
  return found;
}

function checkFormat(value: string, { schema: { format }, path }: Place): Findings {
  const found = new Findings();
  if (format?.check?.(value) === false) found.add(wrongType(path, format.name, value));
  return found;
}

function checkList(value: readonly unknown[], place: Place): Findings {
  const { schema, path, pair } = place;
  const { limits } = schema;
  const found = new Findings();
  if (schema.items !== undefined) {
    for (const [index, item] of value.entries()) {
      found.merge(checkBelow(schema.items, item, `${path}[${String(index)}]`, pair?.item(index)));
    }
  }
  if (limits.minItems !== undefined && value.length < limits.minItems) {
    found.add(unfit(path, value.length, `should have at least ${String(limits.minItems)} items`));
  }
  if (limits.maxItems !== undefined && value.length > limits.maxItems) {
    found.add(tooManyOf(path, 'items', value.length, limits.maxItems));
  }
  if (limits.uniqueItems && value.some((item, index) => value.slice(0, index).some((one) => deepEqual(one, item)))) {
    found.add(unfit(path, undefined, "shouldn't contain duplicates"));
  }
  found.matches += 1;
  return found;
}

function checkEnum({ schema, value, path }: Place): Findings {
  const found = new Findings();
  if (schema.enum.length > 0 && !schema.enum.some((one) => isListed(value, one))) {
    found.add(notListed(path, sorted(value), schema.enum));
  }
  return found;
}

/** The real server converts the value to the type of what is listed first: 1.5 is 1, and 65 is `A`. */
function isListed(value: unknown, one: unknown): boolean {
  if (typeof value === 'number' && isGoInteger(one)) return Math.trunc(value) === one;
  if (isGoInteger(value) && typeof one === 'string') return one === characterOf(Number(value));
  return one !== null && deepEqual(one, value);
}

function characterOf(point: number): string {
  const valid = point >= 0 && point <= 0x10_ff_ff && !(point >= 0xd8_00 && point <= 0xdf_ff);
  return String.fromCodePoint(valid ? point : 0xff_fd);
}

function checkObject(value: Readonly<Record<string, unknown>>, place: Place): Findings {
  const { schema, path } = place;
  const { limits, additional } = schema;
  const found = new Findings();
  const names = Object.keys(value).sort();
  if (limits.minProperties !== undefined && names.length < limits.minProperties) {
    found.add(unfit(path, names.length, `should have at least ${String(limits.minProperties)} properties`));
  }
  if (limits.maxProperties !== undefined && names.length > limits.maxProperties) {
    found.add(tooManyOf(path, 'properties', names.length, limits.maxProperties));
  }
  for (const name of names) {
    if (schema.properties.has(name)) continue;
    if (additional === false) found.add(worded(path, name, `${path}.${name} in body is a forbidden property`));
    if (typeof additional === 'object') {
      found.merge(checkBelow(additional, value[name], `${path}.${name}`, ownPair(place, name)));
    }
  }
  for (const name of names) {
    const property = schema.properties.get(name);
    if (property === undefined) continue;
    found.merge(checkBelow(property, value[name], path === '' ? name : `${path}.${name}`, ownPair(place, name)));
  }
  for (const name of schema.required) {
    if (!Object.hasOwn(value, name)) found.add(missing(`${path}.${name}`));
  }
  return found;
}

/** apiVersion and kind at the root are of the request, not of what was stored. */
function ownPair({ path, pair }: Place, name: string): Correlation | undefined {
  return path === '' && (name === 'apiVersion' || name === 'kind') ? undefined : pair?.field(name);
}

function checkBelow(schema: Structural, value: unknown, path: string, pair: Correlation | undefined): Findings {
  const place = { schema, value, path, pair };
  return pair === undefined ? check(place) : checkPair(place);
}
