import { createLiveCache } from '@homeostat/cache';
import type { CacheEvent, LiveCache } from '@homeostat/cache';
import { setIdentity, withMembership } from '@homeostat/kube';
import type { Client, Ref } from '@homeostat/kube';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer, ServedRequest } from '@homeostat/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';

// What the engine's live view makes of faults: it lists again only when it must, and ends up with the truth.

const SET = setIdentity('default', 'web');
const ref = (name: string): Ref => ({ group: '', kind: 'ConfigMap', namespace: 'default', name });

let server: ApiServer;
let served: ServedRequest[];
let client: Client;
let cache: LiveCache<undefined>;
let events: CacheEvent[];
/** Of the cache's own clock. */
let now: number;

beforeEach(async () => {
  served = [];
  events = [];
  now = 0;
  server = await createApiServer({ controllers: false, onRequest: (request) => served.push(request) });
  client = server.client({ userAgent: 'writer' });
  const sleepers = new Set<() => void>();
  cache = createLiveCache({
    client: server.client({ userAgent: 'cache' }),
    set: SET,
    backoff: { minMs: 1, maxMs: 5 },
    clock: {
      now: () => now,
      // Time passes as it is waited for, but for the long wait for a sign of life.
      sleep: async (ms, signal) => {
        await new Promise<void>((resolve) => {
          if (ms < 1000) setImmediate(resolve);
          else sleepers.add(resolve);
          signal?.addEventListener('abort', () => resolve(), { once: true });
        });
      },
    },
  });
  passTime = (ms) => {
    now += ms;
    for (const wake of sleepers) wake();
    sleepers.clear();
  };
  await write('first');
  await cache.load([(await client.resources()).find({ group: '', kind: 'ConfigMap' })!]);
  void (async () => {
    for await (const event of cache.events()) events.push(event);
  })();
  cache.follow();
  await expect.poll(() => count('watch')).toBe(1);
});
let passTime: (ms: number) => void;

afterEach(async () => {
  await cache.close();
  await server.close();
});

async function write(name: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  await client.apply(withMembership(object, SET), { manager: 'test' });
}

const count = (verb: string): number =>
  served.filter((request) => request.userAgent === 'cache' && request.verb === verb && request.resource !== '').length;
const members = (): string[] => cache.members(SET.id).map((entry) => entry.ref.name);
const soon = () => ({ signal: AbortSignal.timeout(20_000) });

test('a watch gap leads to one more list, which finds what was lost', async () => {
  server.faults.add({ fault: 'gap', resource: 'configmaps', events: 2, times: 1 });
  await write('lost');
  await client.delete(ref('first'));
  await cache.until(ref('first'), (entry) => entry === undefined, soon());
  expect(members()).toEqual(['lost']);
  expect(count('list')).toBe(2);
  await write('later');
  await cache.until(ref('later'), (entry) => entry !== undefined, soon());
  expect(count('list')).toBe(2);
});

test('a watch that breaks is resumed where it was, without a list', async () => {
  const fault = server.faults.add({ fault: 'reset', verb: 'watch', times: 3 });
  await write('meanwhile');
  await cache.until(ref('meanwhile'), (entry) => entry !== undefined, soon());
  expect(fault.hits).toBe(3);
  expect(members()).toEqual(['first', 'meanwhile']);
  expect(count('list')).toBe(1);
});

test('a half-open watch is given up after three minutes without a sign of life', async () => {
  server.faults.add({ fault: 'silence', verb: 'watch', times: 1 });
  await write('unheard');
  passTime(179_000);
  expect(members()).toEqual(['first']);
  passTime(2_000);
  await cache.until(ref('unheard'), (entry) => entry !== undefined, soon());
  // The second list is of one item: the look whether the server was set back.
  expect([count('watch'), count('list')]).toEqual([2, 2]);
});

test('a server that is unavailable for a while is asked until it answers', async () => {
  const outage = server.faults.add({ fault: 'unavailable', retryAfter: 0, verb: ['list', 'watch'] });
  const cut = server.faults.add({ fault: 'reset', verb: 'watch', times: 1 });
  await expect.poll(() => outage.hits).toBeGreaterThan(2);
  outage.remove();
  await write('after');
  await cache.until(ref('after'), (entry) => entry !== undefined, soon());
  expect(cut.hits).toBe(1);
  expect(count('list')).toBe(1);
});
