import { expect, test } from 'vitest';
import { world } from '../controllers/world.ts';
import { daemonSet } from './manifests.ts';

test('a DaemonSet has a Pod on every node that fits', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-2', labels: { disk: 'ssd' } } });
  await story.create(daemonSet('ds'));
  await story.server.elapse(1000);
  const nodes = (await story.list('Pod')).map(({ spec }) => (spec as { nodeName: string }).nodeName);
  expect(nodes.toSorted()).toEqual(['node-1', 'node-2']);
  expect((await story.get('DaemonSet', 'ds'))?.['status']).toEqual({
    observedGeneration: 1,
    currentNumberScheduled: 2,
    desiredNumberScheduled: 2,
    numberMisscheduled: 0,
    numberReady: 2,
    numberAvailable: 2,
    updatedNumberScheduled: 2,
  });
  await story.patch('DaemonSet', 'ds', { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } });
  await story.server.elapse(10_000);
  expect(await story.list('Pod')).toMatchObject([{ spec: { nodeName: 'node-2' } }]);
  expect(story.failures).toEqual([]);
});

test('an update replaces its Pods', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(daemonSet('ds', { image: 'one' }));
  await story.server.elapse(1000);
  await story.patch('DaemonSet', 'ds', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'two' }] } } },
  });
  expect((await story.get('DaemonSet', 'ds'))?.['status']).toMatchObject({
    numberUnavailable: 1,
    observedGeneration: 2,
  });
  await story.server.elapse(2000);
  expect((await story.get('DaemonSet', 'ds'))?.['status']).toMatchObject({
    numberAvailable: 1,
    updatedNumberScheduled: 1,
  });
  expect(await story.list('Pod')).toMatchObject([{ spec: { containers: [{ image: 'two' }] } }]);
});
