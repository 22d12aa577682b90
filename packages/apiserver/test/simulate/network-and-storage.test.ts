import { expect, test } from 'vitest';
import { world } from '../controllers/world.ts';
import { deployment, pod } from './manifests.ts';

const claim = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
});

test('a claim gets a volume of its own, that goes with it', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(claim('data'));
  const bound = await story.get('PersistentVolumeClaim', 'data');
  expect(bound).toMatchObject({
    metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { volumeName: `pvc-${bound?.metadata.uid ?? ''}` },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
  });
  const [volume] = await story.list('PersistentVolume');
  expect(volume).toMatchObject({
    spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace: 'demo', name: 'data', uid: bound?.metadata.uid } },
    status: { phase: 'Bound' },
  });
  await story.delete('PersistentVolumeClaim', 'data');
  expect(await story.list('PersistentVolume')).toEqual([]);
  expect(story.failures).toEqual([]);
});

test('the smallest free volume that fits is taken, and kept when its claim goes', async () => {
  await using story = await world({ simulate: 'workloads' });
  for (const [name, storage] of [
    ['large', '10Gi'],
    ['small', '100Mi'],
    ['fitting', '2Gi'],
  ]) {
    await story.create({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, hostPath: { path: '/tmp' } },
    });
  }
  expect(await story.get('PersistentVolume', 'large')).toMatchObject({ status: { phase: 'Available' } });
  await story.create(claim('data', { storageClassName: '' }));
  expect(await story.get('PersistentVolumeClaim', 'data')).toMatchObject({ spec: { volumeName: 'fitting' } });
  await story.delete('PersistentVolumeClaim', 'data');
  expect(await story.get('PersistentVolume', 'fitting')).toMatchObject({ status: { phase: 'Released' } });
});

test('a Pod waits for its claims', async () => {
  await using story = await world({ simulate: 'workloads' });
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  await story.create(pod('p', { more: { volumes } }));
  expect(await story.get('Pod', 'p')).toMatchObject({
    status: {
      conditions: [
        {
          reason: 'Unschedulable',
          message: '0/1 nodes are available: persistentvolumeclaim "data" not found. not found',
        },
      ],
    },
  });
  await story.create(claim('data'));
  expect(await story.get('Pod', 'p')).toMatchObject({ spec: { nodeName: 'node-1' } });
});

test('a Service of type LoadBalancer has an address, until it is of another type', async () => {
  await using story = await world({ simulate: 'workloads' });
  for (const name of ['a', 'b']) {
    await story.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    });
  }
  const ingress = async (name: string): Promise<unknown> => (await story.get('Service', name))?.['status'];
  expect(await ingress('a')).toEqual({ loadBalancer: { ingress: [{ ip: '198.18.0.1', ipMode: 'VIP' }] } });
  expect(await ingress('b')).toEqual({ loadBalancer: { ingress: [{ ip: '198.18.0.2', ipMode: 'VIP' }] } });
  await story.patch('Service', 'a', { spec: { type: 'ClusterIP' } });
  expect(await ingress('a')).toEqual({ loadBalancer: {} });
});

test('a Service has the addresses of its Pods, and whether they are ready', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels: { team: 'a' } },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
  });
  const slices = (): Promise<unknown> => story.list('EndpointSlice');
  expect(await slices()).toMatchObject([{ endpoints: null, ports: null }]);
  const ports = [{ name: 'web', containerPort: 8080 }];
  await story.create(deployment('web', { more: { containers: [{ name: 'main', image: 'web', ports }] } }));
  await story.server.elapse(1000);
  expect(await slices()).toMatchObject([
    {
      metadata: {
        labels: {
          team: 'a',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
      },
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.244.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'node-1',
          targetRef: { kind: 'Pod', namespace: 'demo' },
        },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  await story.patch('Deployment', 'web', { spec: { replicas: 0 } });
  expect(await slices()).toMatchObject([
    { endpoints: [{ conditions: { ready: false, serving: true, terminating: true } }] },
  ]);
  await story.server.elapse(1000);
  expect(await slices()).toMatchObject([{ endpoints: null }]);
  await story.delete('Service', 'web');
  expect(await slices()).toEqual([]);
  expect(story.failures).toEqual([]);
});

test('a disruption budget counts, and evictions ask it', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(deployment('web', { replicas: 3 }));
  await story.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
  });
  const budget = async (): Promise<unknown> => (await story.get('PodDisruptionBudget', 'web'))?.['status'];
  expect(await budget()).toMatchObject({
    currentHealthy: 0,
    desiredHealthy: 2,
    disruptionsAllowed: 0,
    expectedPods: 3,
  });
  await story.server.elapse(1000);
  expect(await budget()).toMatchObject({
    currentHealthy: 3,
    desiredHealthy: 2,
    disruptionsAllowed: 1,
    conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
  });
  const evict = async (index: number): Promise<number> => {
    const name = (await story.list('Pod'))[index]?.metadata.name ?? '';
    const path = `/api/v1/namespaces/demo/pods/${name}/eviction`;
    const body = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
    const { status } = await story.client.request({ method: 'POST', path, body });
    await story.server.settled();
    return status;
  };
  expect(await evict(0)).toBe(201);
  await expect(evict(1)).rejects.toMatchObject({ status: 429 });
});
