import { describe, expect, test } from 'vitest';
import { matchSchema } from '../src/match-schema.ts';
import type { Schema } from '../src/match-schema.ts';
import { syncSchema } from '../src/sync-schema.ts';

const formats = { even: (text: string) => text.length % 2 === 0 };
const told = (value: unknown, schema: Schema): readonly string[] =>
  matchSchema(value, schema, formats).map(({ at, keyword, message }) => `${at}: ${keyword}: ${message}`);

describe('a schema', () => {
  test.each<[unknown, Schema, string]>([
    ['a', { type: 'object' }, ': type: must be object'],
    [[], { type: 'object' }, ': type: must be object'],
    [null, { type: 'object', required: ['a'] }, ': type: must be object'],
    [1.5, { type: 'integer' }, ': type: must be integer'],
    ['1', { type: 'number' }, ': type: must be number'],
    [1, { type: 'boolean' }, ': type: must be boolean'],
    [{}, { type: 'array' }, ': type: must be array'],
    [{}, { required: ['a'] }, ": required: must have required property 'a'"],
    [{ a: 1 }, { properties: { a: { type: 'string' } } }, 'a: type: must be string'],
    [{ a: 1 }, { additionalProperties: false }, ': additionalProperties: must NOT have additional properties'],
    [{ a: [1] }, { additionalProperties: { items: { type: 'string' } } }, 'a.0: type: must be string'],
    ['', { minLength: 1 }, ': minLength: must NOT have fewer than 1 characters'],
    ['aé😀', { maxLength: 2 }, ': maxLength: must NOT have more than 2 characters'],
    ['b', { pattern: '^a$' }, ': pattern: must match pattern "^a$"'],
    ['odd', { format: 'even' }, ': format: must match format "even"'],
    [[], { minItems: 1 }, ': minItems: must NOT have fewer than 1 items'],
    [-1, { minimum: 0 }, ': minimum: must be >= 0'],
    [101, { maximum: 100 }, ': maximum: must be <= 100'],
    ['c', { enum: ['a', 'b'] }, ': enum: must be equal to one of the allowed values'],
    [{ b: 1 }, { propertyNames: { enum: ['a'] } }, ': enum: must be equal to one of the allowed values'],
    [{ a: 1 }, { not: { required: ['a'] } }, ': not: must NOT be valid'],
    [{}, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }, ': oneOf: must match exactly one schema in oneOf'],
    [
      { a: 1, b: 1 },
      { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      ': oneOf: must match exactly one schema in oneOf',
    ],
  ])('refuses %j by %j', (value, schema, mismatch) => {
    expect(told(value, schema)).toEqual([mismatch]);
  });

  test.each<[unknown, Schema]>([
    [{ a: 'x' }, { type: 'object', additionalProperties: false, properties: { a: { type: 'string', minLength: 1 } } }],
    [0, { type: 'integer', minimum: 0, maximum: 0 }],
    ['😀', { maxLength: 1 }],
    [5, { pattern: 'x', format: 'even', minLength: 9, minItems: 9, items: { type: 'string' } }],
    [{ a: 1 }, { oneOf: [{ required: ['a'] }, { required: ['b'] }], title: 'a note', description: 'another' }],
    [{ toString: 1 }, { properties: { toString: { type: 'integer' } }, additionalProperties: false }],
    [{}, { properties: { toString: { type: 'integer' } } }],
  ])('lets %j pass %j', (value, schema) => {
    expect(told(value, schema)).toEqual([]);
  });

  test('of which something is not understood is an error, not a schema that allows everything', () => {
    expect(() => matchSchema(1, { multipleOf: 2 })).toThrow(TypeError);
    expect(() => matchSchema('a', { format: 'odd' }, formats)).toThrow(TypeError);
  });
});

test('everything in the schema of a sync is understood', () => {
  const samples: Readonly<Record<string, unknown>> = {
    object: {},
    array: [],
    string: '',
    integer: 0,
    number: 0,
    boolean: true,
  };
  const visit = (schema: Schema): number => {
    matchSchema(samples[String(schema['type'])], schema, { duration: () => true });
    const inner = [
      ...Object.values((schema['properties'] ?? {}) as Record<string, Schema>),
      ...((schema['oneOf'] ?? []) as Schema[]),
      ...['items', 'additionalProperties', 'not', 'propertyNames'].map(
        (key) => schema[key] as Schema | false | undefined,
      ),
    ];
    return inner.reduce((count, one) => count + (typeof one === 'object' ? visit(one) : 0), 1);
  };
  expect(visit(syncSchema)).toBeGreaterThan(50);
});
