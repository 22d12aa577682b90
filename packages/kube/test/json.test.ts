import { canonicalJson, digest, equalJson, isRecord, parseJson, stringifyJson } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { property, randomJson } from './property.ts';

describe('parseJson and stringifyJson', () => {
  test('keep 64-bit integers that a number cannot hold', () => {
    const text =
      '{"max":9223372036854775807,"min":-9223372036854775808,"odd":9007199254740993,"list":[9007199254740993]}';
    expect(parseJson(text)).toEqual({
      max: 9223372036854775807n,
      min: -9223372036854775808n,
      odd: 9007199254740993n,
      list: [9007199254740993n],
    });
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test('leave every number alone that a number can hold', () => {
    const text = '[9007199254740991,1.5,1e3,-0.25,1234567890123456,0.12345678901234567]';
    const values = parseJson(text) as unknown[];
    expect(values.every((value) => typeof value === 'number')).toBe(true);
    expect(values).toEqual(JSON.parse(text));
  });

  test('read integers beyond 64 bits as floating point, as the API server does', () => {
    expect(parseJson('18446744073709551616')).toBe(2 ** 64);
    expect(parseJson('9223372036854775808')).toBe(2 ** 63);
    expect(parseJson('1234567890123456789.0')).toBe(1234567890123456800);
  });

  test('are not misled by digits inside strings', () => {
    expect(parseJson('{"id":"12345678901234567890","n":1}')).toEqual({ id: '12345678901234567890', n: 1 });
  });

  test('keep keys that are special to JavaScript', () => {
    const text = '{"__proto__":{"a":9007199254740993},"constructor":1}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test('refuse what is not JSON', () => {
    expect(() => parseJson('{a: 1}')).toThrow(SyntaxError);
    expect(() => parseJson('{"n":9007199254740993')).toThrow(SyntaxError);
    expect(() => stringifyJson(undefined)).toThrow(TypeError);
  });

  test('indent on demand', () => {
    expect(stringifyJson({ a: [1n] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  property('give every value back', (random) => {
    const value = randomJson(random);
    expect(equalJson(parseJson(stringifyJson(value)), value)).toBe(true);
  });
});

describe('canonicalJson and equalJson', () => {
  test('write keys sorted by code units, and nothing in between', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, B: 2, é: 0.5, '10': 1, '9': 1 })).toBe(
      '{"10":1,"9":1,"B":2,"a":true,"b":[1,{"c":"x","d":null}],"é":0.5}',
    );
  });

  test('take an undefined property for an absent one', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(equalJson({ a: undefined, b: 1 }, { b: 1 })).toBe(true);
    expect(equalJson({ a: undefined }, { b: 1 })).toBe(false);
  });

  test('refuse what JSON cannot say', () => {
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
    expect(() => canonicalJson([() => 1])).toThrow(TypeError);
  });

  test('tell apart what only looks alike', () => {
    const values = [
      0,
      '0',
      null,
      false,
      [],
      {},
      '',
      [0],
      { 0: 0 },
      [null],
      { __proto__: null },
      JSON.parse('{"__proto__":{}}'),
    ];
    for (const [i, a] of values.entries()) {
      for (const [j, b] of values.entries()) {
        if (canonicalJson(a) !== canonicalJson(b)) expect(equalJson(a, b), `${i} and ${j}`).toBe(false);
      }
    }
  });

  test('compare integers by value, whether number or bigint', () => {
    expect(equalJson({ n: 5n }, { n: 5 })).toBe(true);
    expect(equalJson(9007199254740993n, 9007199254740992)).toBe(false);
    expect(equalJson(5n, '5')).toBe(false);
    expect(equalJson(5n, 5.5)).toBe(false);
    expect(equalJson(5n, undefined)).toBe(false);
  });

  test('digest is the SHA-256 of the canonical text', () => {
    expect(digest({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    expect(digest({ b: 1, a: 2 })).toBe(digest({ a: 2, b: 1 }));
  });

  property('canonical text is stable, and equal exactly when the values are', (random) => {
    const value = randomJson(random);
    const other = randomJson(random);
    expect(canonicalJson(parseJson(canonicalJson(value)))).toBe(canonicalJson(value));
    expect(canonicalJson(reorder(value))).toBe(canonicalJson(value));
    expect(equalJson(reorder(value), value)).toBe(true);
    expect(equalJson(value, other)).toBe(canonicalJson(value) === canonicalJson(other));
  });
});

/** The same value with the keys of every object the other way round. */
function reorder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reorder);
  return isRecord(value)
    ? Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, item]) => [key, reorder(item)]),
      )
    : value;
}

test('isRecord knows an object from a list and from null', () => {
  expect([{}, { a: 1 }, [], null, 'a', 1, undefined].map(isRecord)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
