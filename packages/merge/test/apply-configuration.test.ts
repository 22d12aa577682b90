import { applyConfiguration, fieldElement, fieldSet } from '@homeostat/merge';
import type { JsonObject } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';
import { specType, story } from './story.ts';

const text = { type: 'string' };
const number = { type: 'integer' };
const set = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' };
const keyed = (properties: object, keys: readonly string[] = ['name']) => ({
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  items: { type: 'object', properties: { name: text, ...properties } },
});
const object = (properties: object) => ({ type: 'object', properties });
const mapOf = (additionalProperties: object) => ({ type: 'object', additionalProperties });

const leaves = object({ a: text, b: text, c: text, n: number });

describe('leaves', () => {
  test('an apply owns what it says and replaces what it said', () => {
    const told = story(leaves).apply('one', { a: '1' }).apply('one', { a: '2' });
    expect(told.spec()).toEqual({ a: '2' });
    expect(told.owners()).toEqual({ one: '.a' });
  });

  test('what an applier does not say any more goes, unless nobody had applied it', () => {
    const told = story(leaves).apply('one', { a: '1', b: '2' }).update('ctl', { a: '1', b: '2', c: '3' });
    expect(told.apply('one', { a: '1' }).spec()).toEqual({ a: '1', c: '3' });
    expect(told.owners()).toEqual({ one: '.a', 'ctl (Update)': '.c' });
  });

  test('an apply of nothing gives everything up, and its entry goes', () => {
    const told = story(leaves).apply('one', { a: '1' }).apply('one', undefined);
    expect(told.object()).toEqual({ apiVersion: 'v1', kind: 'T', metadata: { name: 't' } });
  });

  test('two appliers of one value share it; it goes with the last of them', () => {
    const told = story(leaves).apply('one', { a: '1' }).apply('two', { a: '1' });
    expect(told.owners()).toEqual({ one: '.a', two: '.a' });
    expect(told.apply('one', undefined).spec()).toEqual({ a: '1' });
    expect(told.apply('two', undefined).object()).not.toHaveProperty('spec');
  });

  test('another value is a conflict with each owner, and force takes it from all', () => {
    const told = story(leaves).apply('one', { a: '1', b: '1' }).apply('two', { a: '1' });
    expect(told.refusal('three', { a: '2', b: '2' })).toEqual(['one .spec.a', 'one .spec.b', 'two .spec.a']);
    told.force('three', { a: '2' });
    expect(told.owners()).toEqual({ one: '.b', three: '.a' });
  });

  test('an updater owns what it changed, and applying its value shares it', () => {
    const told = story(leaves).apply('one', { a: '1', b: '1' }).update('ctl', { a: '1', b: '2' });
    expect(told.owners()).toEqual({ one: '.a', 'ctl (Update)': '.b' });
    expect(told.refusal('one', { a: '1', b: '1' })).toEqual(['ctl .spec.b']);
    expect(told.apply('one', { a: '1', b: '2' }).owners()).toEqual({ one: '.a .b', 'ctl (Update)': '.b' });
    expect(told.apply('one', { a: '1' }).spec()).toEqual({ a: '1', b: '2' });
  });

  test('an update that removes a field takes it from its owner, who brings it back', () => {
    const told = story(leaves).apply('one', { a: '1', b: '1' }).update('ctl', { a: '1' });
    expect(told.owners()).toEqual({ one: '.a' });
    expect(told.apply('one', { a: '1', b: '1' }).spec()).toEqual({ a: '1', b: '1' });
  });

  test('null and an empty map are owned themselves, and null leaves what is there', () => {
    const told = story(object({ inner: leaves })).apply('one', { inner: { a: '1' } });
    expect(told.apply('two', { inner: null }).spec()).toEqual({ inner: { a: '1' } });
    expect(told.owners()).toEqual({ one: '.inner.a', two: '.inner' });
    expect(told.apply('one', { inner: {} }).spec()).toEqual({ inner: null });
  });
});

