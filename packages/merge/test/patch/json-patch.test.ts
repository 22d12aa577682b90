import { applyJsonPatch } from '@homeostat/merge';
import type { JsonPatchOp, JsonPatchOptions } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';

const failing = (target: unknown, op: JsonPatchOp, options?: JsonPatchOptions) => () =>
  applyJsonPatch(target, [op], options);
const PATCH_FAILED = expect.objectContaining({ name: 'MergeError', code: 'PATCH_FAILED' }) as Error;

describe('in both variants', () => {
  test.each(['kubernetes', 'rfc6902'] as const)('%s: every operation on maps and lists', (variant) => {
    const target = { a: 1, list: ['x', 'z'], 'b/c~d': { deep: true } };
    const operations: JsonPatchOp[] = [
      { op: 'test', path: '/a', value: 1 },
      { op: 'add', path: '/list/1', value: 'y' },
      { op: 'add', path: '/list/-', value: 'end' },
      { op: 'remove', path: '/list/0' },
      { op: 'replace', path: '/b~1c~0d/deep', value: [1, { q: null }] },
      { op: 'copy', from: '/b~1c~0d', path: '/copied' },
      { op: 'move', from: '/a', path: '/moved' },
      { op: 'test', path: '/copied', value: { deep: [1, { q: null }] } },
    ];
    expect(applyJsonPatch(target, operations, { variant })).toEqual({
      list: ['y', 'z', 'end'],
      'b/c~d': { deep: [1, { q: null }] },
      copied: { deep: [1, { q: null }] },
      moved: 1,
    });
    expect(target).toEqual({ a: 1, list: ['x', 'z'], 'b/c~d': { deep: true } });
  });

  test.each(['kubernetes', 'rfc6902'] as const)('%s: what cannot be done fails as a whole', (variant) => {
    const target = { list: [1], map: {}, text: 'a' };
    const options = { variant };
    expect(failing(target, { op: 'test', path: '/text', value: 'b' }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'remove', path: '/nothing' }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'remove', path: '/list/1' }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'add', path: '/list/3', value: 1 }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'add', path: '/list/x', value: 1 }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'add', path: '/no/parent', value: 1 }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'add', path: '/text/0', value: 1 }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'remove', path: '' }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'frobnicate', path: '/map' }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'add' }, options)).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'move', path: '/map/a' }, options)).toThrow(PATCH_FAILED);
  });
});

describe('where the API server is not the RFC', () => {
  const target = { list: [1, 2, 3], map: {} };

  test('`replace` of a missing map key adds', () => {
    const operation = { op: 'replace', path: '/map/a', value: 1 };
    expect(applyJsonPatch(target, [operation])).toMatchObject({ map: { a: 1 } });
    expect(failing(target, operation, { variant: 'rfc6902' })).toThrow(PATCH_FAILED);
  });

  test('`test` and `copy` read a missing map key as null', () => {
    const operations = [
      { op: 'test', path: '/map/a', value: null },
      { op: 'test', path: '/map/a' },
      { op: 'copy', from: '/map/a', path: '/b' },
    ];
    expect(applyJsonPatch(target, operations)).toEqual({ ...target, b: null });
    for (const operation of operations)
      expect(failing(target, operation, { variant: 'rfc6902' })).toThrow(PATCH_FAILED);
  });

  test('a negative index counts from the end', () => {
    expect(applyJsonPatch(target, [{ op: 'remove', path: '/list/-1' }])).toMatchObject({ list: [1, 2] });
    expect(applyJsonPatch(target, [{ op: 'add', path: '/list/-1', value: 4 }])).toMatchObject({ list: [1, 2, 3, 4] });
    expect(failing(target, { op: 'remove', path: '/list/-4' })).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'remove', path: '/list/-1' }, { variant: 'rfc6902' })).toThrow(PATCH_FAILED);
  });

  test('the whole document can be replaced by a map or a list, and not added', () => {
    expect(applyJsonPatch(target, [{ op: 'replace', path: '', value: [] }])).toEqual([]);
    expect(failing(target, { op: 'replace', path: '', value: 1 })).toThrow(PATCH_FAILED);
    expect(failing(target, { op: 'add', path: '', value: {} })).toThrow(PATCH_FAILED);
    expect(applyJsonPatch(target, [{ op: 'add', path: '', value: 1 }], { variant: 'rfc6902' })).toBe(1);
  });

  test('text before the first slash of a path says nothing', () => {
    expect(applyJsonPatch(target, [{ op: 'add', path: 'x/map/a', value: 1 }])).toMatchObject({ map: { a: 1 } });
    expect(failing(target, { op: 'add', path: 'x/map/a', value: 1 }, { variant: 'rfc6902' })).toThrow(PATCH_FAILED);
  });
});

test('`__proto__` is a key like any other, and inherited names are none', () => {
  const patched = applyJsonPatch({}, [
    { op: 'add', path: '/__proto__', value: {} },
    { op: 'add', path: '/__proto__/polluted', value: true },
  ]);
  expect(JSON.stringify(patched)).toBe('{"__proto__":{"polluted":true}}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(failing({}, { op: 'add', path: '/constructor/x', value: 1 })).toThrow(PATCH_FAILED);
});

test('a value that is put in twice stays two values', () => {
  const value = { n: 1 };
  const patched = applyJsonPatch({}, [
    { op: 'add', path: '/a', value },
    { op: 'add', path: '/b', value },
    { op: 'replace', path: '/a/n', value: 2 },
  ]);
  expect(patched).toEqual({ a: { n: 2 }, b: { n: 1 } });
});

test('copies that double a document again and again are stopped', () => {
  const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
  expect(() => applyJsonPatch({ a: ['x'] }, doubling, { maxCopyBytes: 1 << 20 })).toThrow(PATCH_FAILED);
});

test('10,000 additions to one list take no time that grows with their square', () => {
  const operations = Array.from({ length: 10_000 }, (_, i) => ({ op: 'add', path: '/a/-', value: i }));
  expect((applyJsonPatch({ a: [] }, operations) as { a: unknown[] }).a).toHaveLength(10_000);
});
