import type { Client, KubeObject, Ref } from '@homeostat/kube';
import { refOf } from '@homeostat/kube';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import type { Status } from '../src/index.ts';
import { statusOf, statusOfAbsent } from '../src/index.ts';

/** Long enough for a busy machine; nothing waits for its own sake. */
const PATIENCE_MS = 60_000;

const test = cluster.needs('controllers');

/** Applies, watches the object until its state is `last`, and returns every verdict on the way (repeats once). */
async function watchTo(client: Client, object: KubeObject, last: Status['state']): Promise<readonly Status[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const applied = await client.apply(object, { manager: 'test', force: true });
  const ref = refOf(applied.object);
  const resource = (await client.resources()).find(ref);
  if (resource === undefined) throw new Error(`the server serves no ${ref.kind}`);

  const verdicts: Status[] = [];
  const judge = (seen: KubeObject): boolean => {
    const status = statusOf(seen);
    const { state, reason } = verdicts.at(-1) ?? {};
    if (status.state !== state || status.reason !== reason) verdicts.push(status);
    return status.state === last;
  };
  if (judge(applied.object)) return verdicts;
  const { namespace } = ref;
  const resourceVersion = applied.object.metadata.resourceVersion ?? '';
  const options = {
    resourceVersion,
    fieldSelector: `metadata.name=${ref.name}`,
    signal,
    ...(namespace !== '' && { namespace }),
  };
  for await (const event of client.watch(resource, options)) {
    if ((event.type === 'ADDED' || event.type === 'MODIFIED') && judge(event.object)) return verdicts;
  }
  throw new Error(`the watch of ${ref.name} ended with ${JSON.stringify(verdicts)}`);
}

const states = (verdicts: readonly Status[]): readonly string[] => verdicts.map(({ state }) => state);

const template = (app: string, more: Readonly<Record<string, unknown>> = {}) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'app', image: 'example.com/app:1' }], ...more },
});

function workload(
  namespace: string,
  kind: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): KubeObject {
  const spec = { selector: { matchLabels: { app: name } }, template: template(name), ...more };
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace }, spec };
}

test('a Deployment, a StatefulSet and a DaemonSet go from InProgress to Current, and through it again when they change', async ({
  client,
  namespace,
}) => {
  const stories: readonly (readonly [KubeObject, KubeObject])[] = [
    [
      workload(namespace, 'Deployment', 'web', { replicas: 2 }),
      workload(namespace, 'Deployment', 'web', { replicas: 3 }),
    ],
    [
      workload(namespace, 'StatefulSet', 'db', { replicas: 2, serviceName: 'db' }),
      workload(namespace, 'StatefulSet', 'db', { replicas: 3, serviceName: 'db' }),
    ],
    [
      workload(namespace, 'DaemonSet', 'log'),
      workload(namespace, 'DaemonSet', 'log', { template: template('log', { hostNetwork: true }) }),
    ],
  ];
  await Promise.all(
    stories.map(async ([first, second]) => {
      for (const object of [first, second]) {
        const verdicts = await watchTo(client, object, 'Current');
        expect(new Set(states(verdicts.slice(0, -1)))).toEqual(new Set(['InProgress']));
        expect(verdicts.length).toBeGreaterThan(1);
      }
      // Nothing to do: it was there, and it still is.
      expect(states(await watchTo(client, second, 'Current'))).toEqual(['Current']);
    }),
  );
});

test('a Deployment with no replicas is not done before a controller has seen it', async ({ client, namespace }) => {
  const verdicts = await watchTo(client, workload(namespace, 'Deployment', 'none', { replicas: 0 }), 'Current');
  expect(verdicts[0]).toMatchObject({ state: 'InProgress' });
});

test('a paused Deployment is Current once it was seen', async ({ client, namespace }) => {
  const verdicts = await watchTo(client, workload(namespace, 'Deployment', 'paused', { paused: true }), 'Current');
  expect(verdicts.at(-1)).toMatchObject({ state: 'Current', reason: 'Paused' });
});

test('a Job is InProgress until it has completed, and done when it vanished as it asked to', async ({
  client,
  namespace,
}) => {
  const job: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', namespace },
    spec: { ttlSecondsAfterFinished: 600, template: template('migrate', { restartPolicy: 'Never' }) },
  };
  const verdicts = await watchTo(client, job, 'Current');
  expect(states(verdicts.slice(0, -1))).not.toContain('Current');
  expect(verdicts.at(-1)).toMatchObject({ reason: 'JobComplete' });
  const last = await client.get({ group: 'batch', kind: 'Job', namespace, name: 'migrate' });
  expect(statusOfAbsent(last)).toMatchObject({ state: 'Current', reason: 'JobExpired' });
});

