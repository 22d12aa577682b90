import { describe, expect, test } from 'vitest';
import { world } from '../controllers/world.ts';
import type { World } from '../controllers/world.ts';
import { deployment } from './manifests.ts';

const simulated = (): Promise<World> => world({ simulate: 'workloads' });

interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
}

async function statusOf(story: World, kind: string, name: string): Promise<Status> {
  return (await story.get(kind, name))?.['status'] ?? {};
}

/** `Available=True/MinimumReplicasAvailable …`, in order. */
async function conditions(story: World, name = 'web'): Promise<string[]> {
  const { conditions: all = [] } = await statusOf(story, 'Deployment', name);
  return all.map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}

async function images(story: World): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const pod of await story.list('Pod')) {
    const { containers } = pod['spec'] as { containers: { image: string }[] };
    const image = containers[0]?.image ?? '';
    counts[image] = (counts[image] ?? 0) + 1;
  }
  return counts;
}

test('a Deployment makes a ReplicaSet, that makes Pods, and these become ready', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { replicas: 3 }));
  expect(await statusOf(story, 'Deployment', 'web')).toEqual({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    unavailableReplicas: 3,
    terminatingReplicas: 0,
    conditions: [
      {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        lastUpdateTime: '2026-01-01T00:00:00Z',
      },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'ReplicaSetUpdated',
        message: expect.stringMatching(/^ReplicaSet "web-[a-z0-9]+" is progressing\.$/),
        lastTransitionTime: '2026-01-01T00:00:00Z',
        lastUpdateTime: '2026-01-01T00:00:00Z',
      },
    ],
  });

  await story.server.elapse(1000);
  expect(await statusOf(story, 'Deployment', 'web')).toMatchObject({
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
  });
  expect(await conditions(story)).toEqual([
    'Available=True/MinimumReplicasAvailable',
    'Progressing=True/NewReplicaSetAvailable',
  ]);
  const [set] = await story.list('ReplicaSet');
  expect(set).toMatchObject({
    metadata: {
      annotations: {
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
        'deployment.kubernetes.io/revision': '1',
      },
      ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true, blockOwnerDeletion: true }],
    },
    status: { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 },
  });
  for (const pod of await story.list('Pod')) {
    expect(pod).toMatchObject({ spec: { nodeName: 'node-1' }, status: { phase: 'Running' } });
  }
  expect(story.failures).toEqual([]);
});

test('controllers write as kube-controller-manager, status apart', async () => {
  await using story = await simulated();
  await story.create(deployment('web'));
  await story.server.elapse(1000);
  const managers = async (kind: string): Promise<string[]> =>
    ((await story.list(kind))[0]?.metadata.managedFields ?? []).map(
      ({ manager, operation, subresource = '' }) => `${manager} ${operation} ${subresource}`,
    );
  expect(await managers('Deployment')).toEqual(['test Update ', 'kube-controller-manager Update status']);
  expect(await managers('ReplicaSet')).toEqual([
    'kube-controller-manager Update ',
    'kube-controller-manager Update status',
  ]);
  expect(await managers('Pod')).toEqual(['kube-controller-manager Update ', 'kubelet Update status']);
});

test('a settled cluster is left alone', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { replicas: 2 }));
  await story.server.elapse(10_000);
  const version = async (): Promise<unknown> =>
    (await story.client.request({ method: 'GET', path: '/api/v1/pods' })).body;
  const before = await version();
  await story.server.elapse(3_600_000);
  expect(await version()).toBe(before);
});

