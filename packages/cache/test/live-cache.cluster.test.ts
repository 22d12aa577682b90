import { expect, onTestFinished } from 'vitest';
import { createLiveCache } from '../src/index.ts';
import {
  applyMember,
  configMap,
  counter,
  PATIENCE,
  record,
  refTo,
  resourceOf,
  setIn,
  soon,
  test,
  unlabel,
  valuesOf,
} from './world.ts';

test('a kind is listed in pages of 500, once, and watched from where the list ended', async ({
  client,
  connect,
  namespace,
  open,
}) => {
  const set = setIn(namespace);
  const names = Array.from({ length: 501 }, (_, index) => `c${String(index).padStart(3, '0')}`);
  const waiting = [...names];
  const write = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await applyMember(client, set, configMap(namespace, name));
    }
  };
  await Promise.all(Array.from({ length: 16 }, write));

  const { onRequest, count } = counter();
  const counted = await connect({ onRequest });
  const configMaps = await resourceOf(counted, 'ConfigMap');
  const cache = open({ client: counted, set });
  const [first, second] = await Promise.all([cache.load([configMaps]), cache.load([configMaps])]);
  expect([first, second]).toEqual([{ degraded: [] }, { degraded: [] }]);
  expect(cache.members(set.id).map(({ ref }) => ref.name)).toEqual(names);
  expect(count('list')).toBe(2);

  await applyMember(client, set, configMap(namespace, 'late'));
  cache.follow();
  cache.follow([configMaps]);
  await cache.until(refTo(namespace, 'late'), (entry) => entry !== undefined, { signal: soon() });
  await cache.load([configMaps]);
  expect(count('list')).toBe(2);
});

test('it follows creation, change, loss of the label, and deletion', async ({ client, namespace, open }) => {
  const set = setIn(namespace);
  const cache = open({ client, set });
  const { names } = record(cache);
  await cache.load([await resourceOf(client, 'ConfigMap')]);
  cache.follow();

  await client.create(configMap(namespace, 'stranger'));
  await applyMember(client, set, configMap(namespace, 'a', { value: '1' }));
  await applyMember(client, set, configMap(namespace, 'b', { value: '1' }));
  await applyMember(client, set, configMap(namespace, 'a', { value: '2' }));
  await expect.poll(() => valuesOf(cache, set), PATIENCE).toEqual(['a: 2', 'b: 1']);

  await unlabel(client, refTo(namespace, 'a'));
  await client.delete(refTo(namespace, 'b'));
  await expect.poll(() => valuesOf(cache, set), PATIENCE).toEqual([]);
  await expect
    .poll(names, PATIENCE)
    .toEqual(['synced ConfigMap', 'changed a', 'changed b', 'changed a', 'gone a', 'gone b']);
});

test('deletion and creation under one name are two events with two uids', async ({ client, namespace, open }) => {
  const set = setIn(namespace);
  const former = await applyMember(client, set, configMap(namespace, 'a'));
  const cache = open({ client, set });
  await cache.load([await resourceOf(client, 'ConfigMap')]);
  const { all } = record(cache);

  await client.delete(refTo(namespace, 'a'));
  const latter = await applyMember(client, set, configMap(namespace, 'a'));
  cache.observe(latter); // before any watch could say so
  cache.follow();
  await cache.seen(refTo(namespace, 'a'), latter.metadata.resourceVersion ?? '', { signal: soon() });
  await expect
    .poll(() => all, PATIENCE)
    .toMatchObject([
      { type: 'gone', uid: former.metadata.uid },
      { type: 'changed', uid: latter.metadata.uid },
    ]);
});

test('our own writes are seen at once, and older events do not undo them', async ({ client, namespace, open }) => {
  const set = setIn(namespace);
  await applyMember(client, set, configMap(namespace, 'a', { value: '0' }));
  const cache = open({ client, set });
  await cache.load([await resourceOf(client, 'ConfigMap')]);
  const { names } = record(cache);
  for (const value of ['1', '2', '3']) {
    cache.observe(await applyMember(client, set, configMap(namespace, 'a', { value })));
    expect(valuesOf(cache, set)).toEqual([`a: ${value}`]);
  }
  cache.follow(); // the watch begins before all three
  const last = await applyMember(client, set, configMap(namespace, 'b', { value: '4' }));
  await cache.seen(refTo(namespace, 'b'), last.metadata.resourceVersion ?? '', { signal: soon() });
  expect(valuesOf(cache, set)).toEqual(['a: 3', 'b: 4']);
  await expect.poll(names, PATIENCE).toEqual(['changed a', 'changed a', 'changed a', 'changed b']);
});

