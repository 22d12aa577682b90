import { applyStrategicPatch, patchTypeFromOpenApi } from '@homeostat/merge';
import type { PatchSchema } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';

const merged = (mergeKey?: string): PatchSchema => ({
  'x-kubernetes-patch-strategy': 'merge',
  ...(mergeKey !== undefined && { 'x-kubernetes-patch-merge-key': mergeKey }),
});

const schemas: Readonly<Record<string, PatchSchema>> = {
  Pod: {
    properties: {
      name: {},
      labels: { additionalProperties: {} },
      nested: { additionalProperties: { $ref: '#/components/schemas/Pod' } },
      parent: { allOf: [{ $ref: '#/components/schemas/Pod' }] },
      strategy: { properties: { type: {}, rollingUpdate: { properties: { surge: {} } } } },
      source: { ...merged(), 'x-kubernetes-patch-strategy': 'replace', properties: { a: {}, b: {} } },
      containers: { ...merged('name'), items: { allOf: [{ $ref: '#/components/schemas/Container' }] } },
      finalizers: { ...merged(), items: {} },
      args: { items: {} },
      volumes: { ...merged('name'), 'x-kubernetes-patch-strategy': 'merge,retainKeys', items: { properties: {} } },
    },
  },
  Container: {
    properties: { name: {}, image: {}, ports: { ...merged('port'), items: { properties: { port: {}, name: {} } } } },
  },
};

const pod = patchTypeFromOpenApi({ $ref: '#/components/schemas/Pod' }, (name) => schemas[name]);
const apply = (target: object, patch: object) =>
  applyStrategicPatch(target as Record<string, unknown>, patch as Record<string, unknown>, pod);
const code = (text: string) => expect.objectContaining({ name: 'MergeError', code: text }) as Error;

describe('maps and scalars', () => {
  test('maps are merged, null removes, scalars and plain lists are replaced', () => {
    const target = { name: 'a', labels: { a: '1', b: '2' }, args: ['x', 'y'] };
    const patch = { name: 'b', labels: { a: null, c: '3' }, args: ['z'] };
    expect(apply(target, patch)).toEqual({ name: 'b', labels: { b: '2', c: '3' }, args: ['z'] });
  });

  test('what is new comes without nulls and without maps that hold a directive', () => {
    const patch = { strategy: { type: null, rollingUpdate: { $patch: 'delete' } }, parent: { $patch: 'replace' } };
    expect(apply({}, patch)).toEqual({ strategy: {} });
  });

  test('a field with strategy replace is replaced', () => {
    expect(apply({ source: { a: 1 } }, { source: { b: 2 } })).toEqual({ source: { b: 2 } });
  });

  test('`$patch: delete` empties a map, `$patch: replace` puts the rest in its place', () => {
    const target = { strategy: { type: 'RollingUpdate', rollingUpdate: { surge: 1 } } };
    expect(apply(target, { strategy: { $patch: 'delete' } })).toEqual({ strategy: {} });
    expect(apply(target, { strategy: { $patch: 'replace', type: 'Recreate' } })).toEqual({
      strategy: { type: 'Recreate' },
    });
    expect(() => apply(target, { strategy: { $patch: 'burn' } })).toThrow(code('PATCH_MISMATCH'));
  });

  test('`$retainKeys` removes what it does not name', () => {
    const target = { strategy: { type: 'RollingUpdate', rollingUpdate: { surge: 1 } } };
    expect(apply(target, { strategy: { $retainKeys: ['type'], type: 'Recreate' } })).toEqual({
      strategy: { type: 'Recreate' },
    });
    const other = { strategy: { $retainKeys: ['type'], rollingUpdate: {} } };
    expect(() => apply(target, other)).toThrow(code('INVALID_PATCH'));
    expect(() => apply(target, { strategy: { $retainKeys: 'type' } })).toThrow(code('INVALID_PATCH'));
  });

  test('references are followed, through allOf and in circles', () => {
    const target = { parent: { parent: { containers: [{ name: 'a', image: '1' }] } } };
    const patch = { parent: { parent: { containers: [{ name: 'a', image: '2' }] } } };
    expect(apply(target, patch)).toEqual(patch);
  });
});

