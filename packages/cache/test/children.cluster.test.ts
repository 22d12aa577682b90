import type { Client, KubeObject, Ref } from '@homeostat/kube';
import { printRef, refOf } from '@homeostat/kube';
import { statusOf } from '@homeostat/status';
import { expect } from 'vitest';
import { readChildren } from '../src/index.ts';
import { applyMember, counter, setIn, soon, test } from './world.ts';

const workload = (namespace: string, kind: 'Deployment' | 'StatefulSet', name: string, replicas = 1): KubeObject => {
  const [labels, containers] = [{ app: name }, [{ name: 'app', image: 'example.com/absent:1' }]];
  const serviceName = kind === 'StatefulSet' ? { serviceName: name } : {};
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
      ...serviceName,
    },
  };
};

/** An object that says it belongs to another one, as a controller would have made it. */
async function madeBy(client: Client, owner: KubeObject, object: KubeObject): Promise<KubeObject> {
  const { apiVersion, kind, metadata } = owner;
  const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }];
  const made = await client.create({ ...object, metadata: { ...object.metadata, ownerReferences } });
  return made.object;
}

const pod = (namespace: string, name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'app', image: 'example.com/absent:1' }] },
});
const ownerOf = (object: KubeObject): { readonly ref: Ref; readonly uid: string } => ({
  ref: refOf(object),
  uid: object.metadata.uid ?? '',
});

test('children of workloads are found through owner references: one list for each kind and namespace', async ({
  client,
  connect,
  namespace,
}) => {
  const set = setIn(namespace);
  // Without replicas, so that controllers, where there are any, have nothing to add.
  const web = await applyMember(client, set, workload(namespace, 'Deployment', 'web', 0));
  const api = await applyMember(client, set, workload(namespace, 'Deployment', 'api', 0));
  const db = await applyMember(client, set, workload(namespace, 'StatefulSet', 'db', 0));
  const { spec } = workload(namespace, 'Deployment', 'other', 0);
  const { strategy: _none, ...template } = spec as { readonly strategy?: unknown };
  const replicas = await madeBy(client, web, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-1', namespace },
    spec: template,
  });
  await madeBy(client, replicas, pod(namespace, 'web-1-b'));
  await madeBy(client, replicas, pod(namespace, 'web-1-a'));
  await madeBy(client, db, pod(namespace, 'db-0'));
  await client.create(pod(namespace, 'stranger'));

  const { onRequest, count } = counter();
  const counted = await connect({ onRequest });
  await counted.resources();
  const { children, errors } = await readChildren([web, api, db].map(ownerOf), counted, { signal: soon() });
  const names = (ref: Ref): readonly string[] => children(ref).map((object) => printRef(refOf(object)));
  const mine = (list: readonly string[]): readonly string[] => list.filter((name) => /(web-1|db-0)/u.test(name));
  expect(mine(names(refOf(web)))).toEqual([`apps/ReplicaSet ${namespace}/web-1`]);
  expect(names(refOf(replicas))).toEqual([`Pod ${namespace}/web-1-a`, `Pod ${namespace}/web-1-b`]);
  expect(names(refOf(db))).toEqual([`Pod ${namespace}/db-0`]);
  expect(mine(names(refOf(api)))).toEqual([]);
  expect(errors).toEqual([]);
  expect(count('list')).toBe(2);

  // They are what `statusOf` asks for to say why something is not ready.
  const { generation } = db.metadata;
  const awaited = {
    ...db,
    spec: { ...(db['spec'] as object), replicas: 1 },
    status: { observedGeneration: generation },
  };
  const asBegun = (ref: Ref): readonly KubeObject[] =>
    children(ref).map((object) => ({ ...object, status: { phase: 'Pending' } }));
  expect(statusOf(awaited, { now: Date.now(), children: asBegun }).message).toContain('; pod db-0: ');

  const { children: none } = await readChildren([], counted, { signal: soon() });
  expect(none(refOf(web))).toEqual([]);
  expect(count('list')).toBe(2);
});

test('what may not be read is told, and takes nothing else along; a signal ends it', async ({
  client,
  connect,
  namespace,
}) => {
  const web = await applyMember(client, setIn(namespace), workload(namespace, 'Deployment', 'web', 0));
  const someone = await connect({ user: 'someone' });
  const { children, errors } = await readChildren([ownerOf(web)], someone, { signal: soon() });
  expect(children(refOf(web))).toEqual([]);
  expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  await expect(readChildren([ownerOf(web)], client, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});