test('a Pod that no node can take fails after 15 seconds, and says when', async ({ client, namespace }) => {
  const metadata = { name: 'picky', namespace };
  const { spec } = template('picky', { nodeSelector: { disk: 'none' } });
  const { object } = await client.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, { manager: 'test' });
  const ref = refOf(object);
  const created = Date.parse(object.metadata.creationTimestamp ?? '');
  let held: KubeObject | undefined = object;
  await expect
    .poll(async () => statusOf((held = await client.get(ref)) ?? object, { now: created }).reason, {
      timeout: PATIENCE_MS,
    })
    .toBe('PodNotScheduled');
  const waiting = statusOf(held ?? object, { now: created });
  expect(waiting).toMatchObject({ state: 'InProgress', recheckAt: created + 15_000 });
  expect(statusOf(held ?? object, { now: created + 15_000 })).toMatchObject({
    state: 'Failed',
    reason: 'PodUnschedulable',
  });
});

test('a Deployment that cannot make progress names the Pod and the reason, without any request of its own', async ({
  client,
  namespace,
}) => {
  const stuck = workload(namespace, 'Deployment', 'stuck', {
    template: template('stuck', { nodeSelector: { disk: 'none' } }),
  });
  const { object } = await client.apply(stuck, { manager: 'test' });
  const resources = await client.resources();
  const owned = new Map<string, readonly KubeObject[]>();
  const look = async (): Promise<void> => {
    for (const [kind, group] of [
      ['ReplicaSet', 'apps'],
      ['Pod', ''],
    ] as const) {
      const resource = resources.find({ group, kind });
      if (resource === undefined) throw new Error(`the server serves no ${kind}`);
      for await (const page of client.list(resource, { namespace })) {
        for (const item of page.items) owned.set(item.metadata.ownerReferences?.[0]?.name ?? '', [item]);
      }
    }
  };
  const children = ({ name }: Ref): readonly KubeObject[] => owned.get(name) ?? [];
  await expect
    .poll(
      async () => {
        await look();
        return statusOf((await client.get(refOf(object))) ?? object, { children }).message;
      },
      { timeout: PATIENCE_MS },
    )
    .toMatch(/; replicaset stuck-\w+: .*; pod stuck-\w+-\w+: .*node/);
});

test('a Namespace, a definition, a claim and a Service are judged as the server shows them', async ({
  client,
  namespace,
  raw,
}) => {
  const names = { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' };
  const group = `${namespace}.example.com`;
  const schema = { openAPIV3Schema: { type: 'object' } };
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: { group, scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] },
  };
  try {
    const verdicts = await watchTo(client, definition, 'Current');
    expect(verdicts.at(-1)).toMatchObject({ reason: 'Established' });
  } finally {
    await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.${group}`);
  }

  const space = await client.get({ group: '', kind: 'Namespace', namespace: '', name: namespace });
  expect(space && statusOf(space)).toMatchObject({ state: 'Current', reason: 'Active' });

  const claim: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'lazy' },
  };
  const { object: held } = await client.apply(claim, { manager: 'test' });
  expect(statusOf(held)).toMatchObject({ state: 'InProgress', reason: 'NotBound' });
  const lazy = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'lazy' },
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  expect(statusOf(held, { lookup: () => lazy })).toMatchObject({ state: 'Current', reason: 'WaitForFirstConsumer' });

  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'front', namespace },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
  };
  const { object: front } = await client.apply(service, { manager: 'test' });
  expect(statusOf(front)).toMatchObject({ state: 'InProgress', reason: 'NoLoadBalancer' });
  expect(statusOf(front, { rules: 'kstatus' })).toMatchObject({ state: 'Current' });
});

test('an object whose deletion waits for a finalizer is Terminating, and says for which', async ({
  client,
  namespace,
}) => {
  const metadata = { name: 'held', namespace, finalizers: ['example.com/hold'] };
  const { object } = await client.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { manager: 'test' });
  const ref = refOf(object);
  await client.delete(ref);
  const dying = await client.get(ref);
  expect(dying && statusOf(dying)).toMatchObject({
    state: 'Terminating',
    message: expect.stringContaining('example.com/hold'),
  });
  await client.patch(ref, { type: 'json', operations: [{ op: 'remove', path: '/metadata/finalizers' }] });
});
