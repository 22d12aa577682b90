import { compare, compileIgnore, remainingChanges } from '@homeostat/diff';
import { printRef, refOf, stringifyJson } from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { SEED, dice, fixture, fixtures, withAt } from './fixtures.ts';
import { questionOf } from './questions.ts';

const manager = { current: 'homeostat', former: ['old-name'] };

function changesOf(desired: KubeObject, live: KubeObject) {
  const verdict = compare(desired, live, { manager });
  return verdict.state === 'in-sync' ? [] : verdict.changes;
}

const ours = (fieldsV1: object, apiVersion = 'v1'): ManagedFieldsEntry => ({
  manager: 'homeostat',
  operation: 'Apply',
  apiVersion,
  fieldsType: 'FieldsV1',
  fieldsV1: { ...fieldsV1 },
});

function configMap(data: object, ...managedFields: object[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', ...(managedFields.length > 0 && { managedFields }) },
    data,
  };
}

describe('what a real API server answered', () => {
  test.each(fixtures().map((pair) => [printRef(refOf(pair.desired)), pair] as const))('%s', (_, { desired, live }) => {
    const verdict = compare(desired, live, { manager });
    expect(verdict).toMatchObject(
      questionOf(desired, 'unique') === undefined
        ? { state: 'in-sync' }
        : { state: 'unknown', reason: 'normalization' },
    );
  });
});

describe('whose fields', () => {
  const desired = configMap({ a: '1', b: '2' });

  test('a value that another manager also owns is in sync as long as it is ours too', () => {
    const theirs = { ...ours({ 'f:data': { 'f:a': {}, 'f:b': {} } }), manager: 'other' };
    const live = configMap({ a: '1', b: '2' }, ours({ 'f:data': { 'f:a': {}, 'f:b': {} } }), theirs);
    expect(compare(desired, live, { manager })).toEqual({ state: 'in-sync' });
  });

  test('an equal value that is not ours is a change of ownership, with the holder', () => {
    const theirs = {
      manager: 'kubectl-edit',
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsV1: { 'f:data': { 'f:b': {} } },
    };
    const live = configMap({ a: '1', b: '2' }, ours({ 'f:data': { 'f:a': {} } }), theirs);
    expect(compare(desired, live, { manager })).toEqual({
      state: 'differs',
      changes: [
        {
          path: '.data.b',
          kind: 'ownership',
          desired: '2',
          live: '2',
          heldBy: { manager: 'kubectl-edit', operation: 'Update', time: '2026-01-01T00:00:00Z' },
        },
      ],
    });
  });

  test('of several holders the latest is named; one of a subresource says so', () => {
    const entry = (name: string, time: string | undefined, more: object = {}) => ({
      manager: name,
      operation: 'Update',
      apiVersion: 'v1',
      ...(time && { time }),
      fieldsV1: { 'f:data': { 'f:a': {} } },
      ...more,
    });
    const live = configMap(
      { a: 'x', b: '2' },
      ours({ 'f:data': { 'f:b': {} } }),
      entry('untimed', undefined),
      entry('early', '2026-01-01T00:00:00Z'),
      entry('late', '2026-01-02T00:00:00Z', { subresource: 'scale' }),
    );
    expect(changesOf(desired, live)).toMatchObject([
      { path: '.data.a', heldBy: { manager: 'late', subresource: 'scale' } },
    ]);
  });

  test('our entries of a subresource, our updates and those of a former name are not ours', () => {
    const set = { 'f:data': { 'f:a': {}, 'f:b': {} } };
    for (const entry of [
      { ...ours(set), subresource: 'status' },
      { ...ours(set), operation: 'Update' },
      { ...ours(set), manager: 'old-name' },
    ]) {
      expect(compare(desired, configMap({ a: '1', b: '2' }, entry), { manager })).toMatchObject({
        state: 'unknown',
        reason: 'no-entry',
        changes: [{ kind: 'ownership', heldBy: { manager: entry.manager } }, { kind: 'ownership' }],
      });
    }
  });

  test('an entry that cannot be read is as good as none', () => {
    const live = configMap({ a: '1', b: '2' }, ours({ 'f:data': [] }));
    expect(compare(desired, live, { manager })).toMatchObject({ state: 'unknown', reason: 'no-entry' });
  });

  test('an object of which nothing can be owned is in sync without an entry', () => {
    const bare = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bare', namespace: 'demo' } };
    expect(compare(bare, { ...bare, metadata: { ...bare.metadata, uid: 'u' } }, { manager })).toEqual({
      state: 'in-sync',
    });
  });

  test('a field that we own, do not desire, and that is not there is nothing to remove', () => {
    const live = configMap({ a: '1', b: '2' }, ours({ 'f:data': { 'f:a': {}, 'f:b': {}, 'f:gone': {} } }));
    expect(compare(desired, live, { manager })).toEqual({ state: 'in-sync' });
  });
});

