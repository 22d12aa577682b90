import { expect, test } from 'vitest';
import { world } from './world.ts';

test('a namespace that is deleted goes a second later, with all that is in it', async () => {
  await using story = await world();
  await story.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
  await story.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } });
  await story.delete('Namespace', 'demo');
  await story.server.elapse(999);
  expect(await story.get('Namespace', 'demo')).toMatchObject({ status: { phase: 'Terminating' } });
  expect(await story.get('ConfigMap', 'a')).toBeDefined();

  await story.server.elapse(1);
  expect(await story.get('Namespace', 'demo')).toBeUndefined();
  expect(await story.list('ConfigMap')).toEqual([]);
  expect(await story.list('Secret')).toEqual([]);
  expect(await story.list('ServiceAccount')).toEqual([]);
  expect(story.failures).toEqual([]);
});

test('while finalizers hold its contents, its conditions say so', async () => {
  await using story = await world();
  await story.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers: ['a.b/c'] } });
  await story.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', finalizers: ['a.b/c', 'a.b/d'] } });
  await story.delete('Namespace', 'demo');
  await story.server.elapse(5000);
  const conditions = (await story.get('Namespace', 'demo'))?.['status'];
  expect(conditions).toMatchInlineSnapshot(`
    {
      "conditions": [
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "All resources successfully discovered",
          "reason": "ResourcesDiscovered",
          "status": "False",
          "type": "NamespaceDeletionDiscoveryFailure",
        },
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "All legacy kube types successfully parsed",
          "reason": "ParsedGroupVersions",
          "status": "False",
          "type": "NamespaceDeletionGroupVersionParsingFailure",
        },
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "All content successfully deleted, may be waiting on finalization",
          "reason": "ContentDeleted",
          "status": "False",
          "type": "NamespaceDeletionContentFailure",
        },
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "Some resources are remaining: configmaps. has 2 resource instances",
          "reason": "SomeResourcesRemain",
          "status": "True",
          "type": "NamespaceContentRemaining",
        },
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "Some content in the namespace has finalizers remaining: a.b/c in 2 resource instances, a.b/d in 1 resource instances",
          "reason": "SomeFinalizersRemain",
          "status": "True",
          "type": "NamespaceFinalizersRemaining",
        },
      ],
      "phase": "Terminating",
    }
  `);

  await story.patch('ConfigMap', 'b', { metadata: { finalizers: null } });
  expect(await story.get('Namespace', 'demo')).toMatchObject({
    status: {
      conditions: [
        {},
        {},
        {},
        { message: 'Some resources are remaining: configmaps. has 1 resource instances' },
        { message: 'Some content in the namespace has finalizers remaining: a.b/c in 1 resource instances' },
      ],
    },
  });
  await story.patch('ConfigMap', 'a', { metadata: { finalizers: null } });
  expect(await story.get('Namespace', 'demo')).toBeUndefined();
});

test('a finalizer of the namespace itself keeps it, empty', async () => {
  await using story = await world();
  await story.patch('Namespace', 'demo', { metadata: { finalizers: ['a.b/c'] } });
  await story.delete('Namespace', 'demo');
  await story.server.elapse(5000);
  expect((await story.get('Namespace', 'demo'))?.['spec']).toEqual({});
  await story.patch('Namespace', 'demo', { metadata: { finalizers: null } });
  expect(await story.get('Namespace', 'demo')).toBeUndefined();
});

test('how long it takes can be chosen', async () => {
  await using story = await world({ controllers: { namespaceDelayMs: 0 } });
  await story.delete('Namespace', 'demo');
  expect(await story.get('Namespace', 'demo')).toBeUndefined();
});

test('contents that somebody refuses to delete are named', async () => {
  await using story = await world({
    admit: ({ operation, name }) => (operation === 'DELETE' && name === 'a' ? { deny: 'it is dear to me' } : undefined),
  });
  await story.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
  await story.delete('Namespace', 'demo');
  await story.server.elapse(1000);
  expect(await story.get('Namespace', 'demo')).toMatchObject({
    status: {
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: 'Failed to delete all resource types, 1 remaining: configmaps "a" is forbidden: it is dear to me',
        }),
      ]),
    },
  });
});

test('every namespace has its ServiceAccount and the certificate of the server, again when they are deleted', async () => {
  await using story = await world();
  for (const namespace of ['default', 'kube-system', 'demo']) {
    const before = await story.get('ConfigMap', 'kube-root-ca.crt', namespace);
    expect(before).toMatchObject({
      metadata: { managedFields: [{ manager: 'kube-controller-manager', operation: 'Update' }] },
      data: { 'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') },
    });
    const account = await story.get('ServiceAccount', 'default', namespace);
    expect(account?.metadata.managedFields).toBeUndefined();
    await story.delete('ServiceAccount', 'default', undefined, namespace);
    expect((await story.get('ServiceAccount', 'default', namespace))?.metadata.uid).not.toBe(account?.metadata.uid);
    await story.delete('ConfigMap', 'kube-root-ca.crt', undefined, namespace);
    await story.patch('ConfigMap', 'kube-root-ca.crt', { data: { 'ca.crt': 'mine', more: 'x' } }, namespace);
    expect((await story.get('ConfigMap', 'kube-root-ca.crt', namespace))?.['data']).toEqual(before?.['data']);
  }
});

test('without controllers a namespace that is deleted stays, and a new one is empty', async () => {
  await using story = await world({ controllers: false });
  expect(await story.list('ServiceAccount')).toEqual([]);
  await story.delete('Namespace', 'demo');
  await story.server.elapse(60_000);
  expect(await story.get('Namespace', 'demo')).toMatchObject({ status: { phase: 'Terminating' } });
});