test('our own deletion is final, although the watch still lags behind it', async ({ client, namespace, open }) => {
  const set = setIn(namespace);
  const object = await applyMember(client, set, configMap(namespace, 'a', { value: '1' }));
  const cache = open({ client, set });
  await cache.load([await resourceOf(client, 'ConfigMap')]);
  const { names } = record(cache);
  await applyMember(client, set, configMap(namespace, 'a', { value: '2' }));
  await client.delete(refTo(namespace, 'a'));
  cache.forget(refTo(namespace, 'a'), object.metadata.uid ?? '');
  cache.follow();
  const other = await applyMember(client, set, configMap(namespace, 'b'));
  await cache.seen(refTo(namespace, 'b'), other.metadata.resourceVersion ?? '', { signal: soon() });
  await expect.poll(names, PATIENCE).toEqual(['gone a', 'changed b']);
});

test('one cache serves every set, and tells when an object changes hands', async ({ client, namespace, open }) => {
  const [mine, yours] = [setIn(namespace), { ...setIn(namespace), id: `applyset-${namespace}-v1` }];
  const cache = open({ client });
  await cache.load([await resourceOf(client, 'ConfigMap')]);
  cache.follow();
  await applyMember(client, mine, configMap(namespace, 'a'));
  await cache.until(refTo(namespace, 'a'), (entry) => entry?.set === mine.id, { signal: soon() });
  const { all } = record(cache);
  await applyMember(client, yours, configMap(namespace, 'a'));
  await cache.until(refTo(namespace, 'a'), (entry) => entry?.set === yours.id, { signal: soon() });
  await expect
    .poll(() => all.filter((event) => 'ref' in event && event.ref.namespace === namespace), PATIENCE)
    .toMatchObject([{ type: 'changed', set: yours.id, formerSet: mine.id, via: 'watch' }]);
  expect([cache.members(mine.id), cache.members(yours.id)]).toMatchObject([[], [{ ref: { name: 'a' } }]]);
});

test('of sets that are not tracked names are kept; a set that is tracked later is listed once, and it alone', async ({
  client,
  connect,
  namespace,
  open,
}) => {
  const [mine, yours] = [setIn(namespace), { ...setIn(namespace), id: `applyset-${namespace}-v1` }];
  await applyMember(client, mine, configMap(namespace, 'a', { value: '1' }));
  await applyMember(client, yours, configMap(namespace, 'b', { value: '1' }));
  const { onRequest, count } = counter();
  const cache = open({ client: await connect({ onRequest }), tracked: [mine.id] });
  const kinds = [await resourceOf(client, 'ConfigMap')];
  await cache.load(kinds);
  expect([valuesOf(cache, mine), valuesOf(cache, yours)]).toEqual([['a: 1'], []]);
  expect(cache.foreign(refTo(namespace, 'b'))).toMatchObject({ set: yours.id });
  expect(cache.list({ namespace })).toHaveLength(1);

  const before = count('list');
  await applyMember(client, mine, configMap(namespace, 'a', { value: '2' })); // nobody watches yet
  cache.track(yours.id);
  cache.track(`applyset-${namespace}-empty-v1`);
  expect(await Promise.all([cache.load(kinds), cache.load(kinds)])).toEqual([{ degraded: [] }, { degraded: [] }]);
  expect([valuesOf(cache, mine), valuesOf(cache, yours)]).toEqual([['a: 1'], ['b: 1']]);
  await cache.load(kinds);
  expect(count('list') - before).toBe(1);

  cache.follow();
  await applyMember(client, yours, configMap(namespace, 'b', { value: '2' }));
  await cache.until(refTo(namespace, 'b'), (entry) => entry?.set === yours.id && valuesOf(cache, yours)[0] === 'b: 2', {
    signal: soon(),
  });
  cache.untrack(yours.id);
  expect([valuesOf(cache, yours), cache.foreign(refTo(namespace, 'b'))?.set]).toEqual([[], yours.id]);
});

