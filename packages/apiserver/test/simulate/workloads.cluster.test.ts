import type { Client, KubeObject } from '@homeostat/kube';
import { createApiServer } from '@homeostat/apiserver';
import { expect, vi } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { daemonSet, deployment, job, statefulSet } from './manifests.ts';

/** One of the two clusters: a real control plane with a kwok node, or ours, that plays it. */
interface Side {
  readonly client: Client;
  readonly namespace: string;
}

const test = cluster
  .needs('controllers')
  .extend('sides', async ({ client, namespace }, { onCleanup }): Promise<Side[]> => {
    const server = await createApiServer({ simulate: { startMs: 50, runMs: 50, stopMs: 50 } });
    onCleanup(() => server.close());
    const ours = server.client({ userAgent: 'homeostat' });
    await ours.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    return [
      { client, namespace },
      { client: ours, namespace },
    ];
  });

const KINDS = [
  ['apps', 'Deployment'],
  ['apps', 'ReplicaSet'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
  ['apps', 'ControllerRevision'],
  ['batch', 'Job'],
  ['', 'Pod'],
  ['', 'Service'],
  ['discovery.k8s.io', 'EndpointSlice'],
  ['policy', 'PodDisruptionBudget'],
] as const;

async function list({ client, namespace }: Side, group: string, kind: string): Promise<KubeObject[]> {
  const resource = (await client.resources()).find({ group, kind });
  if (resource === undefined) throw new TypeError(`no ${kind}`);
  const items: KubeObject[] = [];
  for await (const page of client.list(resource, { namespace })) items.push(...page.items);
  return items;
}

/** Creates it, then waits until `done` says that it has come to rest. */
async function create(side: Side, object: object, done: (status: Record<string, unknown>) => boolean): Promise<void> {
  const { metadata, ...rest } = object as KubeObject;
  await side.client.create({ ...rest, metadata: { ...metadata, namespace: side.namespace } });
  await rests(side, rest.kind, metadata.name, done);
}

async function rests(
  { client, namespace }: Side,
  kind: string,
  name: string,
  done: (status: Record<string, unknown>) => boolean,
): Promise<void> {
  const group = kind === 'Job' ? 'batch' : 'apps';
  await vi.waitFor(
    async () => {
      const object = await client.get({ group, kind, namespace, name });
      const status = (object?.['status'] ?? {}) as Record<string, unknown>;
      const seen = kind === 'Job' || status['observedGeneration'] === object?.metadata['generation'];
      if (!seen || !done(status)) throw new Error(`${kind} ${name}: ${JSON.stringify(status)}`);
    },
    { timeout: 30_000, interval: 100 },
  );
}

/** Everything in the namespace, without what no two runs share. */
async function picture(side: Side): Promise<unknown> {
  const objects: KubeObject[] = [];
  for (const [group, kind] of KINDS) objects.push(...(await list(side, group, kind)));
  const events = await list(side, '', 'Event');
  const masks = new Map<string, string>([[side.namespace, 'NAMESPACE']]);
  for (const { kind, metadata } of objects) {
    masks.set(metadata.uid ?? '', 'UID');
    if (metadata.generateName !== undefined && kind !== 'Pod') masks.set(metadata.name, `${metadata.generateName}NAME`);
    const labels: Readonly<Record<string, string>> = metadata.labels ?? {};
    for (const label of ['pod-template-hash', 'controller.kubernetes.io/hash', 'controller-revision-hash']) {
      const hash = labels[label];
      // Of a StatefulSet's Pods it is the whole name of the revision.
      if (hash !== undefined && !hash.includes('-')) masks.set(hash, 'HASH');
    }
  }
  const mask = (value: unknown): string => {
    let text = JSON.stringify(value);
    for (const [from, to] of [...masks].toSorted(([a], [b]) => b.length - a.length)) text = text.replaceAll(from, to);
    return text
      .replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, 'TIME')
      .replaceAll(/-[a-z0-9]{5}(?="| to node-1)/g, '-SUFFIX')
      .replaceAll(/"10\.(244|0)\.\d+\.\d+"/g, '"IP"');
  };
  return {
    objects: objects.map((object) => JSON.parse(mask(reduced(object))) as unknown).toSorted(byText),
    events: [...new Set(events.map((event) => mask(told(event))))].toSorted(),
  };
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** How kwok plays containers is not how kubelet does. */
function reduced({ metadata, ...object }: KubeObject): unknown {
  const { resourceVersion: _version, creationTimestamp: _time, managedFields = [], ...meta } = metadata;
  const managers = managedFields.filter(({ manager }) => manager !== 'kwok' && manager !== 'kubelet');
  const { 'endpoints.kubernetes.io/last-change-trigger-time': _trigger, ...annotations } = meta.annotations ?? {};
  return {
    kind: object.kind,
    metadata: {
      ...meta,
      annotations,
      // How many steps it took depends on the machine.
      ...(object.kind === 'EndpointSlice' && { generation: 0 }),
      managers: managers.map(({ manager, operation, subresource, fieldsV1 }) => ({
        manager,
        operation,
        subresource,
        ...(object.kind !== 'EndpointSlice' && { fieldsV1 }),
      })),
    },
    ...(object.kind === 'Pod' ? { spec: object['spec'] } : object.kind === 'Service' ? {} : object),
  };
}

function told(event: KubeObject): unknown {
  const { type, reason, message, involvedObject, source, reportingComponent } = event as unknown as Record<
    string,
    unknown
  >;
  const { kind, apiVersion } = involvedObject as Record<string, unknown>;
  return { kind, apiVersion, type, reason, message, source, reportingComponent };
}

async function expectEqual(sides: readonly Side[]): Promise<void> {
  const [real, ours] = await Promise.all(sides.map(picture));
  expect(ours).toEqual(real);
}

const containers = (image: string): Readonly<Record<string, unknown>> => ({
  spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
});

test('a Deployment ends as with the real controllers: made, rolled out, scaled, paused', async ({ sides }) => {
  const ready = (replicas: number) => (status: Record<string, unknown>) =>
    status['availableReplicas'] === replicas && status['replicas'] === replicas && status['terminatingReplicas'] === 0;
  for (const side of sides) {
    const ref = { group: 'apps', kind: 'Deployment', namespace: side.namespace, name: 'web' };
    await create(side, deployment('web', { replicas: 2, spec: { minReadySeconds: 0 } }), ready(2));
    await side.client.patch(ref, { type: 'strategic', value: containers('nginx:2') });
    await rests(side, 'Deployment', 'web', (status) => ready(2)(status) && status['updatedReplicas'] === 2);
    await side.client.patch(ref, { type: 'merge', value: { spec: { replicas: 4 } } });
    await rests(side, 'Deployment', 'web', ready(4));
    await side.client.patch(ref, { type: 'merge', value: { spec: { replicas: 3, paused: true } } });
    await rests(side, 'Deployment', 'web', ready(3));
  }
  await expectEqual(sides);
});

test('a StatefulSet ends as with the real controllers', async ({ sides }) => {
  const ready = (status: Record<string, unknown>): boolean =>
    status['readyReplicas'] === 2 && status['updatedReplicas'] === 2 && status['currentReplicas'] === 2;
  for (const side of sides) {
    await create(side, statefulSet('db', { replicas: 2 }), ready);
    const ref = { group: 'apps', kind: 'StatefulSet', namespace: side.namespace, name: 'db' };
    await side.client.patch(ref, { type: 'strategic', value: containers('nginx:2') });
    await rests(side, 'StatefulSet', 'db', ready);
  }
  await expectEqual(sides);
});

test('a DaemonSet and a Job end as with the real controllers', async ({ sides }) => {
  for (const side of sides) {
    await create(side, daemonSet('ds'), (status) => status['numberAvailable'] === 1);
    await create(side, job('task', { spec: { completions: 2 } }), (status) => status['completionTime'] !== undefined);
  }
  await expectEqual(sides);
});

test('EndpointSlices and disruption budgets are as with the real controllers', async ({ sides }) => {
  for (const side of sides) {
    const { client, namespace } = side;
    await client.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace, labels: { team: 'a' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    await create(side, deployment('web', { replicas: 3 }), (status) => status['availableReplicas'] === 3);
    await client.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace },
      spec: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
    });
    await vi.waitFor(
      async () => {
        const [slice] = await list(side, 'discovery.k8s.io', 'EndpointSlice');
        const [budget] = await list(side, 'policy', 'PodDisruptionBudget');
        const endpoints = (slice?.['endpoints'] ?? []) as { conditions: { ready: boolean } }[];
        expect(endpoints.map(({ conditions }) => conditions.ready)).toEqual([true, true, true]);
        expect(budget?.['status']).toMatchObject({ currentHealthy: 3 });
      },
      { timeout: 30_000, interval: 100 },
    );
  }
  await expectEqual(sides);
});
