/** Retry-After: the same request waits, whoever sends it; nothing else does. */
import { expect, test } from 'vitest';
import { createApiServer, seededRandom } from '@homeostat/apiserver';
import type { ServedRequest } from '@homeostat/apiserver';
import type { Client, KubeError, KubeObject } from '@homeostat/kube';
import { createPauses, heedPauses } from '../src/heed-pauses.ts';

const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});
const ref = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'default', name });

async function world() {
  let time = 1_000;
  const requests: ServedRequest[] = [];
  const server = await createApiServer({
    random: seededRandom(1),
    users: [
      { name: 'admin', groups: ['system:masters'] },
      { name: 'nobody', groups: ['system:masters'] },
    ],
    onRequest: (request) => void requests.push(request),
  });
  const pauses = createPauses({ now: () => time });
  const client = heedPauses(server.client({ user: 'admin' }), pauses);
  const apply = (object: KubeObject, by: Client = client, dryRun = false) =>
    by.apply(object, { manager: 'homeostat', dryRun }).then(
      () => 'done',
      ({ code, retry }: KubeError) => ({ code, retry }),
    );
  return {
    server,
    client,
    pauses,
    apply,
    requests,
    pass: (ms: number) => void (time += ms),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

test('a request that was refused for a time is not sent before; the answer is the same, with what is left of the time', async () => {
  await using lab = await world();
  const { server, client, apply, pass, requests } = lab;
  await client.resources();
  server.faults.add({ fault: 'throttle', retryAfter: 10, verb: 'apply', times: 1 });
  expect(await apply(configMap('a'))).toEqual({ code: 'THROTTLED', retry: { afterMs: 10_000 } });
  const before = requests.length;
  pass(4_000);
  expect(await apply(configMap('a'))).toEqual({ code: 'THROTTLED', retry: { afterMs: 6_000 } });
  expect(requests).toHaveLength(before);
  pass(6_000);
  expect(await apply(configMap('a'))).toBe('done');
});

test('other objects, other verbs, questions and whoever acts as somebody else go on', async () => {
  await using lab = await world();
  const { server, client, apply } = lab;
  server.faults.add({ fault: 'throttle', retryAfter: 10, verb: 'apply', times: 1 });
  expect(await apply(configMap('a'))).toMatchObject({ code: 'THROTTLED' });
  expect(await apply(configMap('b'))).toBe('done');
  expect(await apply(configMap('a'), client, true)).toBe('done');
  expect(await client.get(ref('a'))).toBeUndefined();
  expect(await apply(configMap('a'), client.as({ user: 'nobody', groups: ['system:masters'] }))).toBe('done');
});

test('lists wait too, and a list that is answered ends the wait', async () => {
  await using lab = await world();
  const { server, client, pass } = lab;
  const resource = (await client.resources()).find(ref('a'))!;
  const list = async (): Promise<unknown> => {
    try {
      for await (const { items } of client.list(resource, { namespace: 'default' })) return items.length;
      return undefined;
    } catch (error) {
      return (error as KubeError).retry;
    }
  };
  server.faults.add({ fault: 'unavailable', retryAfter: 5, verb: 'list', times: 1 });
  expect(await list()).toEqual({ afterMs: 5_000 });
  expect(await list()).toEqual({ afterMs: 5_000 });
  pass(5_000);
  expect(await list()).toEqual(expect.any(Number));
  expect(await list()).toEqual(expect.any(Number));
});

test('who has something new to ask for need not wait, and what says no time is sent again at once', async () => {
  await using lab = await world();
  const { server, pauses, apply } = lab;
  server.faults.add({ fault: 'throttle', retryAfter: 10, verb: 'apply', times: 1 });
  expect(await apply(configMap('a'))).toMatchObject({ code: 'THROTTLED' });
  pauses.forget();
  expect(await apply(configMap('a'))).toBe('done');
  server.faults.add({ fault: 'error', verb: 'apply', times: 1 });
  expect(await apply(configMap('a'))).toMatchObject({ retry: 'backoff' });
  expect(await apply(configMap('a'))).toBe('done');
});

test('the repeated answer names the first as its cause, so that nobody takes it for another', async () => {
  await using lab = await world();
  const { server, client } = lab;
  server.faults.add({ fault: 'throttle', retryAfter: 10, verb: 'delete', times: 1 });
  const refusals: unknown[] = [];
  for (let attempt = 0; attempt < 2; attempt += 1)
    await client.delete(ref('a')).catch((error: unknown) => refusals.push(error));
  const [first, second] = refusals as [KubeError, KubeError];
  expect(second.cause).toBe(first);
  expect(second.message).toBe(first.message);
});