describe('lists', () => {
  const told = () =>
    story(object({ set, items: keyed({ value: text, tags: set }), list: { type: 'array', items: text } }));

  test('appliers of one set own their own items', () => {
    const both = told()
      .apply('one', { set: ['a', 'b'] })
      .apply('two', { set: ['b', 'c'] });
    expect(both.owners()).toEqual({ one: '.set[="a"] .set[="b"]', two: '.set[="b"] .set[="c"]' });
    expect(both.apply('one', { set: ['a'] }).spec()).toEqual({ set: ['a', 'b', 'c'] });
    expect(both.apply('two', { set: ['c'] }).spec()).toEqual({ set: ['a', 'c'] });
  });

  test.each([
    ['items of the configuration in its order', ['a', 'b'], ['b', 'a'], ['b', 'a']],
    ['new items after the others', ['a', 'b'], ['c', 'd'], ['a', 'b', 'c', 'd']],
    ['others keep their place between shared ones', ['a', 'x', 'b'], ['a', 'b'], ['a', 'x', 'b']],
    ['new items before the shared one that follows them', ['a', 'x', 'b'], ['n', 'b'], ['a', 'x', 'n', 'b']],
    ['a shared item that comes too early waits for its turn', ['a', 'x', 'b'], ['b', 'n', 'a'], ['x', 'b', 'n', 'a']],
  ])('order: %s', (_, live, config, merged) => {
    expect(told().update('u', { set: live }).apply('one', { set: config }).spec()).toEqual({ set: merged });
  });

  test('a keyed item is owned with its key and by its parts', () => {
    const both = told()
      .apply('one', { items: [{ name: 'a', value: '1' }] })
      .apply('two', { items: [{ name: 'a' }] });
    expect(both.owners()).toEqual({
      one: '.items[name="a"] .items[name="a"].name .items[name="a"].value',
      two: '.items[name="a"] .items[name="a"].name',
    });
    expect(both.apply('one', { items: [{ name: 'b' }] }).spec()).toEqual({ items: [{ name: 'a' }, { name: 'b' }] });
  });

  test('an item that another applier has a part of stays, without the part that was given up', () => {
    const both = told()
      .apply('one', { items: [{ name: 'a' }, { name: 'b', tags: ['x'] }] })
      .apply('two', { items: [{ name: 'b', tags: ['y'] }] })
      .update('ctl', { items: [{ name: 'a' }, { name: 'b', tags: ['x', 'y', 'z'] }] })
      .apply('one', { items: [{ name: 'a' }] });
    expect(both.spec()).toEqual({ items: [{ name: 'a' }, { name: 'b', tags: ['y', 'z'] }] });
    expect(both.owners()['ctl (Update)']).toBe('.items[name="b"].tags[="z"]');
  });

  test('an item of its own goes with what an updater put into it', () => {
    const both = told()
      .apply('one', { items: [{ name: 'a' }, { name: 'b', tags: ['x'] }] })
      .update('ctl', { items: [{ name: 'a' }, { name: 'b', tags: ['x', 'y'] }] })
      .apply('one', { items: [{ name: 'a' }] });
    expect(both.spec()).toEqual({ items: [{ name: 'a' }] });
    expect(both.owners()).toEqual({ one: '.items[name="a"] .items[name="a"].name' });
  });

  test('an atomic list is one value', () => {
    const both = told().apply('one', { list: ['a'] });
    expect(both.owners()).toEqual({ one: '.list' });
    expect(both.refusal('two', { list: ['a', 'b'] })).toEqual(['one .spec.list']);
    expect(both.force('two', { list: ['b'] }).spec()).toEqual({ list: ['b'] });
  });

  test('an empty associative list owns nothing', () => {
    expect(told().apply('one', { set: [], items: [], list: [] }).owners()).toEqual({ one: '.list' });
  });

  test('an empty list in the place of applied items goes with them, and comes with the next apply', () => {
    const emptied = told()
      .apply('one', { set: ['a'], list: [] })
      .apply('one', { set: [], list: [] });
    expect(emptied.spec()).toEqual({ list: [] });
    expect(emptied.apply('one', { set: [], list: [] }).spec()).toEqual({ set: [], list: [] });
  });

  test('what is there twice is replaced by an applied item, and otherwise left', () => {
    const twice = () =>
      told().update('ctl', { set: ['a', 'a', 'b'], items: [{ name: 'x', value: '1' }, { name: 'x' }] });
    expect(
      twice()
        .apply('one', { set: ['c'] })
        .spec(),
    ).toMatchObject({ set: ['a', 'a', 'b', 'c'] });
    expect(twice().refusal('one', { items: [{ name: 'x' }] })).toEqual(['ctl .spec.items[name="x"]']);
    expect(
      twice()
        .force('one', { items: [{ name: 'x', tags: ['t'] }] })
        .spec(),
    ).toMatchObject({
      items: [{ name: 'x', tags: ['t'] }],
    });
  });
});

