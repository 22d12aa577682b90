import { seededRandom } from '@homeostat/apiserver';
import { expect, test } from 'vitest';
import { Store } from '../../src/store/store.ts';
import type { StoreEvent } from '../../src/store/store.ts';

function map(name: string, n = 0) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a' }, data: { n: String(n) } };
}

function roomy(): Store {
  return new Store({ events: 1_000, eventBytes: 1_000_000 });
}

test('1. a write takes the next version, whatever its kind', () => {
  const store = roomy();
  const versions = [
    store.put('configmaps', 'a/x', map('x')).version,
    store.put('secrets', 'a/x', map('x')).version,
    store.put('configmaps', 'a/x', map('x', 1)).version,
  ];
  store.delete('secrets', 'a/x');
  expect(versions).toEqual([2, 3, 4]);
  expect(store.version).toBe(5);
  expect(store.get('configmaps', 'a/x')?.object.metadata.resourceVersion).toBe('4');
});

test('2. what is stored is frozen, through and through', () => {
  const store = roomy();
  const stored = store.put('configmaps', 'a/x', map('x'));
  expect(Object.isFrozen(stored.object)).toBe(true);
  expect(Object.isFrozen(stored.object['data'])).toBe(true);
  expect(stored.json).toBe(JSON.stringify(stored.object));
});

test('3. every state of the past that is remembered is as it was', () => {
  const seed = Number(process.env['SEED'] ?? 1);
  const random = seededRandom(seed);
  const store = roomy();
  const states = new Map<number, string>();
  const state = (list: readonly { readonly json: string }[] | undefined): string =>
    (list ?? []).map(({ json }) => json).join('\n');
  for (let i = 0; i < 500; i++) {
    const name = `n${String(Math.floor(random() * 12))}`;
    if (random() < 0.3) store.delete('configmaps', `a/${name}`);
    else store.put('configmaps', `a/${name}`, map(name, i));
    if (random() < 0.2) store.put('secrets', `a/${name}`, map(name, i));
    states.set(store.version, state(store.list('configmaps', 'a/')));
  }
  for (const [version, expected] of states) {
    expect(state(store.listAt('configmaps', 'a/', version)), `SEED=${String(seed)}, version ${String(version)}`).toBe(
      expected,
    );
  }
});

test('3. the log is bounded by count and by bytes, and what falls out of it is forgotten', () => {
  for (const limits of [
    { events: 10, eventBytes: 1_000_000 },
    { events: 1_000, eventBytes: 1_500 },
  ]) {
    const store = new Store(limits);
    for (let i = 0; i < 50; i++) store.put('configmaps', 'a/x', map('x', i));
    expect(store.listAt('configmaps', '', 5)).toBe(undefined);
    expect(store.cursor('configmaps', 5)).toBe(undefined);
    expect(store.listAt('configmaps', '', store.version - 5)).toHaveLength(1);
    expect(store.cursor('configmaps', store.version - 5)?.next()).toMatchObject({ type: 'MODIFIED' });
    // Of a kind in which nothing was forgotten, nothing is.
    expect(store.listAt('secrets', '', 5)).toEqual([]);
  }
});

test('a cursor reads on from its version, in order, and says when it has fallen behind', () => {
  const store = new Store({ events: 5, eventBytes: 1_000_000 });
  store.put('configmaps', 'a/x', map('x'));
  const cursor = store.cursor('configmaps', store.version);
  expect(cursor?.next()).toBe(undefined);
  store.put('configmaps', 'a/x', map('x', 1));
  store.put('secrets', 'a/x', map('x', 1));
  store.delete('configmaps', 'a/x');
  expect(cursor?.next()).toMatchObject({ type: 'MODIFIED', previous: { version: 2 } });
  expect(cursor?.next()).toMatchObject({ type: 'DELETED', stored: { version: 5 } });
  expect(cursor?.next()).toBe(undefined);
  for (let i = 0; i < 6; i++) store.put('configmaps', 'a/y', map('y', i));
  expect(cursor?.expired).toBe(true);
  expect(cursor?.next()).toBe('expired');
});

test('4. listeners are told in the order of versions', () => {
  const store = roomy();
  const told: StoreEvent[] = [];
  const stop = store.listen('configmaps', (event) => told.push(event));
  store.put('configmaps', 'a/x', map('x'));
  store.put('secrets', 'a/x', map('x'));
  store.delete('configmaps', 'a/x');
  stop();
  store.put('configmaps', 'a/x', map('x'));
  expect(told.map(({ type, version }) => `${type} ${String(version)}`)).toEqual(['ADDED 2', 'DELETED 4']);
});

test('expire forgets what was, and keeps what is', () => {
  const store = roomy();
  store.put('configmaps', 'a/x', map('x'));
  store.put('configmaps', 'a/x', map('x', 1));
  const cursor = store.cursor('configmaps', store.version);
  store.expire();
  expect(store.listAt('configmaps', '', 2)).toBe(undefined);
  expect(store.cursor('secrets', 2)).toBe(undefined);
  expect(store.list('configmaps')).toHaveLength(1);
  store.put('configmaps', 'a/x', map('x', 2));
  expect(cursor?.next()).toMatchObject({ type: 'MODIFIED' });
});
