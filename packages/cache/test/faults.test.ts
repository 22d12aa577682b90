import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer, ServedRequest } from '@homeostat/apiserver';
import type { Client, KubeObject, Resource } from '@homeostat/kube';
import { setIdentity, withMembership } from '@homeostat/kube';
import { expect, onTestFinished, test } from 'vitest';
import type { LiveCache } from '../src/index.ts';
import { createLiveCache } from '../src/index.ts';
import { applyMember, configMap, record, refTo, resourceOf, unlabel, valuesOf } from './world.ts';

// What becomes of the live view when the server, the network or whoever is in charge of them fails. Breaks, gaps and half-open
// connections of one watch are played in packages/apiserver/test/faults; rights and definitions on a real server.

const SET = setIdentity('default', 'web');
const soon = () => ({ signal: AbortSignal.timeout(20_000) });
const [CONFIG_MAP, SECRET] = ['ConfigMap', 'Secret'] as const;

interface World {
  readonly server: ApiServer;
  /** Whoever writes. */
  readonly client: Client;
  readonly cache: LiveCache<undefined>;
  /** How long the cache wanted to wait, short of waiting for a sign of life. */
  readonly waits: number[];
  /** Lets so much time pass for who waits for a sign of life. */
  readonly passTime: (ms: number) => void;
  /** Requests of the cache by verb. */
  readonly count: (verb: string, resource?: string) => number;
  /** From now on the cache talks to another server under the same address. */
  readonly moveTo: (server: ApiServer) => void;
  readonly kind: (kind: string, group?: string) => Promise<Resource>;
}

async function world(): Promise<World> {
  const served: ServedRequest[] = [];
  const server = await createApiServer({ controllers: false, onRequest: (request) => served.push(request) });
  const client = server.client({ userAgent: 'writer' });
  let behind = server.client({ userAgent: 'cache' });
  const port = new Proxy(behind, {
    get: (_, name: keyof Client) => (behind[name] as (...args: readonly unknown[]) => unknown).bind(behind),
  });
  let now = Date.now();
  const waits: number[] = [];
  const asleep = new Set<() => void>();
  const cache = createLiveCache({
    client: port,
    set: SET,
    clock: {
      now: () => now,
      sleep: async (ms, signal) => {
        await new Promise<void>((resolve) => {
          signal?.addEventListener('abort', () => resolve(), { once: true });
          if (ms > 60_000) asleep.add(resolve);
          else {
            waits.push(ms);
            now += ms;
            setImmediate(resolve);
          }
        });
      },
    },
  });
  onTestFinished(async () => {
    await cache.close();
    await server.close();
  });
  return {
    server,
    client,
    cache,
    waits,
    passTime: (ms) => {
      now += ms;
      for (const wake of asleep) wake();
      asleep.clear();
    },
    count: (verb, resource) =>
      served.filter(
        (request) =>
          request.userAgent === 'cache' &&
          request.verb === verb &&
          (resource === undefined ? request.resource !== '' : request.resource === resource),
      ).length,
    moveTo: (other) => (behind = other.client({ userAgent: 'cache' })),
    kind: (kind, group) => resourceOf(client, kind, group),
  };
}

const secret = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: SECRET,
  metadata: { name, namespace: 'default' },
});
const ref = (name: string) => refTo('default', name);

/** Open watches end, and nothing can be asked until it is over. */
function disconnect(server: ApiServer): Disposable {
  const outage = server.faults.add({ fault: 'unavailable', retryAfter: 1, verb: ['list', 'watch'] });
  server.faults.add({ fault: 'reset', verb: 'watch', times: 1 });
  return outage;
}

test('a list whose continue token expires between two pages is begun anew, and is whole', async () => {
  const { server, client, cache, count, kind } = await world();
  const names = Array.from({ length: 501 }, (_, at) => `c${String(at).padStart(3, '0')}`);
  for (const name of names) await applyMember(client, SET, configMap('default', name));
  const gone = server.faults.add({ fault: 'gone', verb: 'list', resource: 'configmaps', every: 2, times: 1 });
  expect(await cache.load([await kind(CONFIG_MAP)])).toEqual({ degraded: [] });
  expect(gone.hits).toBe(1);
  expect(cache.members(SET.id).map((entry) => entry.ref.name)).toEqual(names);
  expect(count('list')).toBe(4);
});

test('a list that is throttled waits as long as the server asks for', async () => {
  const { server, client, cache, waits, kind } = await world();
  await applyMember(client, SET, configMap('default', 'a', { value: '1' }));
  server.faults.add({ fault: 'throttle', verb: 'list', resource: 'configmaps', retryAfter: 7, times: 2 });
  expect(await cache.load([await kind(CONFIG_MAP)])).toEqual({ degraded: [] });
  expect(waits.slice(0, 2).every((ms) => ms >= 7_000)).toBe(true);
  expect(valuesOf(cache, SET)).toEqual(['a: 1']);
});