test('a new template is rolled out within the bounds, and the old ReplicaSet kept', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { replicas: 4, image: 'one' }));
  await story.server.elapse(1000);
  await story.patch('Deployment', 'web', { spec: template('two') });
  // A quarter more, and a quarter that may be missing.
  expect(await images(story)).toEqual({ one: 4, two: 2 });
  expect(await statusOf(story, 'Deployment', 'web')).toMatchObject({
    observedGeneration: 2,
    replicas: 5,
    updatedReplicas: 2,
    availableReplicas: 3,
    terminatingReplicas: 1,
  });
  let least = 4;
  let most = 0;
  for (let step = 0; step < 100; step++) {
    await story.server.elapse(100);
    const { availableReplicas = 0, replicas = 0 } = (await statusOf(story, 'Deployment', 'web')) as Record<
      string,
      number
    >;
    least = Math.min(least, availableReplicas);
    most = Math.max(most, replicas);
  }
  expect({ least, most }).toEqual({ least: 3, most: 5 });
  expect(await images(story)).toEqual({ two: 4 });
  expect((await story.get('Deployment', 'web'))?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '2',
  });
  const sets = await story.list('ReplicaSet');
  expect(sets.map((set) => (set['spec'] as { replicas: number }).replicas).toSorted((a, b) => a - b)).toEqual([0, 4]);
});

test('going back to the first template revives its ReplicaSet under a new revision', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { image: 'one' }));
  await story.server.elapse(1000);
  await story.patch('Deployment', 'web', { spec: template('two') });
  await story.server.elapse(10_000);
  await story.patch('Deployment', 'web', { spec: template('one') });
  await story.server.elapse(10_000);
  expect(await images(story)).toEqual({ one: 1 });
  const sets = await story.list('ReplicaSet');
  const revisions = sets.map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision']);
  expect(revisions.toSorted((a, b) => Number(a) - Number(b))).toEqual(['2', '3']);
  const revived = sets.find(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'] === '3');
  expect(revived?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
});

test('old ReplicaSets beyond the history limit go', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { image: 'v0', spec: { revisionHistoryLimit: 1 } }));
  for (const image of ['v1', 'v2', 'v3']) {
    await story.server.elapse(10_000);
    await story.patch('Deployment', 'web', { spec: template(image) });
  }
  await story.server.elapse(10_000);
  expect(await story.list('ReplicaSet')).toHaveLength(2);
});

test('scaling up and down', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { replicas: 1 }));
  await story.server.elapse(1000);
  await story.patch('Deployment', 'web', { spec: { replicas: 5 } });
  expect(await story.list('Pod')).toHaveLength(5);
  await story.server.elapse(1000);
  expect(await statusOf(story, 'Deployment', 'web')).toMatchObject({ readyReplicas: 5 });
  await story.patch('Deployment', 'web', { spec: { replicas: 2 } });
  await story.server.elapse(1000);
  expect(await story.list('Pod')).toHaveLength(2);
  await story.patch('Deployment', 'web', { spec: { replicas: 0 } });
  await story.server.elapse(1000);
  expect(await story.list('Pod')).toHaveLength(0);
  expect(await conditions(story)).toContain('Available=True/MinimumReplicasAvailable');
  expect(story.failures).toEqual([]);
});

test('Recreate ends the old Pods first', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { replicas: 2, image: 'one', spec: { strategy: { type: 'Recreate' } } }));
  await story.server.elapse(1000);
  await story.patch('Deployment', 'web', { spec: template('two') });
  expect(await images(story)).toEqual({ one: 2 });
  await story.server.elapse(999);
  expect(await images(story)).toEqual({ one: 2 });
  await story.server.elapse(1);
  expect(await images(story)).toEqual({ two: 2 });
});

test('a paused Deployment waits, and goes on', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { image: 'one' }));
  await story.server.elapse(1000);
  await story.patch('Deployment', 'web', { spec: { paused: true, ...template('two') } });
  await story.server.elapse(10_000);
  expect(await images(story)).toEqual({ one: 1 });
  expect(await conditions(story)).toContain('Progressing=Unknown/DeploymentPaused');
  await story.patch('Deployment', 'web', { spec: { paused: null } });
  await story.server.elapse(10_000);
  expect(await images(story)).toEqual({ two: 1 });
  expect(await conditions(story)).toContain('Progressing=True/NewReplicaSetAvailable');
});

