import { locate, locateItems, parseFieldsV1, pick, printPath } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';

const level = (...texts: string[]) => parseFieldsV1(Object.fromEntries(texts.map((text) => [text, {}])));

describe('finding list items', () => {
  test('by key, wherever they stand', () => {
    const items = [{ name: 'c' }, { name: 'a' }, { name: 'b' }];
    expect(locateItems(level('k:{"name":"a"}', 'k:{"name":"b"}', 'k:{"name":"d"}'), items)).toEqual([1, 2, -1]);
  });

  test('by value and by index', () => {
    expect(locateItems(level('v:"a"', 'v:1', 'v:null'), [null, 1n, 'b', 'a'])).toEqual([3, 1, 0]);
    expect(locateItems(level('i:0', 'i:7'), ['a', 'b'])).toEqual([0, -1]);
  });

  test('a defaulted key may be missing: 53/UDP and 53 without protocol (facts 17)', () => {
    const ports = [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }];
    const tcp = 'k:{"containerPort":53,"protocol":"TCP"}';
    const udp = 'k:{"containerPort":53,"protocol":"UDP"}';
    expect(locateItems(level(tcp, udp), ports)).toEqual([0, 1]);
    expect(locateItems(level(udp, tcp), ports)).toEqual([1, 0]);
    expect(locateItems(level(tcp), [{ containerPort: 53 }])).toEqual([0]);
  });

  test('a key field that the set holds was applied, so an item without it is another one', () => {
    const applied = parseFieldsV1({
      'k:{"containerPort":53,"protocol":"UDP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
    });
    expect(locateItems(applied, [{ containerPort: 53 }])).toEqual([-1]);
  });

  test('a missing key field without default is an identity of its own', () => {
    const set = level('k:{"a":1}', 'k:{"a":1,"b":2}');
    expect(locateItems(set, [{ a: 1, b: 2 }, { a: 1 }])).toEqual([1, 0]);
  });

  test('no item is found twice, and what is no map has no key', () => {
    const set = level('k:{"name":"a"}');
    expect(locateItems(set, [null, 'a', ['a'], { name: 'a' }, { name: 'a' }])).toEqual([3]);
    expect(locateItems(level('k:{}'), [{}])).toEqual([-1]);
  });
});

describe('walking a set through a value', () => {
  const owned = parseFieldsV1({
    'f:metadata': { 'f:labels': { 'f:app': {}, 'f:gone': {} }, 'f:finalizers': { 'v:"a.b/c"': {} } },
    'f:spec': {
      'f:selector': {},
      'f:containers': {
        'k:{"name":"web"}': {
          '.': {},
          'f:name': {},
          'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
        },
      },
    },
  });
  const live = {
    metadata: { name: 'web', labels: { app: 'web', foreign: 'x' }, finalizers: ['x.y/z', 'a.b/c'] },
    spec: {
      selector: { app: 'web' },
      containers: [
        { name: 'sidecar', image: 's' },
        { name: 'web', image: 'w', ports: [{ containerPort: 80, protocol: 'TCP' }] },
      ],
    },
  };

  test('locate names every member and what stands there', () => {
    expect([...locate(owned, live)].map(({ path, value }) => [printPath(path), value])).toEqual([
      ['.metadata.finalizers[="a.b/c"]', 'a.b/c'],
      ['.metadata.labels.app', 'web'],
      ['.metadata.labels.gone', undefined],
      ['.spec.containers[name="web"]', live.spec.containers[1]],
      ['.spec.containers[name="web"].name', 'web'],
      ['.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]', { containerPort: 80, protocol: 'TCP' }],
      ['.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort', 80],
      ['.spec.selector', { app: 'web' }],
    ]);
  });

  test('pick keeps what is named, with the keys that name it', () => {
    expect(pick(owned, live)).toEqual({
      metadata: { labels: { app: 'web' }, finalizers: ['a.b/c'] },
      spec: {
        selector: { app: 'web' },
        containers: [{ name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }] }],
      },
    });
    expect(pick(owned, { other: 1 })).toBeUndefined();
    expect(pick(owned, null)).toBeUndefined();
  });

  test('a field named __proto__ is data like any other', () => {
    const set = parseFieldsV1({ 'f:data': { 'f:__proto__': {} } });
    const picked = pick(set, JSON.parse('{"data":{"__proto__":"x","other":"y"}}'));
    expect(JSON.stringify(picked)).toBe('{"data":{"__proto__":"x"}}');
    expect(pick(set, { data: {} })).toBeUndefined();
  });
});
