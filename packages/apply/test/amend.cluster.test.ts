import { expect } from 'vitest';
import { amendItems } from '@homeostat/apply';
import type { AmendOptions, Amended, Amendment, ApplyPorts } from '@homeostat/apply';
import { refOf } from '@homeostat/kube';
import type { JsonPatchOperation, KubeObject, RequestRecord } from '@homeostat/kube';
import { cluster } from '../../../test/support/cluster.ts';
import { configMap, portsOn } from './world.ts';

async function amend(item: Amendment, ports: ApplyPorts, options?: AmendOptions): Promise<Amended | undefined> {
  const running = amendItems([item], ports, options);
  for (;;) {
    const step = await running.next();
    if (step.done === true) return [...step.value.values()][0];
  }
}

const guarded = (live: KubeObject, ...operations: JsonPatchOperation[]): readonly JsonPatchOperation[] => [
  { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
  ...operations,
];
const withoutB: Amendment['patchOf'] = (live) =>
  Object.hasOwn(live['data'] as object, 'b') ? guarded(live, { op: 'remove', path: '/data/b' }) : undefined;

cluster.test('patches an object in the state that the patch was made for', async ({ client, namespace }) => {
  const { object: live } = await client.create(configMap(namespace, 'web', { a: '1', b: '2' }));
  const ref = refOf(live);
  const asked = await amend({ ref, live, patchOf: withoutB }, portsOn(client), { dryRun: true });
  expect(asked).toMatchObject({ action: 'amended', object: { data: { a: '1' } } });
  expect((await client.get(ref))?.['data']).toEqual({ a: '1', b: '2' });

  const done = await amend({ ref, live, patchOf: withoutB }, portsOn(client));
  expect(done).toMatchObject({ action: 'amended', before: live });
  expect((await client.get(ref))?.['data']).toEqual({ a: '1' });
});

cluster.test('an object that has moved is read, and its patch is made anew', async ({ connect, namespace }) => {
  const requests: RequestRecord[] = [];
  const client = await connect({ onRequest: (request) => requests.push(request) });
  const { object: live } = await client.create(configMap(namespace, 'web', { a: '1', b: '2' }));
  const ref = refOf(live);
  await client.apply(configMap(namespace, 'web', { c: '3' }), { manager: 'somebody' });
  requests.length = 0;
  const seen: (string | undefined)[] = [];
  const patchOf: Amendment['patchOf'] = (now) => {
    seen.push(now.metadata.resourceVersion);
    return withoutB(now);
  };
  expect(await amend({ ref, live, patchOf }, portsOn(client))).toMatchObject({ action: 'amended' });
  expect(new Set(seen).size).toBe(2);
  expect(requests.map(({ verb }) => verb)).toEqual(['patch', 'get', 'patch']);
  expect((await client.get(ref))?.['data']).toEqual({ a: '1', c: '3' });
});

cluster.test(
  'nothing is sent where there is nothing to do, and nothing is written where it is gone',
  async ({ connect, namespace }) => {
    const requests: RequestRecord[] = [];
    const client = await connect({ onRequest: (request) => requests.push(request) });
    const { object: live } = await client.create(configMap(namespace, 'web', { a: '1', b: '2' }));
    const ref = refOf(live);
    requests.length = 0;
    expect(await amend({ ref, live, patchOf: () => undefined }, portsOn(client))).toEqual({ action: 'unneeded', ref });
    expect(requests).toEqual([]);
    await client.delete(ref);
    expect(await amend({ ref, live, patchOf: withoutB }, portsOn(client))).toEqual({ action: 'unneeded', ref });

    // Another object under the same name is not what the patch was made for.
    await client.create(configMap(namespace, 'web', { b: 'another' }));
    const mine: Amendment['patchOf'] = (now) => (now.metadata.uid === live.metadata.uid ? withoutB(now) : undefined);
    expect(await amend({ ref, live, patchOf: mine }, portsOn(client))).toEqual({ action: 'unneeded', ref });
    expect((await client.get(ref))?.['data']).toEqual({ b: 'another' });
  },
);

cluster.test('one that moves under every attempt is stale', async ({ client, namespace }) => {
  const { object: live } = await client.create(configMap(namespace, 'web', { a: '1', b: '2' }));
  const ref = refOf(live);
  // As if somebody wrote between each look and each patch.
  const patchOf: Amendment['patchOf'] = (now) => [
    { op: 'replace', path: '/metadata/resourceVersion', value: '1' },
    ...(withoutB(now) ?? []).slice(1),
  ];
  expect(await amend({ ref, live, patchOf }, portsOn(client))).toMatchObject({
    action: 'failed',
    code: 'stale',
    retry: 'backoff',
  });
});

cluster.test('a refusal is data, with its next step', async ({ client, connect, namespace }) => {
  const { object: live } = await client.create(configMap(namespace, 'web', { a: '1', b: '2' }));
  const ref = refOf(live);
  const bad: Amendment['patchOf'] = (now) => guarded(now, { op: 'add', path: '/data/c', value: 3 });
  expect(await amend({ ref, live, patchOf: bad }, portsOn(client))).toMatchObject({
    action: 'failed',
    code: 'invalid',
  });
  const poor = portsOn(await connect({ user: 'someone' }));
  expect(await amend({ ref, live, patchOf: withoutB }, poor)).toMatchObject({
    action: 'failed',
    code: 'forbidden',
    message: expect.stringContaining('give this identity the right') as string,
  });
});
