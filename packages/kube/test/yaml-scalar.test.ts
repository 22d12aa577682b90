/** Scalars at the edges; the rows that Kubernetes itself was asked about are in the tests of `render` and `apiserver`. */
import { expect, test } from 'vitest';
import { impliedTag, resolveScalar, resolveTagged, scalarKey } from '@homeostat/kube';

test.each([
  ['1e18', 10n ** 18n],
  ['9007199254740993', 9007199254740993n],
  ['18446744073709551615', 18446744073709552000],
  ['-0.0', 0],
  ['1e400', '1e400'],
  ['0b-1', -1],
  ['.1_2', 0.12],
  ['1_000', 1000],
  ['y', true],
  ['~', null],
  ['yEs', 'yEs'],
])('%s is %s', (source, value) => {
  expect(resolveScalar(source)).toBe(value);
});

test('a tag takes what fits it, and an integer for a float, never a float for an integer', () => {
  expect(resolveTagged('float', '3')).toBe(3);
  expect(['9.', '1e3', '.0', '92233720368547758080'].map((source) => resolveTagged('int', source))).toEqual(
    Array(4).fill(undefined),
  );
  expect(['9.', '3', 'x', 'on', ''].map((source) => impliedTag(source, resolveScalar(source)))).toEqual([
    'float',
    'int',
    'str',
    'bool',
    'null',
  ]);
});

test('as a key a float is written in single precision; null and what is beyond 63 bits is none', () => {
  const keys = ['0.1', '1e7', '-.0', '0644', 'on', '~', '18446744073709551615'];
  expect(keys.map((source) => scalarKey(source, resolveScalar(source)))).toEqual([
    '0.1',
    '1e+07',
    '-0',
    '420',
    'true',
    undefined,
    undefined,
  ]);
});