describe('what Git changed', () => {
  const { desired, live } = fixture('Deployment', 'web');
  const pod = ['spec', 'template', 'spec'] as const;

  test.each([
    ['a scalar', ['spec', 'replicas'], 3, '.spec.replicas', 'change'],
    ['a new field', [...pod, 'priorityClassName'], 'high', '.spec.template.spec.priorityClassName', 'add'],
    [
      'a removed field',
      [...pod, 'terminationGracePeriodSeconds'],
      undefined,
      '.spec.template.spec.terminationGracePeriodSeconds',
      'remove',
    ],
    ['a removed map', [...pod, 'securityContext'], undefined, '.spec.template.spec.securityContext', 'remove'],
    [
      'an annotation',
      ['metadata', 'annotations', 'example.com/empty'],
      'x',
      '.metadata.annotations.example.com/empty',
      'change',
    ],
    ['a removed volume', [...pod, 'volumes', 0], undefined, '.spec.template.spec.volumes[name="config"]', 'remove'],
    [
      'an argument of an atomic list',
      [...pod, 'containers', 0, 'args', 0],
      '-l',
      '.spec.template.spec.containers[name="web"].args',
      'change',
    ],
    [
      'a map where a text was',
      [...pod, 'containers', 1, 'image'],
      { a: 1 },
      '.spec.template.spec.containers[name="sidecar"].image',
      'change',
    ],
    [
      'a text where a map was',
      [...pod, 'containers', 1, 'livenessProbe'],
      'x',
      '.spec.template.spec.containers[name="sidecar"].livenessProbe',
      'change',
    ],
    [
      'a list where a map was',
      [...pod, 'containers', 1, 'livenessProbe'],
      ['x'],
      '.spec.template.spec.containers[name="sidecar"].livenessProbe',
      'change',
    ],
    [
      'null where a map was',
      [...pod, 'containers', 1, 'livenessProbe'],
      null,
      '.spec.template.spec.containers[name="sidecar"].livenessProbe',
      'change',
    ],
  ] as const)('%s', (_, path, value, printed, kind) => {
    const changes = changesOf(withAt(desired, path, value), live);
    expect(changes).toContainEqual(expect.objectContaining({ path: printed, kind }));
    expect(changes).toHaveLength(1);
  });

  test('a new list item is named as its siblings are', () => {
    const list = (desired['spec'] as { template: { spec: { volumes: unknown[] } } }).template.spec.volumes;
    const more = withAt(desired, [...pod, 'volumes'], [...list, { name: 'more', emptyDir: {} }]);
    expect(changesOf(more, live)).toEqual([
      { path: '.spec.template.spec.volumes[name="more"]', kind: 'add', desired: { name: 'more', emptyDir: {} } },
    ]);
  });

  test('the same question gives the same answer in the same order', () => {
    const edited = withAt(withAt(desired, ['spec', 'replicas'], 3), [...pod, 'nodeSelector'], { a: 'b' });
    expect(compare(edited, live, { manager })).toEqual(compare(edited, live, { manager }));
    expect(changesOf(edited, live).map(({ path }) => path)).toEqual([
      '.spec.replicas',
      '.spec.template.spec.nodeSelector',
    ]);
  });
});

