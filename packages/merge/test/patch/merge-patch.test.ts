import { applyMergePatch } from '@homeostat/merge';
import { expect, test } from 'vitest';

test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('RFC 7386, appendix A: %j with %j is %j', (target, patch, expected) => {
  expect(applyMergePatch(target, patch)).toEqual(expected);
});

test('as on the server, maps inside a new list lose their nulls, the list itself does not', () => {
  expect(applyMergePatch({ a: [1] }, { a: [{ b: null, c: 1 }, null] })).toEqual({ a: [{ c: 1 }, null] });
  expect(applyMergePatch({ a: {} }, { a: [{ b: null }] })).toEqual({ a: [{ b: null }] });
});

test('`__proto__` is a key like any other', () => {
  const patch = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1}}') as unknown;
  const merged = applyMergePatch({ a: {} }, patch);
  expect(JSON.stringify(merged)).toBe('{"a":{"__proto__":1},"__proto__":{"polluted":true}}');
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
});

test('changes neither argument', () => {
  const target = Object.freeze({ a: Object.freeze({ b: 1 }) });
  const patch = Object.freeze({ a: Object.freeze({ b: null, c: 2 }) });
  expect(applyMergePatch(target, patch)).toEqual({ a: { c: 2 } });
});