describe('merged lists', () => {
  const target = { containers: [{ name: 'a', image: '1' }, { name: 'b', image: '2' }, { name: 'c' }] };

  test('items meet by their merge key; new ones come before those that the patch does not name', () => {
    const patch = { containers: [{ name: 'd' }, { name: 'b', image: '3' }] };
    expect(apply(target, patch)).toEqual({
      containers: [{ name: 'd' }, { name: 'a', image: '1' }, { name: 'b', image: '3' }, { name: 'c' }],
    });
  });

  test('`$patch: delete` removes the item with this key, `$patch: replace` all others', () => {
    expect(apply(target, { containers: [{ name: 'b', $patch: 'delete' }] })).toEqual({
      containers: [{ name: 'a', image: '1' }, { name: 'c' }],
    });
    expect(apply(target, { containers: [{ $patch: 'replace' }, { name: 'x' }] })).toEqual({
      containers: [{ name: 'x' }],
    });
  });

  test('`$setElementOrder` orders; items it does not name keep their place as well as they can', () => {
    const order = (...names: string[]) => ({ '$setElementOrder/containers': names.map((name) => ({ name })) });
    const names = (result: object) => (result as typeof target).containers.map(({ name }) => name).join('');
    expect(names(apply(target, order('c', 'a')))).toBe('bca');
    expect(names(apply(target, { ...order('c', 'd', 'b', 'a'), containers: [{ name: 'd' }] }))).toBe('cdba');
    expect(() => apply(target, { ...order('a', 'b'), containers: [{ name: 'b' }, { name: 'a' }] })).toThrow(
      code('PATCH_MISMATCH'),
    );
    expect(() => apply(target, { '$setElementOrder/containers': 'a' })).toThrow(code('PATCH_MISMATCH'));
    expect(() => apply(target, { '$setElementOrder:containers': [] })).toThrow(code('INVALID_PATCH'));
  });

  test('an item without its merge key is refused in the words of the server', () => {
    const attempt = () => apply(target, { containers: [{ image: 'z' }] });
    expect(attempt).toThrow(code('MISSING_MERGE_KEY'));
    expect(attempt).toThrow('map: map[image:z] does not contain declared merge key: name');
  });

  test('scalars are added once, and removed by `$deleteFromPrimitiveList`', () => {
    const live = { finalizers: ['a', 'b'] };
    expect(apply(live, { finalizers: ['c', 'a'] })).toEqual({ finalizers: ['c', 'a', 'b'] });
    expect(apply(live, { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] })).toEqual({
      finalizers: ['c', 'b'],
    });
    expect(apply({}, { '$deleteFromPrimitiveList/finalizers': ['a'] })).toEqual({});
    expect(() => apply(live, { $deleteFromPrimitiveList: ['a'] })).toThrow(code('INVALID_PATCH'));
  });

  test('items of different kinds, or lists of lists, are refused', () => {
    expect(() => apply({ finalizers: ['a'] }, { finalizers: [1] })).toThrow(code('PATCH_MISMATCH'));
    expect(() => apply({ finalizers: ['a'] }, { finalizers: [['b']] })).toThrow(code('PATCH_FAILED'));
  });
});

test('going into a field that the type does not have is refused; setting one is not', () => {
  expect(() => apply({ strange: { a: 1 } }, { strange: { a: 2 } })).toThrow(code('UNKNOWN_FIELD'));
  expect(() => apply({ nested: { a: { name: 'x' } } }, { nested: { a: { name: 'y' } } })).toThrow(
    code('UNKNOWN_FIELD'),
  );
  expect(apply({}, { strange: { a: 2 } })).toEqual({ strange: { a: 2 } });
});

test('`__proto__` is a key like any other', () => {
  const patch = JSON.parse('{"labels":{"__proto__":"x"},"__proto__":{"polluted":true}}') as object;
  const result = apply({ labels: { a: 'b' } }, patch);
  expect(JSON.stringify(result)).toBe('{"labels":{"a":"b","__proto__":"x"},"__proto__":{"polluted":true}}');
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
});

test('changes neither argument', () => {
  const frozen = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
    return value;
  };
  const target = frozen({ containers: [{ name: 'a', ports: [{ port: 1 }] }], finalizers: ['a'] }) as object;
  const patch = frozen({
    containers: [{ name: 'a', $retainKeys: ['name', 'ports'], ports: [{ port: 1, $patch: 'delete' }, { port: 2 }] }],
    '$setElementOrder/containers': [{ name: 'a' }],
    finalizers: ['b'],
    '$deleteFromPrimitiveList/finalizers': ['a'],
  }) as object;
  expect(apply(target, patch)).toEqual({ containers: [{ name: 'a', ports: [{ port: 2 }] }], finalizers: ['b'] });
});
