import { describe, expect, test } from 'vitest';
import type { PodRule } from '@homeostat/apiserver';
import { world } from '../controllers/world.ts';
import type { World } from '../controllers/world.ts';
import { deployment, pod } from './manifests.ts';

async function reasons(story: World): Promise<string[]> {
  return (await story.list('Event')).map((event) => `${String(event['type'])} ${String(event['reason'])}`);
}

test('a Pod gets its node at once, and is ready a second later', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(pod('p'));
  const created = await story.get('Pod', 'p');
  expect(created).toMatchObject({
    spec: { nodeName: 'node-1' },
    status: {
      phase: 'Pending',
      containerStatuses: [{ name: 'main', ready: false, state: { waiting: { reason: 'ContainerCreating' } } }],
    },
  });
  await story.server.elapse(1000);
  expect((await story.get('Pod', 'p'))?.['status']).toMatchObject({
    phase: 'Running',
    podIP: '10.244.0.1',
    conditions: [
      { type: 'PodReadyToStartContainers', status: 'True' },
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' },
      { type: 'ContainersReady', status: 'True' },
      { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
    containerStatuses: [{ ready: true, started: true, restartCount: 0, state: { running: {} } }],
  });
  expect(await reasons(story)).toEqual(['Normal Scheduled']);
  expect(story.failures).toEqual([]);
});

test('a Pod that is deleted takes a second to end, or less if it is given less', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(pod('long'));
  await story.create(pod('short', { more: { terminationGracePeriodSeconds: 0 } }));
  await story.server.elapse(1000);
  await story.delete('Pod', 'long');
  await story.delete('Pod', 'short');
  expect(await story.get('Pod', 'short')).toBeUndefined();
  await story.server.elapse(999);
  expect(await story.get('Pod', 'long')).toBeDefined();
  await story.server.elapse(1);
  expect(await story.get('Pod', 'long')).toBeUndefined();
});

test('a namespace waits for its Pods to end', async () => {
  await using story = await world({ simulate: { stopMs: 5000 } });
  await story.create(deployment('web', { replicas: 2 }));
  await story.server.elapse(1000);
  await story.delete('Namespace', 'demo');
  await story.server.elapse(5999);
  expect(await story.list('Deployment')).toHaveLength(1);
  await story.server.elapse(1);
  expect(await story.get('Namespace', 'demo')).toBeUndefined();
  expect(story.failures).toEqual([]);
});

describe('a rule', () => {
  const run = async (rule: PodRule, ms = 1000, more: object = {}): Promise<World> => {
    const story = await world({ simulate: { rules: [rule] } });
    await story.create(pod('p', { image: 'shop/web:bad', more }));
    await story.server.elapse(ms);
    return story;
  };
  const container = async (story: World): Promise<unknown> => {
    const status = (await story.get('Pod', 'p'))?.['status'] as { containerStatuses: unknown[] } | undefined;
    return status?.containerStatuses[0];
  };

  test('leaves an image missing', async () => {
    await using story = await run({ image: '*:bad', fate: 'ImagePullBackOff' });
    expect(await container(story)).toMatchObject({
      state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "shop/web:bad"' } },
    });
    expect((await story.get('Pod', 'p'))?.['status']).toMatchObject({ phase: 'Pending' });
    expect(await reasons(story)).toEqual(['Normal Scheduled', 'Warning Failed', 'Warning BackOff']);
  });

  test('lets containers crash, with pauses that double', async () => {
    await using story = await run({ image: 'shop/*', fate: 'CrashLoopBackOff' });
    expect(await container(story)).toMatchObject({
      restartCount: 1,
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: expect.stringMatching(/^back-off 10s restarting failed container=main pod=p_demo\(.*\)$/),
        },
      },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    });
    await story.server.elapse(10_000);
    expect(await container(story)).toMatchObject({ restartCount: 2 });
    await story.server.elapse(20_000 + 40_000);
    expect(await container(story)).toMatchObject({
      restartCount: 4,
      state: { waiting: { message: expect.stringContaining('back-off 1m20s') } },
    });
  });

  test('lets a Pod fail that is not to be restarted', async () => {
    await using story = await run({ fate: 'CrashLoopBackOff' }, 1000, { restartPolicy: 'Never' });
    expect((await story.get('Pod', 'p'))?.['status']).toMatchObject({ phase: 'Failed' });
  });

  test('keeps a Pod from getting ready, or makes it slow', async () => {
    await using never = await run({ fate: 'NeverReady' }, 3_600_000);
    expect(await container(never)).toMatchObject({ ready: false, started: true, state: { running: {} } });
    await using slow = await run({ fate: 'Slow' }, 29_999);
    expect(await container(slow)).toMatchObject({ ready: false });
    await slow.server.elapse(1);
    expect(await container(slow)).toMatchObject({ ready: true });
    await using late = await run({ fate: 'Ready', afterMs: 5000 }, 4999);
    expect(await container(late)).toMatchObject({ ready: false });
  });

  test('keeps nodes from taking a Pod', async () => {
    await using story = await run({ fate: 'Unschedulable' });
    expect((await story.get('Pod', 'p'))?.['status']).toMatchObject({
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: expect.stringContaining('0/1 nodes are available: 1 Insufficient cpu.'),
        },
      ],
    });
    expect(await reasons(story)).toEqual(['Warning FailedScheduling']);
  });

  test('holds where its image, labels and namespace fit, the first that does', async () => {
    await using story = await world({
      simulate: {
        rules: [
          { namespace: 'other', fate: 'Unschedulable' },
          { labels: { app: 'db' }, image: '*', fate: 'Unschedulable' },
          { image: 'nginx:*', fate: 'NeverReady' },
          { fate: 'Unschedulable' },
        ],
      },
    });
    await story.create(pod('p'));
    await story.server.elapse(1000);
    expect(await container(story)).toMatchObject({ ready: false, state: { running: {} } });
  });

  test('is weaker than an annotation of the template', async () => {
    await using story = await world({ simulate: { rules: [{ fate: 'Unschedulable' }] } });
    await story.create(
      deployment('web', {
        annotations: { 'simulate.homeostat.dev/pod': 'Ready', 'simulate.homeostat.dev/after-ms': '200' },
      }),
    );
    await story.server.elapse(199);
    expect(await story.get('Deployment', 'web')).not.toHaveProperty('status.readyReplicas');
    await story.server.elapse(1);
    expect(await story.get('Deployment', 'web')).toHaveProperty('status.readyReplicas', 1);
  });
});

test('a Pod waits for a node that fits it', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.patch('Node', 'node-1', { spec: { unschedulable: true } });
  await story.create(pod('p', { more: { nodeSelector: { disk: 'ssd' } } }));
  const why = async (): Promise<unknown> =>
    ((await story.get('Pod', 'p'))?.['status'] as { conditions: { message?: string }[] } | undefined)?.conditions[0]
      ?.message;
  expect(await why()).toContain("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
  await story.patch('Node', 'node-1', { metadata: { labels: { disk: 'ssd' } } });
  expect(await why()).toContain('0/1 nodes are available: 1 node(s) were unschedulable.');
  await story.patch('Node', 'node-1', { spec: { unschedulable: null } });
  expect(await story.get('Pod', 'p')).toMatchObject({ spec: { nodeName: 'node-1' } });
});

test('the node is ready', async () => {
  await using story = await world({ simulate: 'workloads' });
  const node = await story.get('Node', 'node-1');
  expect(node?.['spec']).toEqual({});
  expect(node).toMatchObject({ status: { conditions: [{}, {}, {}, { type: 'Ready', status: 'True' }] } });
});
