import { expect, test } from 'vitest';
import { world } from '../controllers/world.ts';
import type { World } from '../controllers/world.ts';
import { statefulSet } from './manifests.ts';

/** `db-0 one Running`, … */
async function pods(story: World): Promise<string[]> {
  return (await story.list('Pod')).map(({ metadata, spec, status: now }) => {
    const [container] = (spec as { containers: { image: string }[] }).containers;
    const ended = metadata.deletionTimestamp === undefined ? (now as { phase: string }).phase : 'Terminating';
    return `${metadata.name} ${container?.image ?? ''} ${ended}`;
  });
}

async function status(story: World): Promise<unknown> {
  return (await story.get('StatefulSet', 'db'))?.['status'];
}

const two = { spec: { template: { spec: { containers: [{ name: 'main', image: 'two' }] } } } };

test('Pods are made one after the other', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(statefulSet('db', { replicas: 3, image: 'one' }));
  expect(await pods(story)).toEqual(['db-0 one Pending']);
  expect(await status(story)).toMatchObject({ replicas: 1, currentReplicas: 1, updatedReplicas: 1, collisionCount: 0 });
  await story.server.elapse(1000);
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 one Pending']);
  await story.server.elapse(2000);
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 one Running', 'db-2 one Running']);
  const [revision] = await story.list('ControllerRevision');
  expect(await status(story)).toEqual({
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: revision?.metadata.name,
    updateRevision: revision?.metadata.name,
    collisionCount: 0,
  });
  expect((await story.get('Pod', 'db-1'))?.metadata.labels).toEqual({
    app: 'db',
    'apps.kubernetes.io/pod-index': '1',
    'controller-revision-hash': revision?.metadata.name,
    'statefulset.kubernetes.io/pod-name': 'db-1',
  });
  expect(story.failures).toEqual([]);
});

test('they are ended from the last to the first', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(statefulSet('db', { replicas: 3, image: 'one' }));
  await story.server.elapse(3000);
  await story.patch('StatefulSet', 'db', { spec: { replicas: 1 } });
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 one Running', 'db-2 one Terminating']);
  await story.server.elapse(1000);
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 one Terminating']);
  await story.server.elapse(1000);
  expect(await pods(story)).toEqual(['db-0 one Running']);
});

test('an update replaces them from the last to the first, down to the partition', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(
    statefulSet('db', {
      replicas: 3,
      image: 'one',
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
    }),
  );
  await story.server.elapse(3000);
  await story.patch('StatefulSet', 'db', two);
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 one Running', 'db-2 one Terminating']);
  await story.server.elapse(1000);
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 one Running', 'db-2 two Pending']);
  await story.server.elapse(10_000);
  expect(await pods(story)).toEqual(['db-0 one Running', 'db-1 two Running', 'db-2 two Running']);
  expect(await status(story)).toMatchObject({ updatedReplicas: 2, currentReplicas: 1 });
  await story.patch('StatefulSet', 'db', { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
  await story.server.elapse(10_000);
  const settled = (await status(story)) as Record<string, unknown>;
  expect(settled).toMatchObject({ updatedReplicas: 3, currentReplicas: 3, readyReplicas: 3 });
  expect(settled['currentRevision']).toBe(settled['updateRevision']);
});

test('a template from before is its revision again, under a new number', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(statefulSet('db', { image: 'one' }));
  await story.server.elapse(3000);
  await story.patch('StatefulSet', 'db', two);
  await story.server.elapse(3000);
  await story.patch('StatefulSet', 'db', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'one' }] } } },
  });
  await story.server.elapse(3000);
  const revisions = (await story.list('ControllerRevision')).map((one) => one['revision']);
  expect(revisions.toSorted((a, b) => Number(a) - Number(b))).toEqual([2, 3]);
  expect(await pods(story)).toEqual(['db-0 one Running']);
});

test('Pods have claims of their own, that stay', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(
    statefulSet('db', {
      replicas: 2,
      spec: {
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    }),
  );
  await story.server.elapse(2000);
  const names = async (): Promise<string[]> =>
    (await story.list('PersistentVolumeClaim')).map(({ metadata }) => metadata.name);
  expect(await names()).toEqual(['data-db-0', 'data-db-1']);
  expect((await story.get('Pod', 'db-1'))?.['spec']).toMatchObject({
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }],
  });
  await story.delete('StatefulSet', 'db');
  await story.server.elapse(2000);
  expect(await pods(story)).toEqual([]);
  expect(await names()).toEqual(['data-db-0', 'data-db-1']);
});

test('Parallel ones do not wait for each other', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(statefulSet('db', { replicas: 3, image: 'one', spec: { podManagementPolicy: 'Parallel' } }));
  expect(await pods(story)).toHaveLength(3);
  await story.server.elapse(1000);
  await story.patch('StatefulSet', 'db', { spec: { replicas: 0 } });
  await story.server.elapse(1000);
  expect(await pods(story)).toEqual([]);
});
