import type { KubeObject } from '@homeostat/kube';
import { expect, test } from 'vitest';
import { world } from './world.ts';
import type { World } from './world.ts';

interface MapOptions {
  readonly owners?: readonly object[];
  readonly finalizers?: readonly string[];
  readonly namespace?: string;
}

function make(
  story: World,
  name: string,
  { owners = [], finalizers = [], namespace = 'demo' }: MapOptions = {},
): Promise<KubeObject> {
  return story.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ownerReferences: owners, finalizers },
  });
}

function owner({ apiVersion, kind, metadata }: KubeObject, more: object = {}): object {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, ...more };
}

async function names(story: World): Promise<string[]> {
  return (await story.list('ConfigMap'))
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt');
}

test('dependents go with their owner, and theirs with them', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  const b = await make(story, 'b', { owners: [owner(a)] });
  await make(story, 'c', { owners: [owner(b)] });
  await make(story, 'other');
  await story.delete('ConfigMap', 'a');
  expect(await names(story)).toEqual(['other']);
  expect(story.failures).toEqual([]);
});

test('an object with another owner left only loses the reference', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  const b = await make(story, 'b');
  await make(story, 'c', { owners: [owner(a), owner(b)] });
  await story.delete('ConfigMap', 'a');
  const c = await story.get('ConfigMap', 'c');
  expect(c?.metadata.ownerReferences).toEqual([owner(b)]);
});

test('an owner that is absent, has another uid or another name is none', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  await make(story, 'absent', { owners: [{ ...owner(a), name: 'nobody', uid: 'nobody' }] });
  await make(story, 'uid', { owners: [owner(a, { uid: 'another' })] });
  await make(story, 'name', { owners: [owner(a, { name: 'another' })] });
  await make(story, 'unknown', { owners: [owner(a, { apiVersion: 'example.com/v1', kind: 'Thing' })] });
  expect(await names(story)).toEqual(['a', 'unknown']);
});

test('an owner in another namespace is none, and an Event says so', async () => {
  await using story = await world();
  await story.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'else' } });
  const a = await make(story, 'a', { namespace: 'else' });
  await make(story, 'b', { owners: [owner(a)] });
  expect(await names(story)).toEqual([]);
  expect(await story.list('Event')).toMatchObject([
    {
      type: 'Warning',
      reason: 'OwnerRefInvalidNamespace',
      message: `ownerRef [v1/ConfigMap, namespace: demo, name: a, uid: ${a.metadata.uid ?? ''}] does not exist in namespace "demo"`,
      involvedObject: { kind: 'ConfigMap', namespace: 'demo', name: 'b' },
      source: { component: 'garbage-collector-controller' },
    },
  ]);
});

test('an owner deleted in the foreground waits for the dependents that block it', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  await make(story, 'blocking', { owners: [owner(a, { blockOwnerDeletion: true })], finalizers: ['a.b/c'] });
  await make(story, 'held', { owners: [owner(a)], finalizers: ['a.b/c'] });
  await make(story, 'free', { owners: [owner(a, { blockOwnerDeletion: true })] });
  await story.delete('ConfigMap', 'a', 'Foreground');
  expect(await names(story)).toEqual(['a', 'blocking', 'held']);
  expect((await story.get('ConfigMap', 'a'))?.metadata.finalizers).toEqual(['foregroundDeletion']);
  expect((await story.get('ConfigMap', 'held'))?.metadata.deletionTimestamp).toBeDefined();

  await story.patch('ConfigMap', 'blocking', { metadata: { finalizers: null } });
  expect(await names(story)).toEqual(['held']);
});

test('a dependent that stops blocking lets its owner go', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  await make(story, 'b', { owners: [owner(a, { blockOwnerDeletion: true })], finalizers: ['a.b/c'] });
  await story.delete('ConfigMap', 'a', 'Foreground');
  await story.patch('ConfigMap', 'b', { metadata: { ownerReferences: [owner(a, { blockOwnerDeletion: false })] } });
  expect(await names(story)).toEqual(['b']);
});

test('foreground deletion reaches down the whole tree, and ends in a ring too', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  const b = await make(story, 'b', { owners: [owner(a, { blockOwnerDeletion: true })] });
  await make(story, 'c', { owners: [owner(b, { blockOwnerDeletion: true })], finalizers: ['a.b/c'] });
  await story.delete('ConfigMap', 'a', 'Foreground');
  expect(await names(story)).toEqual(['a', 'b', 'c']);
  await story.patch('ConfigMap', 'c', { metadata: { finalizers: null } });
  expect(await names(story)).toEqual([]);

  const d = await make(story, 'd');
  const e = await make(story, 'e', { owners: [owner(d, { blockOwnerDeletion: true })] });
  await story.patch('ConfigMap', 'd', { metadata: { ownerReferences: [owner(e, { blockOwnerDeletion: true })] } });
  await story.delete('ConfigMap', 'd', 'Foreground');
  expect(await names(story)).toEqual([]);
});

test('orphaned dependents lose the reference and stay', async () => {
  await using story = await world();
  const a = await make(story, 'a');
  await make(story, 'b', { owners: [owner(a)] });
  await make(story, 'c', { owners: [owner(a)] });
  await story.delete('ConfigMap', 'a', 'Orphan');
  expect(await names(story)).toEqual(['b', 'c']);
  expect((await story.get('ConfigMap', 'b'))?.metadata.ownerReferences).toBeUndefined();
});

test('without controllers dependents stay', async () => {
  await using story = await world({ controllers: false });
  const a = await make(story, 'a');
  await make(story, 'b', { owners: [owner(a)] });
  await story.delete('ConfigMap', 'a');
  expect(await names(story)).toEqual(['b']);
});

test('what a controller is refused it tries again', async () => {
  let refused = 0;
  await using story = await world({
    admit: ({ operation, name }) => {
      if (operation !== 'DELETE' || name !== 'b' || refused === 2) return undefined;
      refused++;
      return { deny: 'not now' };
    },
  });
  const a = await make(story, 'a');
  await make(story, 'b', { owners: [owner(a)] });
  await story.delete('ConfigMap', 'a');
  await story.server.elapse(1000);
  expect(await names(story)).toEqual(['b']);
  await story.server.elapse(2000);
  expect(await names(story)).toEqual([]);
  expect(story.failures).toHaveLength(2);
});

test('custom resources are owners and dependents like others', async () => {
  await using story = await world();
  await story.client.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  await story.server.settled();
  await story.client.resources({ refresh: true });
  const thing = await story.create({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' } });
  await make(story, 'a', { owners: [owner(thing)] });
  expect(await names(story)).toEqual(['a']);
  await story.client.delete({ group: 'example.com', kind: 'Thing', namespace: 'demo', name: 't' });
  await story.server.settled();
  expect(await names(story)).toEqual([]);
});
