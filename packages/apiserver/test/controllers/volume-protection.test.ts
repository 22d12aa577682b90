import { expect, test } from 'vitest';
import { world } from './world.ts';

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

test('a claim that nobody uses goes at once', async () => {
  await using story = await world();
  await story.create(claim);
  await story.delete('PersistentVolumeClaim', 'data');
  expect(await story.get('PersistentVolumeClaim', 'data')).toBeUndefined();
});

test('a claim goes when the last Pod on a node that uses it has gone', async () => {
  await using story = await world();
  await story.create(claim);
  await story.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: {
      nodeName: 'somewhere',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
    },
  });
  await story.delete('PersistentVolumeClaim', 'data');
  expect((await story.get('PersistentVolumeClaim', 'data'))?.metadata.finalizers).toEqual([
    'kubernetes.io/pvc-protection',
  ]);
  await story.delete('Pod', 'p');
  expect(await story.get('PersistentVolumeClaim', 'data')).toBeUndefined();
});

test('a volume that is not bound goes at once', async () => {
  await using story = await world();
  await story.create({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/tmp' } },
  });
  await story.delete('PersistentVolume', 'v');
  expect(await story.get('PersistentVolume', 'v')).toBeUndefined();
});
