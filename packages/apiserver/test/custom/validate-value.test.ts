import { describe, expect, test } from 'vitest';
import type { DraftMap } from '../../src/draft.ts';
import { fieldErrorText } from '../../src/field-error.ts';
import { repeatedItems } from '../../src/custom/list-items.ts';
import { compileSchema } from '../../src/custom/structural.ts';
import { validateValue } from '../../src/custom/validate-value.ts';

function errors(schema: DraftMap, value: unknown, old?: unknown): readonly string[] {
  const compiled = compileSchema({ type: 'object', properties: { spec: schema } });
  const options = old === undefined ? {} : { old: { value: { spec: old } } };
  return validateValue({ spec: value }, compiled, options).map((error) => `${error.field}: ${fieldErrorText(error)}`);
}

describe('validating a value by its schema', () => {
  test('says what type it should be, and what it is', () => {
    expect(errors({ type: 'integer' }, '5')).toEqual([
      'spec: Invalid value: "string": spec in body must be of type integer: "string"',
    ]);
    expect(errors({ 'x-kubernetes-int-or-string': true }, true)).toEqual([
      'spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"',
    ]);
    expect(errors({ type: 'string' }, null)).toEqual([
      'spec: Invalid value: "null": spec in body must be of type string: "null"',
    ]);
    expect(errors({ type: 'string', nullable: true }, null)).toEqual([]);
  });

  test('bounds texts by characters', () => {
    expect(errors({ type: 'string', maxLength: 2 }, '🙂🙂')).toEqual([]);
    expect(errors({ type: 'string', maxLength: 1 }, 'ab')).toEqual(['spec: Too long: may not be more than 1 byte']);
    expect(errors({ type: 'string', minLength: 2 }, 'ä')).toEqual([
      'spec: Invalid value: "ä": spec in body should be at least 2 chars long',
    ]);
  });

  test('bounds numbers, and prints them as Go does', () => {
    expect(errors({ type: 'number', maximum: 1.5, exclusiveMaximum: true }, 1_234_567.5)).toEqual([
      'spec: Invalid value: 1.2345675e+06: spec in body should be less than 1.5',
    ]);
    expect(errors({ type: 'integer', multipleOf: 5, minimum: 10 }, 7)).toEqual([
      'spec: Invalid value: 7: spec in body should be a multiple of 5',
      'spec: Invalid value: 7: spec in body should be greater than or equal to 10',
    ]);
    expect(errors({ type: 'integer', format: 'int32' }, 3_000_000_000)).toEqual([
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec',
    ]);
  });

  test('names what is required, and what may not be', () => {
    const schema = { type: 'object', required: ['a'], properties: { a: {}, b: { type: 'string', enum: ['x', 'y'] } } };
    expect(errors(schema, { b: 'z' })).toEqual([
      'spec.b: Unsupported value: "z": supported values: "x", "y"',
      'spec.a: Required value',
    ]);
  });

  test('reports the alternative that fits best', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'integer' } },
      oneOf: [{ required: ['a'] }, { required: ['b'], properties: { b: { minimum: 3 } } }],
    };
    expect(errors(schema, { a: 'x' })).toEqual([]);
    expect(errors(schema, { a: 'x', b: 3 })).toEqual([
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ]);
    expect(errors(schema, {})).toEqual([
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
      'spec.a: Required value',
    ]);
  });

  test('matches patterns in linear time, by the rules of Go', () => {
    const start = performance.now();
    expect(errors({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}!`)).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(errors({ type: 'string', pattern: String.raw`^\p{Lu}\z` }, 'Ä')).toEqual([]);
  });

  test('checks formats in linear time', () => {
    for (const [format, text] of [
      ['duration', '1'.repeat(200_000)],
      ['email', `${'a'.repeat(100_000)} <b`],
      ['hostname', 'a.'.repeat(100_000)],
      ['uri', `http://${'a'.repeat(100_000)}%`],
    ] as const) {
      const start = performance.now();
      expect(errors({ type: 'string', format }, text)).toHaveLength(1);
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });
});

describe('validating an update', () => {
  const keyed = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: { type: 'object', properties: { name: { type: 'string' }, v: { type: 'string', maxLength: 2 } } },
  };
  const schema = { type: 'object', properties: { a: { type: 'string', maxLength: 2 }, b: { type: 'string' }, keyed } };

  test('lets pass what was wrong and stays', () => {
    expect(errors(schema, { a: 'long', b: 'new' }, { a: 'long', b: 'old' })).toEqual([]);
  });

  test('refuses what was wrong and becomes otherwise wrong', () => {
    expect(errors(schema, { a: 'longer' }, { a: 'long' })).toEqual(['spec.a: Too long: may not be more than 2 bytes']);
  });

  test('finds items of keyed lists by their keys', () => {
    const [wrong, right] = [
      { name: 'k', v: 'long' },
      { name: 'l', v: 'ok' },
    ];
    expect(errors(schema, { keyed: [right, wrong] }, { keyed: [wrong, right] })).toEqual([]);
    expect(errors(schema, { keyed: [{ name: 'm', v: 'long' }] }, { keyed: [wrong] })).toHaveLength(1);
  });

  test('compares long keyed lists in one pass', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({ name: `n${String(index)}`, v: 'long' }));
    const start = performance.now();
    expect(errors(schema, { keyed: list, b: 'new' }, { keyed: list.toReversed() })).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('items of sets and maps', () => {
  test('are named where they stand for the second time', () => {
    const schema = compileSchema({
      type: 'object',
      properties: {
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        map: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a', 'b'], items: {} },
      },
    });
    const value = { set: ['x', 'x', 'x', 'y', 'y'], map: [{ a: 1 }, { a: 1, b: 2 }, { a: 1, c: 3 }] };
    expect(repeatedItems(value, schema).map((error) => `${error.field}: ${fieldErrorText(error)}`)).toEqual([
      'map[2]: Duplicate value: {"a":1}',
      'set[1]: Duplicate value: "x"',
      'set[4]: Duplicate value: "y"',
    ]);
  });
});
