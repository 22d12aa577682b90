import type { Client, KubeObject, Propagation, Resource } from '@homeostat/kube';
import { createApiServer } from '@homeostat/apiserver';
import { expect, vi } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';

interface Side {
  readonly client: Client;
  readonly namespace: string;
}

const test = cluster
  .needs('controllers')
  .extend('sides', async ({ client, namespace }, { onCleanup }): Promise<Side[]> => {
    const server = await createApiServer();
    onCleanup(() => server.close());
    const ours = server.client({ userAgent: 'homeostat' });
    await ours.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    return [
      { client, namespace },
      { client: ours, namespace },
    ];
  });

const WAIT = { timeout: 30_000, interval: 50 };

async function resourceOf({ client }: Side, kind: string): Promise<Resource> {
  const resource = (await client.resources()).find({ group: '', kind });
  if (resource === undefined) throw new TypeError(`no ${kind}`);
  return resource;
}

/** What becomes of each ConfigMap of a story, from one event to the next, until `expected` of them are gone. */
async function courses(
  side: Side,
  expected: number,
  story: (make: (name: string, more?: object) => Promise<KubeObject>) => Promise<void>,
): Promise<Record<string, string[]>> {
  const { client, namespace } = side;
  const resource = await resourceOf(side, 'ConfigMap');
  const abort = new AbortController();
  const [page] = await Array.fromAsync(client.list(resource, { namespace }));
  const seen: Record<string, string[]> = {};
  let gone = 0;
  const watching = (async () => {
    const options = { namespace, resourceVersion: page?.resourceVersion ?? '', signal: abort.signal };
    for await (const event of client.watch(resource, options)) {
      if (event.type === 'BOOKMARK') continue;
      const name = event.type === 'DELETED' ? event.ref.name : event.object.metadata.name;
      if (name === 'kube-root-ca.crt') continue;
      (seen[name] ??= []).push(event.type === 'DELETED' ? 'DELETED' : `${event.type} ${told(event.object)}`);
      if (event.type === 'DELETED' && ++gone === expected) return;
    }
  })();
  await story(async (name, more = {}) => {
    const metadata = { name, namespace, ...more };
    return (await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata })).object;
  });
  const timer = setTimeout(() => abort.abort(), 10_000);
  await watching;
  clearTimeout(timer);
  return seen;
}

function told({ metadata }: KubeObject): string {
  const { finalizers = [], ownerReferences = [], deletionTimestamp } = metadata;
  const parts = [
    ...(deletionTimestamp === undefined ? [] : ['deleting']),
    ...finalizers,
    ...ownerReferences.map(({ name }) => `of ${name}`),
    ...(metadata.managedFields ?? []).map(({ manager }) => `by ${manager}`),
  ];
  return parts.join(' ');
}

const owner = ({ metadata }: KubeObject, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name,
  uid: metadata.uid,
  ...more,
});

async function remove({ client, namespace }: Side, name: string, propagation: Propagation): Promise<void> {
  await client.delete({ group: '', kind: 'ConfigMap', namespace, name }, { propagation });
}

async function release({ client, namespace }: Side, name: string): Promise<void> {
  const ref = { group: '', kind: 'ConfigMap', namespace, name };
  await client.patch(ref, { type: 'merge', value: { metadata: { finalizers: null } } });
}

for (const propagation of ['Background', 'Foreground'] as const) {
  test(`dependents go as in a real cluster: ${propagation}`, async ({ sides }) => {
    const [real, ours] = await Promise.all(
      sides.map((side) =>
        courses(side, 4, async (make) => {
          const a = await make('a');
          const b = await make('b', { ownerReferences: [owner(a, { blockOwnerDeletion: true })] });
          await make('c', { ownerReferences: [owner(b, { blockOwnerDeletion: true })] });
          const d = await make('d');
          await make('shared', { ownerReferences: [owner(a), owner(d)] });
          await make('held', { ownerReferences: [owner(a)], finalizers: ['a.b/c'] });
          await remove(side, 'a', propagation);
          const look = (name: string): Promise<KubeObject | undefined> =>
            side.client.get({ group: '', kind: 'ConfigMap', namespace: side.namespace, name });
          await vi.waitFor(async () => {
            expect(await look('c')).toBeUndefined();
            expect((await look('held'))?.metadata.deletionTimestamp).toBeDefined();
            expect((await look('shared'))?.metadata.ownerReferences).toHaveLength(1);
          }, WAIT);
          await release(side, 'held');
        }),
      ),
    );
    expect(ours).toEqual(real);
  });
}

test('orphans are left as in a real cluster', async ({ sides }) => {
  const [real, ours] = await Promise.all(
    sides.map((side) =>
      courses(side, 1, async (make) => {
        const a = await make('a');
        await make('b', { ownerReferences: [owner(a)] });
        await make('c', { ownerReferences: [owner(a)] });
        await remove(side, 'a', 'Orphan');
      }),
    ),
  );
  expect(ours).toEqual(real);
});

test('a namespace says what holds it as in a real cluster', async ({ sides }) => {
  const conditions = async (side: Side): Promise<unknown> => {
    const { client, namespace } = side;
    const make = (name: string, finalizers: readonly string[]): Promise<unknown> =>
      client.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, finalizers } });
    await make('a', ['a.b/c']);
    await make('b', ['a.b/c', 'a.b/d']);
    const ref = { group: '', kind: 'Namespace', namespace: '', name: namespace };
    await client.delete(ref);
    const held = await vi.waitFor(async () => {
      const status = (await client.get(ref))?.['status'] as { conditions?: object[] } | undefined;
      const found = status?.conditions;
      if (found === undefined) throw new Error('nothing is said yet');
      return found.map((condition) => ({ ...condition, lastTransitionTime: '' }));
    }, WAIT);
    for (const name of ['a', 'b']) {
      const place = { group: '', kind: 'Secret', namespace, name };
      await client.patch(place, { type: 'merge', value: { metadata: { finalizers: null } } });
    }
    return held;
  };
  const [real, ours] = await Promise.all(sides.map(conditions));
  expect(ours).toEqual(real);
});

test('what every namespace has is as in a real cluster', async ({ sides }) => {
  const [real, ours] = await Promise.all(
    sides.map(async ({ client, namespace }) => {
      const read = (kind: string, name: string): Promise<KubeObject> =>
        vi.waitFor(async () => {
          const object = await client.get({ group: '', kind, namespace, name });
          if (object === undefined) throw new Error(`no ${kind} ${name}`);
          const { uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...metadata } = object.metadata;
          const managedFields = (metadata.managedFields ?? []).map(({ time: _at, ...entry }) => entry);
          return { ...object, metadata: { ...metadata, managedFields }, data: {} };
        }, WAIT);
      return [await read('ServiceAccount', 'default'), await read('ConfigMap', 'kube-root-ca.crt')];
    }),
  );
  expect(ours).toEqual(real);
});
