import { expect, test } from 'vitest';
import { findByPath, parseJsonPath } from '../../src/table/json-path.ts';

const value = {
  kind: 'K',
  spec: {
    list: ['x', 'y', 'z'],
    'a.b': 1,
    deep: { name: 'inner' },
    items: [
      { n: 1, t: 'a' },
      { n: 2, t: 'b', name: 'two' },
    ],
  },
};

function found(path: string): unknown {
  const parsed = parseJsonPath(path);
  return parsed === undefined ? 'unreadable' : findByPath(parsed, value);
}

test.each<[string, unknown]>([
  ['.kind', ['K']],
  ['$.kind', ['K']],
  ['@.kind', ['K']],
  ['.', []],
  ['.nothing.deeper', []],
  ['.kind.deeper', []],
  ["['kind']", ['K']],
  ['.spec.a\\.b', [1]],
  ['.spec.list[0]', ['x']],
  ['.spec.list[-1]', ['z']],
  ['.spec.list[1:]', ['y', 'z']],
  ['.spec.list[:-1]', ['x', 'y']],
  ['.spec.list[::2]', ['x', 'z']],
  ['.spec.list[*]', ['x', 'y', 'z']],
  ['.spec.list[0, 2]', ['x', 'z']],
  ['.spec.items[*].n', [1, 2]],
  ['.spec.items[?(@.n>1)].t', ['b']],
  ['.spec.items[?(@.n<=1)].t', ['a']],
  ['.spec.items[?(@.t == "b")].n', [2]],
  ['.spec.items[?(@.name)].n', [2]],
  ['.spec..name', ['inner', 'two']],
])('%s finds %j', (path, expected) => {
  expect(found(path)).toEqual(expected);
});

test.each(['.spec.list[3]', '.spec.list[2:1]', '.kind[0]', '.spec.deep[?(@.a)]', '.spec.items[?(@.t==1)]'])(
  '%s cannot be followed here',
  (path) => {
    expect(found(path)).toBeUndefined();
  },
);

test.each(['.spec.list[x]', '.spec.list[0', '.spec.items[?(@.n', '....a', 'word', '"open', '.a[1:2:3:4]'])(
  '%s is no path',
  (path) => {
    expect(parseJsonPath(path)).toBeUndefined();
  },
);

test('inherited names are no fields', () => {
  expect(found('.constructor')).toEqual([]);
  expect(found('.__proto__')).toEqual([]);
});
