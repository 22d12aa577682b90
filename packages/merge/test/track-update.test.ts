import { MergeError, applyConfiguration, createFieldsCache, trackUpdate } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';
import { ownersOf, specType, story } from './story.ts';

const text = { type: 'string' };
const set = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' };
const items = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: { type: 'object', properties: { name: text, value: text } },
};
const map = { type: 'object', additionalProperties: text };
const spec = {
  type: 'object',
  properties: { a: text, b: text, set, items, map, any: { 'x-kubernetes-int-or-string': true } },
};
const type = specType(spec);
const tracking = { typeOf: () => type, convert: () => undefined, now: '2026-01-01T00:00:09Z', manager: 'u' };
const withSpec = (value: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'T',
  metadata: { name: 't', ...metadata },
  spec: value,
});
const entriesOf = (object: object | undefined): unknown =>
  (object as { metadata: { managedFields?: unknown } }).metadata.managedFields;

describe('what an update owns', () => {
  test('a creator owns all leaves, and the containers that were not there', () => {
    expect(
      story(spec)
        .update('u', { a: '1', map: { k: '1' }, set: ['x'], items: [{ name: 'n' }] })
        .owners(),
    ).toEqual({
      'u (Update)': '.spec .a .items .items[name="n"] .items[name="n"].name .map .map.k .set .set[="x"]',
    });
  });

  test('containers of the empty object are not owned, and neither are its zero values', () => {
    const empty = { apiVersion: 'v1', kind: 'T', metadata: {}, spec: { a: '', map: null } };
    expect(
      story(spec, { empty })
        .update('u', { a: '', b: '1', map: { k: '1' } })
        .owners(),
    ).toEqual({
      'u (Update)': '.b .map.k',
    });
  });

  test('an update owns only what it changed, and takes it from others', () => {
    const told = story(spec)
      .apply('one', { a: '1', map: { k: '1', l: '1' } })
      .update('u', { a: '1', map: { k: '2', l: '1' } });
    expect(told.owners()).toEqual({ one: '.a .map.l', 'u (Update)': '.map.k' });
  });

  test('what it removes belongs to nobody', () => {
    const told = story(spec)
      .update('u', { a: '1', set: ['x', 'y'] })
      .update('v', { set: ['y'] });
    expect(told.owners()).toEqual({ 'u (Update)': '.spec .set .set[="y"]' });
  });

  test('several updates of one manager are one entry, with the time of the last', () => {
    const told = story(spec).update('u', { a: '1' }).update('u', { a: '1', b: '1' });
    expect(told.owners()).toEqual({ 'u (Update)': '.spec .a .b' });
    expect(entriesOf(told.object())).toMatchObject([{ time: '2026-01-01T00:00:02Z' }]);
  });

  test('an update that changes nothing is not recorded', () => {
    const told = story(spec).update('u', { a: '1' });
    const before = told.object();
    expect(told.update('v', { a: '1' }).object()).toEqual(before);
  });

  test('a value of another shape is modified, and its parts come or go', () => {
    const free = story({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    expect(
      free
        .update('u', { x: 1 })
        .update('v', { x: { y: 1 } })
        .owners(),
    ).toEqual({
      'u (Update)': '.spec',
      'v (Update)': '.x .x.y',
    });
    expect(free.update('w', { x: 2 }).owners()).toEqual({ 'u (Update)': '.spec', 'w (Update)': '.x' });
  });

  test('items of one identity are owned as one, without their parts', () => {
    const twice = { set: ['1', '1', '3'], items: [{ name: 'a', value: '1' }, { name: 'a' }, { name: 'b' }] };
    expect(story(spec).update('u', twice).owners()).toEqual({
      'u (Update)': '.spec .items .items[name="a"] .items[name="b"] .items[name="b"].name .set .set[="1"] .set[="3"]',
    });
  });

  test('who adds or removes a second item of one identity takes it', () => {
    const one = { items: [{ name: 'a', value: '1' }] };
    const two = {
      items: [
        { name: 'a', value: '1' },
        { name: 'a', value: '2' },
      ],
    };
    const told = story(spec).update('u', one).update('v', two);
    expect(told.owners()).toEqual({ 'u (Update)': '.spec .items', 'v (Update)': '.items[name="a"]' });
    expect(told.update('w', one).owners()).toEqual({
      'u (Update)': '.spec .items',
      'w (Update)': '.items[name="a"] .items[name="a"].name .items[name="a"].value',
    });
  });

  test('an empty manager is unknown', () => {
    expect(Object.keys(story(spec).update('', { a: '1' }).owners())).toEqual(['unknown (Update)']);
  });
});

const tooDeep: unknown = JSON.parse(`${'{"f:a":'.repeat(9000)}{}${'}'.repeat(9000)}`);

describe('what a client sends as managedFields', () => {
  const live = () => story(spec).apply('one', { a: '1' }).object();
  const sent = (managedFields: unknown, value: object = { a: '2' }) =>
    ownersOf(trackUpdate(live(), withSpec(value, { managedFields }), tracking));

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a reset among other entries', [{}, { manager: 'x', operation: 'Update', apiVersion: 'v1' }]],
    ['an operation that is none', [{ manager: 'x', operation: 'Zap', apiVersion: 'v1', fieldsType: 'FieldsV1' }]],
    ['another fieldsType', [{ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV9' }]],
    ['no apiVersion', [{ manager: 'x', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: {} }]],
    ['fields nested too deep', [{ operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: tooDeep }]],
    [
      'fields that cannot be read',
      [{ operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'k:{': {} } }],
    ],
  ])('%s keeps what is stored', (_, managedFields) => {
    expect(sent(managedFields)).toEqual({ 'u (Update)': '.a' });
    expect(sent(managedFields, { a: '1' })).toEqual({ one: '.a' });
  });

  test.each([
    ['an empty list', []],
    ['a single empty entry', [{}]],
    ['a single entry of nulls', [{ manager: '', time: null }]],
  ])('%s clears them, and records nothing of this update', (_, managedFields) => {
    expect(sent(managedFields)).toEqual({});
  });

  test('a list replaces them, with its times', () => {
    const entry = {
      manager: 'x',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '2020-01-01T02:00:00.5+02:00',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:b': {} } },
    };
    const next = trackUpdate(live(), withSpec({ a: '1' }, { managedFields: [entry] }), tracking);
    expect(entriesOf(next)).toEqual([{ ...entry, time: '2020-01-01T00:00:00Z' }]);
  });

  test('an entry that owns nothing we can read goes, and leaves the object untracked but for this update', () => {
    const entry = {
      manager: 'x',
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'x:foo': {} },
    };
    expect(sent([entry])).toEqual({ 'u (Update)': '.a' });
    expect(sent([entry], { a: '1' })).toEqual({});
  });

  test('on a subresource they are ignored', () => {
    const next = trackUpdate(live(), withSpec({ a: '2' }, { managedFields: [] }), {
      ...tracking,
      subresource: 'status',
    });
    expect(ownersOf(next)).toEqual({ 'u/status (Update)': '.a' });
  });
});

describe('tracking never fails', () => {
  test('an object that nobody owned anything of stays untracked', () => {
    const untracked = withSpec({ a: '1' }, { uid: 'u' });
    const next = withSpec({ a: '2' });
    expect(trackUpdate(untracked, next, tracking)).toBe(next);
  });

  test('a create with nothing to own has no managedFields', () => {
    const next = { apiVersion: 'v1', kind: 'T', metadata: { name: 't' } };
    expect(trackUpdate(undefined, next, tracking)).toBe(next);
  });

  test('an object that does not fit its type keeps the managers it had', () => {
    const live = story(spec).apply('one', { a: '1' }).object();
    const kept = trackUpdate(live, withSpec({ a: 5 }), tracking);
    expect(entriesOf(kept)).toBe(entriesOf(live));
  });

  test('a version into which nothing can be converted keeps the managers it had, and refuses an apply', () => {
    const told = story(spec).apply('one', { a: '1' }, { version: 'v2' });
    const live = { ...told.object(), apiVersion: 'v1' };
    const onlyV1 = (version: string) => {
      if (version === 'v1') return type;
      throw new MergeError('UNKNOWN_TYPE', `no version ${version} of T`);
    };
    const options = { ...tracking, typeOf: onlyV1 };
    expect(entriesOf(trackUpdate(live, withSpec({ a: '2' }), options))).toBe(entriesOf(live));
    expect(() => applyConfiguration(live, withSpec({ b: '2' }), { ...options, force: true })).toThrow(
      'no version v2 of T',
    );
  });

  test('a version that is none keeps the managers it had', () => {
    const live = story(spec).apply('one', { a: '1' }).object();
    const entry = {
      manager: 'x',
      operation: 'Update',
      apiVersion: 'a/b/c',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:x': {} },
    };
    expect(entriesOf(trackUpdate(live, withSpec({ a: '2' }, { managedFields: [entry] }), tracking))).toBe(
      entriesOf(live),
    );
  });
});

describe('many updaters', () => {
  test('the eleventh makes the two oldest ancient changes', () => {
    const told = story(spec);
    told.apply('one', { a: '1' });
    const fields = Array.from({ length: 12 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    fields.forEach((_, i) =>
      told.update(`u${String(i).padStart(2, '0')}`, {
        a: '1',
        map: Object.fromEntries(fields.slice(0, i + 1).map((k) => [k, '1'])),
      }),
    );
    const owners = told.owners();
    expect(Object.keys(owners)).toEqual([
      'one',
      'ancient-changes (Update)',
      ...fields.slice(3).map((key) => `u${key.slice(1)} (Update)`),
    ]);
    expect(owners['ancient-changes (Update)']).toBe('.map .map.k00 .map.k01 .map.k02');
    expect(entriesOf(told.object())).toMatchObject([
      {},
      { time: '2026-01-01T00:00:04Z' },
      {},
      {},
      {},
      {},
      {},
      {},
      {},
      {},
      {},
    ]);
  });

  test('only entries of one version are united', () => {
    const told = story(spec, { maxUpdateManagers: 2 });
    told
      .update('u1', { a: '1' })
      .update('u2', { a: '1', b: '1' }, { version: 'v2' })
      .update('u3', { a: '1', b: '1', set: ['x'] });
    expect(Object.keys(told.owners())).toEqual(['u2@v2 (Update)', 'ancient-changes (Update)']);
  });
});

test('a cache gives the same owners, and the entries that did not change are those of before', () => {
  const cache = createFieldsCache();
  const live = story(spec).apply('one', { a: '1' }).apply('two', { b: '1' }).object();
  const cached = trackUpdate(live, withSpec({ a: '2', b: '1' }), { ...tracking, cache });
  expect(cached).toEqual(trackUpdate(live, withSpec({ a: '2', b: '1' }), tracking));
  expect((entriesOf(cached) as readonly unknown[])[0]).toBe((entriesOf(live) as readonly unknown[])[1]);
  const again = trackUpdate(cached, withSpec({ a: '3', b: '1' }), { ...tracking, manager: 'v', cache });
  expect(ownersOf(again)).toEqual({ two: '.b', 'v (Update)': '.a' });
});
