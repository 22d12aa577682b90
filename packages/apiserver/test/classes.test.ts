import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { Answer, World } from './wire.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ controllers: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const post = (path: string, body: unknown): Promise<Answer> => world.ask(path, { method: 'POST', body });

const pod = (name: string, spec: object): Promise<Answer> =>
  post('/api/v1/namespaces/default/pods', {
    metadata: { name },
    spec: { ...spec, containers: [{ name: 'c', image: 'i' }] },
  });

const CLASSES = '/apis/scheduling.k8s.io/v1/priorityclasses';

test('a Pod has the priority of its class, and may say no other', async () => {
  await post(CLASSES, { metadata: { name: 'urgent' }, value: 1234, preemptionPolicy: 'Never' });
  const made = await pod('urgent', { priorityClassName: 'urgent' });
  expect(made.body['spec']).toMatchObject({ priority: 1234, preemptionPolicy: 'Never' });
  const system = await pod('system', { priorityClassName: 'system-node-critical' });
  expect(system.body['spec']).toMatchObject({ priority: 2_000_001_000 });
  const other = await pod('other', { priorityClassName: 'urgent', priority: 1 });
  expect(other.status).toBe(403);
  const unknown = await pod('unknown', { priorityClassName: 'nobody' });
  expect(unknown.body['message']).toBe('pods "unknown" is forbidden: no PriorityClass with name nobody was found');
});

test('there is one default priority at most', async () => {
  await post(CLASSES, { metadata: { name: 'usual' }, value: 7, globalDefault: true });
  expect((await pod('usual', {})).body['spec']).toMatchObject({ priority: 7, priorityClassName: 'usual' });
  const second = await post(CLASSES, { metadata: { name: 'second' }, value: 8, globalDefault: true });
  expect(second.body['message']).toContain('PriorityClass usual is already marked as default');
  await world.ask(`${CLASSES}/usual`, { method: 'DELETE' });
});

test('a RuntimeClass says what its Pods cost and where they run', async () => {
  await post('/apis/node.k8s.io/v1/runtimeclasses', {
    metadata: { name: 'vm' },
    handler: 'vm',
    overhead: { podFixed: { cpu: '100m' } },
    scheduling: { nodeSelector: { vm: 'yes' } },
  });
  const made = await pod('vm', { runtimeClassName: 'vm' });
  expect(made.body['spec']).toMatchObject({ overhead: { cpu: '100m' }, nodeSelector: { vm: 'yes' } });
  expect((await pod('elsewhere', { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } })).status).toBe(403);
  expect((await pod('heavy', { overhead: { cpu: '1' } })).status).toBe(403);
  expect((await pod('strange', { runtimeClassName: 'nobody' })).status).toBe(403);
});

test('claims and Ingresses without a class get the newest default', async () => {
  await post('/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: 'disk', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'a/b',
  });
  const claim = await post('/api/v1/namespaces/default/persistentvolumeclaims', {
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  expect(claim.body['spec']).toMatchObject({ storageClassName: 'disk' });
  await post('/apis/networking.k8s.io/v1/ingressclasses', {
    metadata: { name: 'front', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'a.b/c' },
  });
  const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
  const spec = { defaultBackend: { service: { name: 'a', port: { number: 1 } } } };
  const ingress = await post(ingresses, { metadata: { name: 'a' }, spec });
  expect(ingress.body['spec']).toMatchObject({ ingressClassName: 'front' });
  const annotations = { 'kubernetes.io/ingress.class': 'old' };
  const old = await post(ingresses, { metadata: { name: 'b', annotations }, spec });
  expect(old.body['spec']).not.toHaveProperty('ingressClassName');
});