test('deleting it takes all that it made along; orphaned, that is taken over by the next', async () => {
  await using story = await simulated();
  await story.create(deployment('web', { replicas: 2 }));
  await story.server.elapse(1000);
  const pods = (await story.list('Pod')).map(({ metadata }) => metadata.uid);
  await story.delete('Deployment', 'web', 'Orphan');
  await story.server.elapse(1000);
  expect((await story.list('ReplicaSet'))[0]?.metadata.ownerReferences).toBeUndefined();
  await story.create(deployment('web', { replicas: 2 }));
  await story.server.elapse(1000);
  expect((await story.list('Pod')).map(({ metadata }) => metadata.uid)).toEqual(pods);
  expect((await story.list('ReplicaSet'))[0]?.metadata.ownerReferences).toHaveLength(1);

  await story.delete('Deployment', 'web');
  await story.server.elapse(1000);
  expect(await story.list('ReplicaSet')).toEqual([]);
  expect(await story.list('Pod')).toEqual([]);
});

test('Pods that cannot be made are a condition', async () => {
  let open = false;
  await using story = await world({
    simulate: 'workloads',
    admit: ({ kind, operation }) =>
      kind === 'Pod' && operation === 'CREATE' && !open ? { deny: 'no Pods today' } : undefined,
  });
  await story.create(deployment('web'));
  expect(await conditions(story)).toContain('ReplicaFailure=True/FailedCreate');
  open = true;
  await story.server.elapse(60_000);
  expect(await conditions(story)).toEqual([
    'Available=True/MinimumReplicasAvailable',
    'Progressing=True/NewReplicaSetAvailable',
  ]);
});

test('a hook that changes templates of ReplicaSets does not make more and more of them', async () => {
  await using story = await world({
    simulate: 'workloads',
    admit: ({ kind, operation, object }) => {
      if (kind !== 'ReplicaSet' || operation !== 'CREATE' || object === undefined) return undefined;
      const changed = structuredClone(object) as unknown as { spec: { template: { spec: Record<string, unknown> } } };
      changed.spec.template.spec['hostname'] = 'injected';
      return { object: changed as unknown as typeof object };
    },
  });
  await story.create(deployment('web'));
  await story.server.elapse(10_000);
  expect(await story.list('ReplicaSet')).toHaveLength(1);
  expect(await conditions(story)).toContain('Progressing=True/NewReplicaSetAvailable');
});

test('a rollout that does not move is past its deadline', async () => {
  await using story = await world({ simulate: { rules: [{ image: '*:broken', fate: 'ImagePullBackOff' }] } });
  await story.create(deployment('web', { image: 'web:good', spec: { progressDeadlineSeconds: 60 } }));
  await story.server.elapse(1000);
  await story.patch('Deployment', 'web', { spec: template('web:broken') });
  await story.server.elapse(60_000);
  expect(await conditions(story)).toContain('Progressing=True/ReplicaSetUpdated');
  await story.server.elapse(3_000);
  expect(await conditions(story)).toContain('Progressing=False/ProgressDeadlineExceeded');
  expect(await images(story)).toEqual({ 'web:good': 1, 'web:broken': 1 });
});

describe('the same seed', () => {
  test('makes the same run', async () => {
    const run = async (): Promise<string> => {
      await using story = await simulated();
      await story.create(deployment('web', { replicas: 3 }));
      await story.server.elapse(5000);
      await story.patch('Deployment', 'web', { spec: template('two') });
      await story.server.elapse(20_000);
      const { body } = await story.client.request({ method: 'GET', path: '/api/v1/namespaces/demo/pods' });
      return body;
    };
    expect(await run()).toBe(await run());
  });
});

function template(image: string): { template: object } {
  return { template: { spec: { containers: [{ name: 'main', image }] } } };
}