describe('defaulted keys', () => {
  const ports = keyed({ port: number, protocol: { ...text, default: 'TCP' } }, ['port', 'protocol']);
  const told = () => story(object({ ports }));

  test('an item without such a key is named by its default, and does not own it', () => {
    expect(
      told()
        .apply('one', { ports: [{ port: 80 }] })
        .owners(),
    ).toEqual({
      one: '.ports[port=80,protocol="TCP"] .ports[port=80,protocol="TCP"].port',
    });
  });

  test('it is the same item as one with the key', () => {
    const both = told().apply('one', { ports: [{ port: 80, protocol: 'TCP', name: 'a' }] });
    expect(both.refusal('two', { ports: [{ port: 80, name: 'b' }] })).toEqual([
      'one .spec.ports[port=80,protocol="TCP"].name',
    ]);
  });

  test('a key without default that is absent is no part of the name', () => {
    expect(
      Object.values(
        told()
          .apply('one', { ports: [{ protocol: 'TCP' }] })
          .owners(),
      ),
    ).toEqual(['.ports[protocol="TCP"] .ports[protocol="TCP"].protocol']);
  });
});

describe('maps', () => {
  test('entries of maps are owned themselves, declared fields only by their parts', () => {
    const told = story(object({ map: mapOf(mapOf(text)), struct: object({ x: text }) }));
    told.apply('one', { map: { a: { b: '1' } }, struct: { x: '1' } });
    expect(told.owners()).toEqual({ one: '.map.a .map.a.b .struct.x' });
  });

  test('an entry that another applier shares stays', () => {
    const told = story(object({ map: mapOf(mapOf(text)) }));
    told.apply('one', { map: { a: { x: '1' }, b: { x: '1' } } }).apply('two', { map: { a: { y: '1' } } });
    expect(told.apply('one', { map: {} }).spec()).toEqual({ map: { a: { y: '1' } } });
  });

  test('an atomic map is one value', () => {
    const told = story(object({ map: { ...mapOf(text), 'x-kubernetes-map-type': 'atomic' } }));
    told.apply('one', { map: { a: '1' } });
    expect(told.owners()).toEqual({ one: '.map' });
    expect(told.refusal('two', { map: { a: '1', b: '1' } })).toEqual(['one .spec.map']);
  });

  test('of an unknown type maps are merged and lists are not', () => {
    const told = story({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    told.apply('one', { a: { x: 1 }, list: [{ y: 1 }] }).apply('two', { a: { z: 1 } });
    expect(told.owners()).toEqual({ one: '.a .a.x .list', two: '.a .a.z' });
    expect(told.refusal('two', { a: 5, list: [] })).toEqual(['one .spec.a', 'one .spec.list']);
  });
});

describe('a change of the type', () => {
  const granular = object({ inner: leaves });
  const atomic = object({ inner: { ...leaves, 'x-kubernetes-map-type': 'atomic' } });
  const now = (spec: JsonObject) => ({ typeOf: () => specType(spec) });

  test('who owned parts of what has become atomic owns the whole', () => {
    const told = story(granular)
      .apply('one', { inner: { a: '1' } })
      .now(now(atomic));
    expect(told.refusal('two', { inner: { b: '1' } })).toEqual(['one .spec.inner']);
    expect(told.force('two', { inner: { b: '1' } }).spec()).toEqual({ inner: { b: '1' } });
    expect(told.owners()).toEqual({ two: '.inner' });
  });

  test('who owned the whole of what is merged now does not own its parts', () => {
    const told = story(atomic)
      .apply('one', { inner: { a: '1', b: '1' } })
      .now(now(granular));
    expect(told.apply('two', { inner: { b: '2' } }).spec()).toEqual({ inner: { a: '1', b: '2' } });
    expect(told.owners()).toEqual({ one: '.inner', two: '.inner.b' });
  });
});

describe('versions', () => {
  /** v2 calls the field `a` of v1 `z`. */
  const renamed = {
    convert: (from: Readonly<Record<string, unknown>>, apiVersion: string) => {
      const spec = (from['spec'] ?? {}) as Readonly<Record<string, unknown>>;
      const [was, is] = apiVersion === 'v2' ? ['a', 'z'] : ['z', 'a'];
      const { [was]: value, ...rest } = spec;
      return { ...from, apiVersion, spec: value === undefined ? rest : { ...rest, [is]: value } };
    },
  };
  const both = object({ a: text, z: text, b: text });

  test('what is owned in another version is compared, and kept, in that version', () => {
    const type = specType(both);
    const tracking = { ...renamed, typeOf: () => type, now: '2026-01-01T00:00:00Z' };
    const config = (apiVersion: string, spec: JsonObject): JsonObject => ({
      apiVersion,
      kind: 'T',
      metadata: { name: 't' },
      spec,
    });
    const as = (manager: string, force = false) => ({ ...tracking, manager, force });
    const first = applyConfiguration(undefined, config('v1', { a: '1', b: '1' }), as('one')).object;
    const second = applyConfiguration(first, config('v1', { b: '1' }), as('two')).object;

    const inV2 = renamed.convert(second, 'v2');
    expect(() => applyConfiguration(inV2, config('v2', { z: '2' }), as('two'))).toThrow('conflict with "one": .spec.a');
    const pruned = applyConfiguration(inV2, config('v2', { b: '1' }), as('one')).object;
    expect(pruned['spec']).toEqual({ b: '1' });
  });

  test('an applier has one entry for all versions, an updater one for each', () => {
    const told = story(leaves)
      .apply('one', { a: '1' })
      .apply('one', { a: '2' }, { version: 'v2' })
      .update('ctl', { a: '2', b: '1' })
      .update('ctl', { a: '2', b: '1', c: '1' }, { version: 'v2' });
    expect(told.owners()).toEqual({ 'one@v2': '.a', 'ctl (Update)': '.b', 'ctl@v2 (Update)': '.c' });
  });

  test('what was owned in a version that is gone is owned no more, and not pruned', () => {
    const told = story(leaves).apply('one', { a: '1' }, { version: 'v2' });
    const type = specType(leaves);
    told.now({ typeOf: (version) => (version === 'v2' ? undefined : type) });
    expect(told.apply('one', { b: '1' }).spec()).toEqual({ a: '1', b: '1' });
    expect(told.owners()).toEqual({ one: '.b' });
  });
});

describe('bookkeeping', () => {
  const timesOf = (told: ReturnType<typeof story>) =>
    told
      .entries()
      .map(({ manager, time }) => `${String(manager)} ${typeof time === 'string' ? time.slice(17, 19) : '-'}`);

  test('the same apply again changes nothing, not even a time', () => {
    const told = story(leaves).apply('one', { a: '1' });
    const before = told.object();
    expect(told.apply('one', { a: '1' }).object()).toBe(before);
  });

  test('a new co-owner is recorded without a time, and comes first', () => {
    const told = story(leaves).apply('one', { a: '1' }).apply('two', { a: '1' });
    expect(timesOf(told)).toEqual(['two -', 'one 01']);
  });

  test('a time moves when the object changed, and stays when only the set did', () => {
    const told = story(leaves)
      .apply('one', { a: '1', b: '1' })
      .apply('two', { b: '1', c: '1' })
      .apply('one', { a: '1' });
    expect(timesOf(told)).toEqual(['one 01', 'two 02']);
    expect(timesOf(told.apply('one', { a: '2' }))).toEqual(['two 02', 'one 04']);
  });

  test('an object that nobody owned anything of was there before the first apply', () => {
    const told = story(leaves).update('u', undefined).update('u', { a: '1', b: '1' });
    expect(told.owners()).toEqual({});
    told.apply('one', { a: '1' });
    expect(told.owners()).toEqual({ one: '.a', 'before-first-apply (Update)': '.spec .a .b' });
    expect(told.refusal('one', { b: '2' })).toEqual(['before-first-apply .spec.b']);
  });

  test('identity and what the server writes belong to nobody', () => {
    const told = story(leaves).apply('one', undefined, {
      metadata: { labels: { l: '1' }, resourceVersion: '1', uid: 'u' },
    });
    expect(told.owners()).toEqual({ one: '.metadata.labels.l' });
  });

  test('a subresource has entries of its own, and what it resets is neither owned nor taken', () => {
    const reset = fieldSet([[fieldElement('spec')]]);
    const told = story(leaves)
      .apply('one', { a: '1' })
      .now({ resetFields: () => reset });
    told.apply('one', { a: '2' }, { subresource: 'status', more: { status: { ready: true } } });
    expect(told.owners()).toEqual({ one: '.a', 'one/status': '.status.ready' });
  });

  test('what is applied may not hold managedFields, unless null', () => {
    const told = story(leaves);
    const message = ['MANAGED_FIELDS_GIVEN', 'metadata.managedFields must be nil'];
    expect(told.refusal('one', {}, { metadata: { managedFields: [] } })).toEqual(message);
    const before = told.apply('one', { a: '1' }).object();
    expect(told.apply('one', { a: '1' }, { metadata: { managedFields: null } }).object()).toBe(before);
  });

  test('managedFields that cannot be read refuse an apply', () => {
    const live = { apiVersion: 'v1', kind: 'T', metadata: { managedFields: [{ operation: 'Zap' }] } };
    const tracking = { typeOf: () => specType(leaves), convert: () => undefined, now: '', manager: 'm', force: true };
    expect(() => applyConfiguration(live, { ...live, metadata: {} }, tracking)).toThrow(
      'failed to decode managed fields: operation must be `Apply` or `Update`',
    );
  });
});

describe('messages are those of the API server', () => {
  const told = () =>
    story(
      object({
        a: text,
        n: number,
        on: { type: 'boolean' },
        any: { 'x-kubernetes-int-or-string': true },
        set,
        items: keyed({}),
        list: { type: 'array', items: text },
      }),
    );
  const patch = 'failed to create typed patch object (/t; /v1, Kind=T): ';

  test.each([
    [{ zz: 1 }, 'UNDECLARED_FIELD', '.spec.zz: field not declared in schema'],
    [{ a: 5 }, 'INVALID_VALUE', '.spec.a: expected string, got &value.valueUnstructured{Value:5}'],
    [
      { a: { b: [1, 'x', null] } },
      'INVALID_VALUE',
      '.spec.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"b":[]interface {}{1, "x", interface {}(nil)}}}',
    ],
    [{ n: 'x' }, 'INVALID_VALUE', '.spec.n: expected numeric (int or float), got string'],
    [{ on: { a: 1 } }, 'INVALID_VALUE', '.spec.on: expected boolean, got &{map[a:1]}'],
    ['x', 'INVALID_VALUE', '.spec: expected map, got &{x}'],
    [{ list: 'x' }, 'INVALID_VALUE', '.spec.list: expected list, got &{x}'],
    [{ set: ['a', 'a'] }, 'DUPLICATE_ITEM', '.spec.set: duplicate entries for key [="a"]'],
    [{ items: [{ name: 'a' }, { name: 'a' }] }, 'DUPLICATE_ITEM', '.spec.items: duplicate entries for key [name="a"]'],
    [
      { items: [{}] },
      'INVALID_ITEM',
      `.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    ],
    [
      { items: [null] },
      'INVALID_ITEM',
      '.spec.items: element 0: associative list with keys may not have a null element',
    ],
    [
      { items: [3] },
      'INVALID_ITEM',
      '.spec.items: element 0: associative list with keys may not have non-map elements',
    ],
    [
      { set: [{}] },
      'INVALID_ITEM',
      ".spec.set: element 0: associative list without keys has an element that's a map type",
    ],
    [
      { list: [1, { a: 2 }] },
      'INVALID_VALUE',
      [
        'errors:',
        '  .spec.list[0]: expected string, got &value.valueUnstructured{Value:1}',
        '  .spec.list[1]: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":2}}',
      ].join('\n'),
    ],
  ])('%j', (spec, code, message) => {
    expect(told().refusal('one', spec)).toEqual([code, patch + message]);
  });

  test('what is nested too deep for us is refused, not crashed on', () => {
    const free = story({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect(free.refusal('one', nested(990))).toEqual([]);
    expect(free.refusal('one', nested(9_000))).toEqual([
      'INVALID_VALUE',
      expect.stringMatching(/: nested deeper than 1000 levels$/),
    ]);
  });

  test('an object that does not fit its type any more', () => {
    const live = { apiVersion: 'v1', kind: 'T', metadata: { name: 't', namespace: 'd' }, spec: { a: 5 } };
    const tracking = { typeOf: () => specType(leaves), convert: () => undefined, now: '', manager: 'm', force: true };
    expect(() => applyConfiguration(live, { ...live, spec: {} }, tracking)).toThrow(
      'failed to create typed live object (d/t; /v1, Kind=T): .spec.a: expected string',
    );
  });

  test('conflicts: one, several, updaters with their version and subresource', () => {
    const live = story(leaves).apply('m1', { a: '1', b: '1' }).update('m2', { a: '1', b: '1', c: '1' }).object();
    const apply = (spec: JsonObject) => () =>
      applyConfiguration(
        live,
        { apiVersion: 'v1', kind: 'T', metadata: { name: 't' }, spec },
        { typeOf: () => specType(leaves), convert: () => undefined, now: '', manager: 'm', force: false },
      );
    expect(apply({ a: '2' })).toThrow('Apply failed with 1 conflict: conflict with "m1": .spec.a');
    expect(apply({ c: '2' })).toThrow('Apply failed with 1 conflict: conflict with "m2" using v1: .spec.c');
    expect(apply({ a: '2', b: '2', c: '2' })).toThrow(
      'Apply failed with 3 conflicts: conflicts with "m1":\n- .spec.a\n- .spec.b\nconflicts with "m2" using v1:\n- .spec.c',
    );
  });
});