describe('values as the server keeps them', () => {
  const held = (spec: object, value: unknown, kind = 'Pod', apiVersion = 'v1'): [KubeObject, KubeObject] => {
    const base = { apiVersion, kind, metadata: { name: 'x' } };
    const live = {
      ...base,
      metadata: { name: 'x', managedFields: [ours({ 'f:spec': { 'f:field': {} } }, apiVersion)] },
    };
    return [
      { ...base, spec },
      { ...live, spec: value === undefined ? {} : { field: value } },
    ];
  };
  const stateOf = (...[desired, live]: [KubeObject, KubeObject]) => compare(desired, live, { manager }).state;

  test.each([[false], [0], [''], [null], [{}], [[]]])(
    'a zero value %j is equal to an absent one while we own the path',
    (zero) => {
      expect(stateOf(...held({ field: zero }, undefined))).toBe('in-sync');
    },
  );

  test.each([[true], [1], ['x'], [{ a: 1 }], [['a']]])('%j is not', (value) => {
    expect(stateOf(...held({ field: value }, undefined))).toBe('differs');
  });

  test('a zero value inside an atomic value is a question: a pointer field would have kept it', () => {
    const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
    expect(stateOf(...held({ field: [{ ...toleration, tolerationSeconds: 0 }] }, [toleration]))).toBe('unknown');
  });

  test('an empty list inside an atomic value is none for built-in kinds, and a question for others', () => {
    expect(stateOf(...held({ field: [{ to: [] }] }, [{}]))).toBe('in-sync');
    expect(stateOf(...held({ field: [{ to: [] }] }, [{}], 'Widget', 'example.com/v1'))).toBe('unknown');
  });

  test('extras inside an atomic value are a question, extra null is nothing', () => {
    expect(stateOf(...held({ field: { a: 'b' } }, { a: 'b', c: null }))).toBe('in-sync');
    expect(stateOf(...held({ field: { a: 'b' } }, { a: 'b', c: 'd' }))).toBe('unknown');
    expect(stateOf(...held({ field: { fieldRef: {} } }, { fieldRef: { apiVersion: 'v1' } }))).toBe('in-sync');
    expect(stateOf(...held({ field: { fieldRef: {} } }, { fieldRef: { apiVersion: 'v2' } }))).toBe('unknown');
    expect(
      stateOf(...held({ field: { fieldRef: {} } }, { fieldRef: { apiVersion: 'v1' } }, 'Widget', 'example.com/v1')),
    ).toBe('unknown');
  });

  test('a list that lost or changed an item differs, one that only goes on is a question', () => {
    expect(stateOf(...held({ field: ['a', 'b'] }, ['a']))).toBe('differs');
    expect(stateOf(...held({ field: ['a', 'b'] }, ['b', 'a']))).toBe('differs');
    expect(stateOf(...held({ field: ['a'] }, ['a', 'b']))).toBe('unknown');
  });

  test.each([
    [1, '1'],
    ['0.5', '500m'],
    ['60s', '1m0s'],
    ['2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00Z'],
    ['YWJj\nZGVm\n', 'YWJjZGVm'],
  ])('%j and %j may be the same, which only the server knows outside known places', (wanted, actual) => {
    expect(stateOf(...held({ field: wanted }, actual))).toBe('unknown');
  });

  test.each([
    ['1', '2'],
    ['60s', '2m'],
    ['a', 'A'],
    [true, 'true'],
    ['80', 'http'],
  ])('%j and %j differ', (wanted, actual) => {
    expect(stateOf(...held({ field: wanted }, actual))).toBe('differs');
  });
});

describe('ignored fields', () => {
  const { desired, live } = fixture('Deployment', 'web');
  const ignoring = (...pointers: string[]) => ({ manager, ignore: compileIgnore([{ pointers }], desired) });

  test('are no difference, changed, removed or added', () => {
    const pod = ['spec', 'template', 'spec'] as const;
    let edited = withAt(desired, ['spec', 'replicas'], 9);
    edited = withAt(edited, [...pod, 'terminationGracePeriodSeconds'], undefined);
    edited = withAt(edited, [...pod, 'priorityClassName'], 'high');
    edited = withAt(edited, [...pod, 'containers', 1, 'image'], 'other');
    edited = withAt(edited, [...pod, 'nodeSelector', 'more'], 'x');
    const all = [
      '/spec/replicas',
      '/spec/template/spec/terminationGracePeriodSeconds',
      '/spec/template/spec/priorityClassName',
      '/spec/template/spec/containers/[name=sidecar]/image',
      '/spec/template/spec/nodeSelector/more',
    ];
    expect(compare(edited, live, ignoring(...all))).toEqual({ state: 'in-sync' });
    for (const left of all) {
      expect(compare(edited, live, ignoring(...all.filter((pointer) => pointer !== left))).state, left).not.toBe(
        'in-sync',
      );
    }
  });

  test('of a removed map or item the rest still counts', () => {
    const edited = withAt(desired, ['spec', 'template', 'spec', 'securityContext'], undefined);
    const verdict = compare(edited, live, ignoring('/spec/template/spec/securityContext/fsGroup'));
    expect(verdict.state === 'in-sync' ? [] : verdict.changes.map(({ path }) => path)).not.toContain(
      '.spec.template.spec.securityContext.fsGroup',
    );
    expect(verdict.state).toBe('differs');
  });

  test('an ignored item has no place in the order', () => {
    const spec = desired['spec'] as { template: { spec: { initContainers: unknown[] } } };
    const swapped = withAt(
      desired,
      ['spec', 'template', 'spec', 'initContainers'],
      spec.template.spec.initContainers.toReversed(),
    );
    expect(compare(swapped, live, { manager })).toMatchObject({ changes: [{ kind: 'order' }] });
    expect(compare(swapped, live, ignoring('/spec/template/spec/initContainers/[name=migrate]'))).toEqual({
      state: 'in-sync',
    });
  });
});