test('a kind that cannot be listed degrades alone, and recovers by itself', async () => {
  const { server, client, cache, kind } = await world();
  await applyMember(client, SET, configMap('default', 'a', { value: '1' }));
  await applyMember(client, SET, secret('s'));
  const broken = server.faults.add({ fault: 'error', verb: 'list', resource: 'secrets' });
  const kinds = [await kind(CONFIG_MAP), await kind(SECRET)];
  expect(await cache.load(kinds)).toMatchObject({
    degraded: [{ resource: { kind: SECRET }, error: { code: 'UNAVAILABLE' } }],
  });
  expect(cache.usage()).toMatchObject({
    members: 1,
    lists: 4,
    watches: 0,
    degraded: [{ resource: { kind: SECRET }, namespace: '', error: { code: 'UNAVAILABLE' } }],
  });
  const { names } = record(cache);
  cache.follow();
  await applyMember(client, SET, configMap('default', 'a', { value: '2' }));
  await expect.poll(() => valuesOf(cache, SET)).toEqual(['a: 2']);
  await expect.poll(() => broken.hits).toBeGreaterThan(5);
  expect(names().filter((name) => name.startsWith('degraded'))).toEqual(['degraded Secret UNAVAILABLE']);

  broken.remove();
  await cache.until({ ...ref('s'), kind: SECRET }, (entry) => entry !== undefined, soon());
  await expect.poll(names).toContain('synced Secret');
});

for (const [how, forgets] of [
  ['the server remembers', false],
  ['the server has forgotten', true],
] as const) {
  test(`what happened while it was disconnected is found when ${how} it`, async () => {
    const { server, client, cache, count, kind } = await world();
    const former = await applyMember(client, SET, configMap('default', 'replaced', { value: 'old' }));
    for (const name of ['unlabelled', 'deleted', 'stays']) await applyMember(client, SET, configMap('default', name));
    await cache.load([await kind(CONFIG_MAP)]);
    cache.follow();
    await expect.poll(() => count('watch')).toBe(1);
    const { all, names } = record(cache);

    const outage = disconnect(server);
    await client.delete(ref('replaced'));
    const latter = await applyMember(client, SET, configMap('default', 'replaced', { value: 'new' }));
    await unlabel(client, ref('unlabelled'));
    await client.delete(ref('deleted'));
    const lists = count('list');
    if (forgets) server.expire();
    outage[Symbol.dispose]();

    await expect.poll(() => valuesOf(cache, SET)).toEqual(['replaced: new', 'stays: ']);
    await expect
      .poll(() =>
        names()
          .filter((name) => /^(gone|changed)/u.test(name))
          .toSorted(),
      )
      .toEqual(['changed replaced', 'gone deleted', 'gone replaced', 'gone unlabelled']);
    // Two objects bore the name: the one that is gone is told of first.
    expect(all.filter((event) => 'ref' in event && event.ref.name === 'replaced')).toMatchObject([
      { type: 'gone', uid: former.metadata.uid },
      { type: 'changed', uid: latter.metadata.uid },
    ]);
    expect(count('list') > lists).toBe(forgets);
  });
}

test('a server that was set back is noticed by its silence, and believed from then on', async () => {
  const { server, client, cache, passTime, moveTo, kind } = await world();
  for (const name of ['changed', 'lost', 'same'])
    await applyMember(client, SET, configMap('default', name, { value: '1' }));
  for (let at = 0; at < 50; at += 1)
    await client.apply(configMap('default', 'busy', { at: String(at) }), { manager: 'x' });
  await applyMember(client, SET, configMap('default', 'changed', { value: '2' }));
  await cache.load([await kind(CONFIG_MAP)]);
  cache.follow();

  // As after a backup was restored: fewer versions, other objects, and some of the same.
  const restored = await createApiServer({ controllers: false });
  onTestFinished(() => restored.close());
  for (const name of ['changed', 'same', 'back'])
    await restored
      .client()
      .apply(withMembership(configMap('default', name, { value: '1' }), SET), { manager: 'homeostat' });
  moveTo(restored);
  server.faults.add({ fault: 'reset', verb: 'watch', times: 1 });
  expect(valuesOf(cache, SET)).toEqual(['changed: 2', 'lost: 1', 'same: 1']);

  const passing = setInterval(() => passTime(181_000), 20); // nothing comes but the need for a sign of life
  onTestFinished(() => clearInterval(passing));
  await expect.poll(() => valuesOf(cache, SET)).toEqual(['back: 1', 'changed: 1', 'same: 1']);
  clearInterval(passing);

  await applyMember(restored.client(), SET, configMap('default', 'same', { value: '2' }));
  await expect.poll(() => valuesOf(cache, SET)).toEqual(['back: 1', 'changed: 1', 'same: 2']);
});

test('a kind whose version is no longer served is followed in the one that is', async () => {
  const { client, cache, server, count, kind } = await world();
  const names = { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const definition = (served: readonly string[]): KubeObject => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: ['v1', 'v2'].map((name) => ({ name, served: served.includes(name), storage: name === 'v2', schema })),
    },
  });
  await client.apply(definition(['v1']), { manager: 'test' });
  await expect
    .poll(async () => (await client.resources({ refresh: true })).find({ group: 'example.com', kind: 'Widget' }))
    .toBeDefined();
  const metadata = { name: 'w', namespace: 'default' };
  await applyMember(client, SET, { apiVersion: 'example.com/v1', kind: 'Widget', metadata });
  const widgets = await kind('Widget', 'example.com');
  await cache.load([widgets]);
  cache.follow();
  await expect.poll(() => count('watch')).toBe(1);
  const { names: told } = record(cache);

  await client.apply(definition(['v2']), { manager: 'test' });
  await client.resources({ refresh: true });
  server.faults.add({ fault: 'reset', verb: 'watch', times: 1 });
  const widget = { group: 'example.com', kind: 'Widget', namespace: 'default', name: 'w' };
  await cache.until(widget, (entry) => entry?.version === 'v2', soon());
  expect(told().filter((name) => /^(gone|ended)/u.test(name))).toEqual([]);

  // And so it is for who loads it again as it was.
  expect(await cache.load([widgets])).toEqual({ degraded: [] });
  expect(cache.get(widget)?.version).toBe('v2');
});
