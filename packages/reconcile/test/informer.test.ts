import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import type { Client, KubeObject } from '@homeostat/kube';
import { eventually } from '../../../test/support/eventually.ts';
import { createInformer } from '../src/informer.ts';
import type { Informer } from '../src/informer.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

interface Ground extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly informer: Informer;
  /** What was asked of ConfigMaps since the last look, with the namespace. */
  requests(): readonly string[];
  readonly write: (namespace: string, name: string, n: number) => Promise<unknown>;
  /** Follows one object: what it was told, as numbers; codes of troubles in brackets. */
  readonly follow: (namespace: string, name: string) => { readonly told: unknown[]; readonly leave: () => void };
}

async function ground(reach: 'cluster' | readonly string[] = 'cluster'): Promise<Ground> {
  const requests: string[] = [];
  const server = await createApiServer({
    users: [
      { name: 'admin', groups: ['system:masters'] },
      { name: 'robot', groups: [] },
    ],
    onRequest: ({ verb, resource, namespace, userAgent }) => {
      if (resource === 'configmaps' && userAgent === 'follower') requests.push(`${verb} ${namespace}`);
    },
  });
  const client = server.client();
  const clock = fakeClock();
  for (const name of ['one', 'two']) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const namespace of reach === 'cluster' ? [] : reach) await allowed(client, namespace);
  const user = reach === 'cluster' ? 'admin' : 'robot';
  const ports = { client: server.client({ user, userAgent: 'follower' }), clock, random: () => 1 };
  const informer = createInformer({ group: '', kind: 'ConfigMap', labelSelector: 'followed' }, ports);
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  return {
    server,
    client,
    clock,
    informer,
    requests: () => requests.splice(0).toSorted(),
    write: (namespace, name, n) => client.apply(labelled(namespace, name, n), { manager: 'writer' }),
    follow(namespace, name) {
      const told: unknown[] = [];
      const leave = informer.follow(
        { group: '', kind: 'ConfigMap', namespace, name },
        {
          seen: (object) => void told.push(object === undefined ? null : Number((object['data'] as { n: string }).n)),
          trouble: ({ code }) => void told.push(`(${code})`),
        },
      );
      return { told, leave };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await server.close();
    },
  };
}

/** Lets the robot follow ConfigMaps there. */
async function allowed(client: Client, namespace: string): Promise<void> {
  const metadata = { name: 'follower', namespace };
  const apiGroup = 'rbac.authorization.k8s.io';
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }];
  await client.create({ apiVersion: `${apiGroup}/v1`, kind: 'Role', metadata, rules });
  await client.create({
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup, kind: 'Role', name: 'follower' },
    subjects: [{ apiGroup, kind: 'User', name: 'robot' }],
  });
}

function labelled(namespace: string, name: string, n: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name, labels: { followed: 'yes' } },
    data: { n: String(n) },
  };
}

test('many objects of many namespaces are followed by one list and one watch', async () => {
  await using world = await ground();
  await world.write('one', 'a', 1);
  const [a, b] = [world.follow('one', 'a'), world.follow('two', 'b')];
  await eventually(() => expect([a.told, b.told]).toEqual([[1], [null]]));
  await world.write('two', 'b', 2);
  await eventually(() => expect(b.told).toEqual([null, 2]));
  // Who comes later is told at once.
  const late = world.follow('two', 'b');
  expect(late.told).toEqual([2]);
  b.leave();
  await world.client.delete({ group: '', kind: 'ConfigMap', namespace: 'two', name: 'b' });
  await eventually(() => expect(late.told).toEqual([2, null]));
  expect([a.told, b.told]).toEqual([[1], [null, 2]]);
  expect(world.requests()).toEqual(['list ', 'watch ']);
});

test('where the whole cluster may not be read it is one watch for each namespace that matters', async () => {
  await using world = await ground(['one', 'two']);
  await world.write('one', 'a', 1);
  const a = world.follow('one', 'a');
  const other = world.follow('one', 'other');
  await eventually(() => expect([a.told, other.told]).toEqual([[1], [null]]));
  const b = world.follow('two', 'b');
  await eventually(() => expect(b.told).toEqual([null]));
  await world.write('two', 'b', 2);
  await eventually(() => expect(b.told).toEqual([null, 2]));
  await world.clock.advance(120_000);
  expect(world.requests()).toEqual(['list ', 'list one', 'list two', 'watch one', 'watch two']);
});

test('what cannot be read is no absence, and afterwards everything is told again', async () => {
  await using world = await ground();
  await world.write('one', 'a', 1);
  const a = world.follow('one', 'a');
  await eventually(() => expect(a.told).toEqual([1]));
  const outage = world.server.faults.add({ fault: 'reset', resource: 'configmaps', verb: ['list', 'watch'] });
  await eventually(() => expect(a.told).toEqual([1, '(UNREACHABLE)']));
  expect(world.follow('one', 'a').told).toEqual(['(UNREACHABLE)']);
  outage.remove();
  await world.clock.advance(60_000);
  await eventually(() => expect(a.told.at(-1)).toBe(1));
});