describe('on whatever it gets', () => {
  /** One random edit somewhere in a value. */
  function mutate(value: unknown, roll: (sides: number) => number): unknown {
    const odd = [null, '', 0, 'x', [], {}, true, ['a', { name: 'a' }], { name: [] }, 1n];
    if (typeof value !== 'object' || value === null || roll(6) === 0) return odd[roll(odd.length)];
    const keys = Object.keys(value);
    if (keys.length === 0) return odd[roll(odd.length)];
    const key = keys[roll(keys.length)] as string;
    const part = (value as Record<string, unknown>)[key];
    return withAt(value, [Array.isArray(value) ? Number(key) : key], roll(5) === 0 ? undefined : mutate(part, roll));
  }

  test(`it neither throws nor changes its arguments, and repeats itself (SEED=${SEED})`, () => {
    const roll = dice(SEED);
    const pairs = fixtures();
    for (let i = 0; i < 1500; i++) {
      const pair = pairs[roll(pairs.length)] as (typeof pairs)[number];
      const spoil = (object: KubeObject): KubeObject => {
        const spoiled = mutate(object, roll) as Partial<KubeObject> | undefined;
        return {
          ...object,
          ...(typeof spoiled === 'object' ? spoiled : {}),
          apiVersion: object.apiVersion,
          kind: object.kind,
          metadata: object.metadata,
        };
      };
      const desired = spoil(pair.desired);
      const live = { ...spoil(pair.live), metadata: pair.live.metadata };
      const before = stringifyJson([desired, live]);
      const verdict = compare(desired, live, { manager });
      expect(compare(desired, live, { manager }), `round ${i}`).toEqual(verdict);
      expect(stringifyJson([desired, live]), `round ${i}`).toBe(before);
    }
  });

  function texts(value: unknown): unknown[] {
    if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(texts);
    return value === undefined ? [] : [value];
  }

  test(`no secret value is in a change (SEED=${SEED})`, () => {
    const roll = dice(SEED);
    const secret = 'c3VwZXItc2VjcmV0LXZhbHVl';
    for (let i = 0; i < 300; i++) {
      const data = { a: secret, b: `${secret}${i}` };
      const owned = {
        'f:data': { 'f:a': {}, ...(roll(2) === 0 && { 'f:b': {} }), 'f:old': {} },
        ...(roll(2) === 0 && { 'f:immutable': {} }),
      };
      const base = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
      const desired =
        roll(2) === 0 ? { ...base, data } : { ...base, stringData: { a: secret, b: 'super-secret-value' } };
      const live = {
        ...base,
        metadata: { name: 's', managedFields: [ours(owned)] },
        data: roll(4) === 0 ? secret : { old: secret, b: `x${secret}` },
      };
      const changes = [...changesOf(desired, live), ...remainingChanges(desired, live, { manager, before: live })];
      expect(changes.length, `round ${i}`).toBeGreaterThan(0);
      const shown = changes.flatMap((change) => [...texts(change.desired), ...texts(change.live)]);
      expect(new Set(shown), `round ${i}`).toEqual(new Set(['<redacted>']));
    }
  });

  test('secrets beside those of Secrets are named by the caller', () => {
    const desired = configMap({ a: 'decrypted', b: '1' });
    const live = configMap({ a: 'old-one', b: '2' }, ours({ 'f:data': { 'f:a': {}, 'f:b': {} } }));
    const verdict = compare(desired, live, { manager, sensitive: [['data', 'a']] });
    expect(verdict).toMatchObject({
      changes: [
        { path: '.data.a', desired: '<redacted>', live: '<redacted>' },
        { path: '.data.b', desired: '1', live: '2' },
      ],
    });
  });

  test('a key named __proto__ is data like any other', () => {
    const desired = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"__proto__":"1","constructor":"2"}}',
    ) as KubeObject;
    const live = configMap({}, ours({ 'f:data': { 'f:__proto__': {}, 'f:toString': {} } }));
    expect(changesOf(desired, live)).toMatchObject([
      { path: '.data.__proto__', kind: 'add' },
      { path: '.data.constructor', kind: 'add' },
    ]);
  });
});