test('a kind loaded in another version is read in that one', async ({ client, namespace, open }) => {
  const set = setIn(namespace);
  const spec = { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } };
  const metadata = { name: 'web', namespace };
  const autoscaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec };
  await applyMember(client, set, autoscaler);
  const cache = open({ client, set });
  const versionHeld = (): readonly string[] => cache.list({ namespace }).map(({ version }) => version);
  await cache.load([await resourceOf(client, 'HorizontalPodAutoscaler', 'autoscaling', 'v2')]);
  cache.follow();
  expect(versionHeld()).toEqual(['v2']);
  await cache.load([await resourceOf(client, 'HorizontalPodAutoscaler', 'autoscaling', 'v1')]);
  expect(versionHeld()).toEqual(['v1']);

  await applyMember(client, set, { ...autoscaler, spec: { ...spec, maxReplicas: 4 } });
  const ref = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', namespace, name: 'web' };
  const entry = await cache.until(
    ref,
    (one) => (one?.generation ?? 0) > 1 || one?.object()['spec'] === undefined || maxOf(one.object()) === 4,
    { signal: soon() },
  );
  expect(entry?.object().apiVersion).toBe('autoscaling/v1');
});

function maxOf(object: { readonly [field: string]: unknown }): number {
  return (object['spec'] as { readonly maxReplicas: number }).maxReplicas;
}

test('what readers want at hand is worked out on arrival', async ({ client, namespace }) => {
  const set = setIn(namespace);
  await applyMember(client, set, configMap(namespace, 'a', { value: '1' }));
  const cache = createLiveCache({ client, set, summarize: (object) => Object.keys(object).length });
  onTestFinished(() => cache.close());
  await cache.load([await resourceOf(client, 'ConfigMap')]);
  expect(cache.get(refTo(namespace, 'a'))).toMatchObject({ summary: 4, set: set.id, terminating: false });
});

test('a broken summary is the answer of load, and ends a cache that follows', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const summarize = (): never => {
    throw new TypeError('broken summary');
  };
  const cache = createLiveCache({ client, set, summarize });
  const configMaps = await resourceOf(client, 'ConfigMap');
  cache.follow([configMaps]);
  const events = cache.events()[Symbol.asyncIterator]();
  const first = await events.next();
  expect(first.value).toMatchObject({ type: 'synced' });
  await applyMember(client, set, configMap(namespace, 'a'));
  await expect(events.next()).rejects.toThrow('broken summary');
  expect(() => cache.follow()).toThrow(expect.objectContaining({ code: 'CLOSED' }));

  const other = createLiveCache({ client, set, summarize });
  onTestFinished(() => other.close());
  await expect(other.load([configMaps])).rejects.toThrow('broken summary');
});

test('a wait for an object outside the set ends when it is observed so, and the view does not keep it', async ({
  client,
  namespace,
  open,
}) => {
  const set = setIn(namespace);
  await client.create(configMap(namespace, 'outside', { value: '1' }));
  const cache = open({ client, set });
  const ref = refTo(namespace, 'outside');
  const waiting = cache.until(ref, (entry) => entry !== undefined, { signal: soon() });
  const object = await client.get(ref);
  if (object !== undefined) cache.observe(object);
  expect(await waiting).toMatchObject({ ref, set: undefined });
  expect(cache.get(ref)).toBeUndefined();
});

test('a wait can ask again when time alone decides', async ({ client, namespace, open }) => {
  const set = setIn(namespace);
  const sleeps: number[] = [];
  let now = 1_000;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      sleeps.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const cache = open({ client, set, clock });
  cache.observe(await applyMember(client, set, configMap(namespace, 'a')));
  const entry = await cache.until(refTo(namespace, 'a'), () => now >= 16_000, {
    signal: soon(),
    recheckAt: () => now + 5_000,
  });
  expect(entry).toMatchObject({ ref: { name: 'a' } });
  expect(sleeps).toEqual([5_000, 5_000, 5_000]);
});

test('waits end with their signal, with a failing check, and with the cache', async ({ client, namespace, open }) => {
  const cache = open({ client, set: setIn(namespace) });
  const ref = refTo(namespace, 'a');
  const [caller, patient] = [new AbortController(), soon()];
  const never = (): boolean => false;
  const cancelled = [
    cache.until(ref, never, { signal: caller.signal }),
    cache.seen(ref, '1', { signal: caller.signal }),
    cache.load([], { signal: AbortSignal.abort() }),
  ];
  caller.abort();
  for (const wait of cancelled) await expect(wait).rejects.toMatchObject({ code: 'CANCELLED' });

  const check = (): boolean => {
    throw new RangeError('no such field');
  };
  await expect(cache.until(ref, check, { signal: patient })).rejects.toThrow('no such field');

  const closed = [cache.until(ref, never, { signal: patient }), cache.seen(ref, '1', { signal: patient })];
  const events = cache.events();
  await cache.close();
  for (const wait of closed) await expect(wait).rejects.toMatchObject({ code: 'CLOSED' });
  for await (const event of events) expect.unreachable(event.type);
  await expect(cache.load([])).rejects.toMatchObject({ code: 'CLOSED' });
});
