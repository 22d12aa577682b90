/** Rows of facts.md that concern apply, each by its number. */
import { describe, expect } from 'vitest';
import { PART_OF_LABEL, apiVersionOf, isRecord, refOf } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { cluster } from '../../../test/support/cluster.ts';
import {
  configMap,
  definition,
  deployment,
  eventually,
  itemOf,
  managers,
  portsOn,
  randomName,
  run,
  setIn,
  updateOf,
  widget,
} from './world.ts';

async function read(client: Client, object: KubeObject): Promise<KubeObject> {
  const live = await client.get(refOf(object));
  if (live === undefined) throw new Error(`${object.kind} ${object.metadata.name} is not there`);
  return live;
}

/** Creates the object as a member and gives what is live then. */
async function member(client: Client, object: KubeObject): Promise<KubeObject> {
  const set = setIn(object.metadata.namespace ?? 'cluster');
  const { outcomes } = await run([itemOf(object, set)], portsOn(client));
  if (outcomes[0]?.action !== 'created') throw new Error(JSON.stringify(outcomes[0]));
  return read(client, object);
}

function specOf(object: KubeObject): Record<string, unknown> {
  const spec = object['spec'];
  if (!isRecord(spec)) throw new Error('no spec');
  return spec;
}

describe('row 1: what we own and no longer send is reset', () => {
  cluster.test('replicas fall back to 1 when Git drops them', async ({ client, namespace }) => {
    const live = await member(client, deployment(namespace, 'web', { replicas: 5 }));
    await run([updateOf(deployment(namespace, 'web'), live, setIn(namespace))], portsOn(client));
    expect(specOf(await read(client, live))['replicas']).toBe(1);
  });

  cluster.test('a released field keeps its value, and can be taken back', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const live = await member(client, deployment(namespace, 'web', { replicas: 5 }));
    const release = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: { replicas: 5 },
    };
    const released = await run([updateOf(deployment(namespace, 'web'), live, set, { release })], portsOn(client));
    expect(released.outcomes).toMatchObject([{ action: 'updated', object: { spec: { replicas: 5 } } }]);

    const back = await run([updateOf(deployment(namespace, 'web', { replicas: 2 }), live, set)], portsOn(client));
    expect(back.outcomes).toMatchObject([{ action: 'updated', object: { spec: { replicas: 2 } } }]);
  });
});

describe('row 3: a 200 does not say whose object it is', () => {
  cluster.test(
    'an object of another set that uses the same manager is not overwritten',
    async ({ client, namespace }) => {
      const theirs = configMap(namespace, 'web', { b: 'theirs' });
      await run([itemOf(theirs, setIn(namespace, 'other'))], portsOn(client));
      const ran = await run([itemOf(configMap(namespace, 'web', { a: 'ours' }), setIn(namespace))], portsOn(client));
      expect(ran.outcomes).toMatchObject([
        { action: 'failed', code: 'stale', message: expect.stringContaining(setIn(namespace, 'other').id) as string },
      ]);
      expect(await read(client, theirs)).toMatchObject({ data: { b: 'theirs' } });
    },
  );

  cluster.test(
    'an adoption fails when another set has taken the object since',
    async ({ client, namespace, kubectl }) => {
      await kubectl(['create', 'configmap', 'web', '-n', namespace, '--from-literal=a=hand']);
      const seen = await read(client, configMap(namespace, 'web'));
      const { uid = '', resourceVersion = '' } = seen.metadata;
      const adoptBy = (name: string) =>
        itemOf(configMap(namespace, 'web', { a: name }), setIn(namespace, name), {
          action: 'adopt',
          uid,
          resourceVersion,
          live: seen,
        });
      await run([adoptBy('theirs')], portsOn(client));
      expect((await run([adoptBy('ours')], portsOn(client))).outcomes).toMatchObject([
        { action: 'failed', code: 'stale' },
      ]);
      expect(await read(client, seen)).toMatchObject({ data: { a: 'theirs' } });
    },
  );

  cluster.test(
    'an adoption goes through although the object moves, as long as its owner does not change',
    async ({ client, namespace, kubectl }) => {
      await kubectl(['create', 'configmap', 'web', '-n', namespace, '--from-literal=a=hand']);
      const seen = await read(client, configMap(namespace, 'web'));
      const { uid = '', resourceVersion = '' } = seen.metadata;
      const adopt = itemOf(configMap(namespace, 'web', { a: 'ours' }), setIn(namespace), {
        action: 'adopt',
        uid,
        resourceVersion,
        live: seen,
      });
      await kubectl(['annotate', 'configmap', 'web', '-n', namespace, 'moves=yes']);
      expect((await run([adopt], portsOn(client))).outcomes).toMatchObject([
        { action: 'adopted', object: { data: { a: 'ours' }, metadata: { annotations: { moves: 'yes' } } } },
      ]);
    },
  );
});

describe('row 4: creating never takes what is there', () => {
  cluster.test('a hand-made object of the same name stays as it is', async ({ client, namespace, kubectl }) => {
    await kubectl(['create', 'configmap', 'web', '-n', namespace, '--from-literal=a=hand']);
    const ran = await run([itemOf(configMap(namespace, 'web'), setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([
      { action: 'failed', code: 'stale', message: expect.stringContaining('not a member of this set') as string },
    ]);
    expect(await read(client, configMap(namespace, 'web'))).toMatchObject({ data: { a: 'hand' } });
  });

  cluster.test('a creation whose answer was lost is found to be ours, and is done', async ({ client, namespace }) => {
    await member(client, configMap(namespace, 'web'));
    const ran = await run([itemOf(configMap(namespace, 'web', { a: '2' }), setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'updated', object: { data: { a: '2' } } }]);
  });

  cluster.test(
    'a stranger under a name that was ours is stale, never immutable: a consent to replace does not delete it',
    async ({ client, namespace, kubectl }) => {
      const live = await member(client, configMap(namespace, 'web'));
      await kubectl(['delete', 'configmap', 'web', '-n', namespace]);
      await kubectl(['create', 'configmap', 'web', '-n', namespace, '--from-literal=a=hand']);
      const item = updateOf(configMap(namespace, 'web', { a: '2' }), live, setIn(namespace), { replace: 'protected' });
      expect((await run([item], portsOn(client))).outcomes).toMatchObject([{ action: 'failed', code: 'stale' }]);
      expect(await read(client, live)).toMatchObject({ data: { a: 'hand' } });
    },
  );

  cluster.test('an update of what is gone creates it', async ({ client, namespace, kubectl }) => {
    const live = await member(client, configMap(namespace, 'web'));
    await kubectl(['delete', 'configmap', 'web', '-n', namespace]);
    const ran = await run([updateOf(configMap(namespace, 'web', { a: '2' }), live, setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'created' }]);
  });
});

describe('row 6: an apply restores a proof that was lost', () => {
  cluster.test('with managedFields cleared', async ({ client, namespace }) => {
    const live = await member(client, configMap(namespace, 'web'));
    await client.patch(refOf(live), { type: 'merge', value: { metadata: { managedFields: [{}] } } });
    const ran = await run([updateOf(configMap(namespace, 'web'), live, setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'updated' }]);
    const entries = (await read(client, live)).metadata.managedFields ?? [];
    expect(entries.find(({ operation }) => operation === 'Apply')).toMatchObject({ manager: managers.current });
  });
});

describe('row 11: what others applied before us does not keep what Git drops', () => {
  cluster.test(
    'kubectl apply: its fields become ours, the last-applied annotation goes away',
    async ({ client, namespace, kubectl }) => {
      const set = setIn(namespace);
      const manifest = JSON.stringify(configMap(namespace, 'web', { a: '1', b: '1' }));
      await kubectl(['apply', '-f', '-'], { stdin: manifest });
      const seen = await read(client, configMap(namespace, 'web'));
      const { uid = '', resourceVersion = '' } = seen.metadata;
      const adopt = itemOf(configMap(namespace, 'web', { a: '2' }), set, {
        action: 'adopt',
        uid,
        resourceVersion,
        live: seen,
      });
      expect((await run([adopt], portsOn(client))).outcomes).toMatchObject([
        { action: 'adopted', migrated: ['kubectl-client-side-apply'] },
      ]);
      const live = await read(client, seen);
      expect(live['data']).toEqual({ a: '2' });
      expect(Object.keys(live.metadata.annotations ?? {})).toEqual(['homeostat.dev/managed']);
      expect(live.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['homeostat']);

      // They can come back at any time.
      await kubectl(['apply', '-f', '-'], { stdin: manifest });
      const again = await read(client, seen);
      const ran = await run([updateOf(configMap(namespace, 'web', { a: '2' }), again, set)], portsOn(client));
      expect(ran.outcomes).toMatchObject([
        { action: 'updated', migrated: ['kubectl-client-side-apply'], object: { data: { a: '2' } } },
      ]);
    },
  );

  cluster.test(
    'before-first-apply loses what we own, so that dropping it from Git removes it; what Git never named stays',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const live = await member(client, configMap(namespace, 'web', { a: '1', b: '1' }));
      await client.patch(refOf(live), {
        type: 'merge',
        value: { data: { c: 'foreign' }, metadata: { managedFields: [{}] } },
      });
      const repaired = await run(
        [updateOf(configMap(namespace, 'web', { a: '1', b: '1' }), live, set)],
        portsOn(client),
      );
      expect(repaired.outcomes).toMatchObject([{ migrated: ['before-first-apply'] }]);
      await run([updateOf(configMap(namespace, 'web', { a: '1' }), live, set)], portsOn(client));
      expect((await read(client, live))['data']).toEqual({ a: '1', c: 'foreign' });
    },
  );

  cluster.test('a former name of our manager is taken over', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const before = portsOn(client, { manager: { current: 'old-name', former: [] } });
    await run([itemOf(configMap(namespace, 'web', { a: '1', b: '1' }), set)], before);
    const live = await read(client, configMap(namespace, 'web'));
    const after = portsOn(client, { manager: { current: 'homeostat', former: ['old-name'] } });
    const ran = await run([updateOf(configMap(namespace, 'web', { a: '1' }), live, set)], after);
    expect(ran.outcomes).toMatchObject([{ action: 'updated', migrated: ['old-name'] }]);
    expect((await read(client, live))['data']).toEqual({ a: '1' });
  });
});

describe('row 12: what the server calls an internal error is a wrong manifest', () => {
  const wrong: readonly (readonly [string, (namespace: string) => KubeObject, string])[] = [
    ['an undeclared field', (ns) => deployment(ns, 'web', { nope: 1 }), 'field not declared in schema'],
    ['a wrong type', (ns) => deployment(ns, 'web', { replicas: 'three' }), 'expected numeric'],
    [
      'a quantity that is none',
      (ns) =>
        deployment(ns, 'web', {
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'web', image: 'web:1', resources: { limits: { cpu: 'lots' } } }] },
          },
        }),
      'quantities must match',
    ],
    [
      'a key that stands twice in a list',
      (ns) =>
        deployment(ns, 'web', {
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              containers: [
                {
                  name: 'web',
                  image: 'web:1',
                  env: [
                    { name: 'A', value: '1' },
                    { name: 'A', value: '2' },
                  ],
                },
              ],
            },
          },
        }),
      'two items of this list have the same key',
    ],
  ];
  for (const [what, object, text] of wrong) {
    cluster.test(`${what}: invalid, not tried again, and the limit is not halved`, async ({ connect, namespace }) => {
      const statuses: number[] = [];
      const client = await connect({
        onRequest: ({ verb, status }) => void (verb === 'apply' && statuses.push(status)),
      });
      const ports = portsOn(client);
      const ran = await run([itemOf(object(namespace), setIn(namespace))], ports);
      expect(ran.outcomes).toMatchObject([
        { action: 'failed', code: 'invalid', retry: 'never', message: expect.stringContaining(text) as string },
      ]);
      expect(statuses).toEqual([500]);
      expect(ports.limit.concurrency).toBe(16);
    });
  }

  cluster.test('an unreachable webhook is retried, and named', async ({ client, namespace, onTestFinished, raw }) => {
    const name = randomName('down');
    const path = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations`;
    onTestFinished(async () => void (await raw('DELETE', `${path}/${name}`)));
    await raw('POST', path, {
      body: {
        metadata: { name },
        webhooks: [
          {
            name: `${name}.example.com`,
            clientConfig: { url: 'https://127.0.0.1:9/' },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            timeoutSeconds: 1,
          },
        ],
      },
    });
    const probe = () =>
      client.create({ ...configMap(namespace, randomName('probe')) }, { dryRun: true }).then(
        () => undefined,
        () => true,
      );
    await eventually(probe);
    const ran = await run(
      [itemOf(configMap(namespace, 'web'), setIn(namespace))],
      portsOn(client, { random: () => 0 }),
    );
    expect(ran.outcomes).toMatchObject([
      {
        action: 'failed',
        code: 'webhook',
        retry: 'backoff',
        message: expect.stringContaining(`${name}.example.com`) as string,
      },
    ]);
    expect(ran.events.filter((event) => event.type === 'waiting' && event.what === 'retry')).toHaveLength(4);
  });

  cluster.test(
    'a missing namespace, a namespace on its way out, a missing right',
    async ({ client, connect, namespace, raw }) => {
      const set = setIn(namespace);
      const missing = await run([itemOf(configMap(randomName('none'), 'web'), set)], portsOn(client));
      expect(missing.outcomes).toMatchObject([{ action: 'failed', code: 'missing-namespace' }]);

      const someone = await connect({ user: 'someone' });
      const forbidden = await run([itemOf(configMap(namespace, 'web'), set)], portsOn(someone));
      expect(forbidden.outcomes).toMatchObject([
        { action: 'failed', code: 'forbidden', message: expect.stringContaining('cannot') as string },
      ]);

      const dying = randomName('dying');
      await raw('POST', '/api/v1/namespaces', { body: { metadata: { name: dying } } });
      await raw('POST', `/api/v1/namespaces/${dying}/configmaps`, {
        body: { metadata: { name: 'held', finalizers: ['example.com/hold'] } },
      });
      await raw('DELETE', `/api/v1/namespaces/${dying}`);
      const terminating = await run([itemOf(configMap(dying, 'web'), set)], portsOn(client));
      expect(terminating.outcomes).toMatchObject([{ action: 'failed', code: 'terminating' }]);
      await raw('PATCH', `/api/v1/namespaces/${dying}/configmaps/held`, {
        body: { metadata: { finalizers: null } },
        contentType: 'application/merge-patch+json',
      });
    },
  );

  cluster.test('no value of a Secret comes back in a message', async ({ client, namespace }) => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web', namespace }, data: { pin: 73190246 } };
    const ran = await run([itemOf(secret, setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([
      { action: 'failed', code: 'invalid', message: expect.not.stringContaining('73190246') as string },
    ]);
  });
});

describe('row 13: immutable is what the server itself calls so', () => {
  interface Change {
    readonly what: string;
    readonly before: (namespace: string, name: string) => KubeObject;
    readonly after: Record<string, unknown>;
  }
  const inNamespace =
    (group: string, kind: string, rest: Record<string, unknown>, version = 'v1') =>
    (namespace: string, name: string): KubeObject => ({
      apiVersion: apiVersionOf(group, version),
      kind,
      metadata: { name, namespace },
      ...rest,
    });
  const inCluster =
    (group: string, kind: string, rest: Record<string, unknown>) =>
    (_: string, name: string): KubeObject => ({
      apiVersion: apiVersionOf(group, 'v1'),
      kind,
      metadata: { name },
      ...rest,
    });
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const otherTemplate = { metadata: { labels: { app: 'b' } }, spec: template.spec };
  const selector = { matchLabels: { app: 'a' } };
  const job = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/a', type: '' } };
  const claims = (size: string) => [
    { metadata: { name: 'data' }, spec: { ...claim, resources: { requests: { storage: size } } } },
  ];
  const changes: readonly Change[] = [
    {
      what: 'Deployment spec.selector',
      before: inNamespace('apps', 'Deployment', { spec: { replicas: 0, selector, template } }),
      after: { spec: { replicas: 0, selector: { matchLabels: { app: 'b' } }, template: otherTemplate } },
    },
    {
      what: 'DaemonSet spec.selector',
      before: inNamespace('apps', 'DaemonSet', { spec: { selector, template } }),
      after: { spec: { selector: { matchLabels: { app: 'b' } }, template: otherTemplate } },
    },
    {
      what: 'StatefulSet spec.serviceName',
      before: inNamespace('apps', 'StatefulSet', { spec: { replicas: 0, serviceName: 'a', selector, template } }),
      after: { spec: { replicas: 0, serviceName: 'b', selector, template } },
    },
    {
      what: 'StatefulSet spec.volumeClaimTemplates',
      before: inNamespace('apps', 'StatefulSet', {
        spec: { replicas: 0, serviceName: 'a', selector, template, volumeClaimTemplates: claims('1Gi') },
      }),
      after: { spec: { replicas: 0, serviceName: 'a', selector, template, volumeClaimTemplates: claims('2Gi') } },
    },
    {
      what: 'Job spec.template',
      before: inNamespace('batch', 'Job', { spec: { suspend: true, template: job } }),
      after: {
        spec: {
          suspend: true,
          template: {
            ...job,
            spec: { ...job.spec, containers: [{ name: 'web', image: 'web:2', command: ['b'] }], dnsPolicy: 'Default' },
          },
        },
      },
    },
    {
      what: 'Job spec.completions',
      before: inNamespace('batch', 'Job', { spec: { suspend: true, completions: 1, template: job } }),
      after: { spec: { suspend: true, completions: 2, template: job } },
    },
    {
      what: 'RoleBinding roleRef',
      before: inNamespace('rbac.authorization.k8s.io', 'RoleBinding', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
      }),
      after: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'b' } },
    },
    {
      what: 'Secret type',
      before: inNamespace('', 'Secret', { type: 'Opaque' }),
      after: { type: 'example.com/other' },
    },
    {
      what: 'immutable ConfigMap data',
      before: inNamespace('', 'ConfigMap', { immutable: true, data: { a: '1' } }),
      after: { immutable: true, data: { a: '2' } },
    },
    {
      what: 'immutable Secret, the flag itself',
      before: inNamespace('', 'Secret', { immutable: true, data: { a: 'MQ==' } }),
      after: { immutable: false, data: { a: 'MQ==' } },
    },
    {
      what: 'Service spec.clusterIPs',
      before: inNamespace('', 'Service', { spec: { ports: [{ port: 80 }] } }),
      after: { spec: { ports: [{ port: 80 }], clusterIP: '10.0.0.222', clusterIPs: ['10.0.0.222'] } },
    },
    {
      what: 'PersistentVolumeClaim spec',
      before: inNamespace('', 'PersistentVolumeClaim', { spec: { ...claim, storageClassName: 'a' } }),
      after: { spec: { ...claim, storageClassName: 'b' } },
    },
    {
      what: 'Pod spec',
      before: inNamespace('', 'Pod', {
        spec: { nodeSelector: { no: 'where' }, containers: [{ name: 'web', image: 'web:1' }] },
      }),
      after: { spec: { nodeSelector: { no: 'where' }, hostname: 'b', containers: [{ name: 'web', image: 'web:1' }] } },
    },
    {
      what: 'EndpointSlice addressType',
      before: inNamespace('discovery.k8s.io', 'EndpointSlice', { addressType: 'IPv4', endpoints: [] }),
      after: { addressType: 'IPv6', endpoints: [] },
    },
    {
      what: 'ClusterRoleBinding roleRef',
      before: inCluster('rbac.authorization.k8s.io', 'ClusterRoleBinding', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'a' },
      }),
      after: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'b' } },
    },
    {
      what: 'StorageClass parameters',
      before: inCluster('storage.k8s.io', 'StorageClass', { provisioner: 'example.com/a', parameters: { a: '1' } }),
      after: { provisioner: 'example.com/a', parameters: { a: '2' } },
    },
    {
      what: 'StorageClass provisioner',
      before: inCluster('storage.k8s.io', 'StorageClass', { provisioner: 'example.com/a' }),
      after: { provisioner: 'example.com/b' },
    },
    {
      what: 'IngressClass spec.controller',
      before: inCluster('networking.k8s.io', 'IngressClass', { spec: { controller: 'example.com/a' } }),
      after: { spec: { controller: 'example.com/b' } },
    },
    {
      what: 'RuntimeClass handler',
      before: inCluster('node.k8s.io', 'RuntimeClass', { handler: 'a' }),
      after: { handler: 'b' },
    },
    {
      what: 'CSIDriver spec.attachRequired',
      before: inCluster('storage.k8s.io', 'CSIDriver', { spec: { attachRequired: true } }),
      after: { spec: { attachRequired: false } },
    },
    {
      what: 'PriorityClass value',
      before: inCluster('scheduling.k8s.io', 'PriorityClass', { value: 1 }),
      after: { value: 2 },
    },
    {
      what: 'PersistentVolume source',
      before: inCluster('', 'PersistentVolume', { spec: volume }),
      after: { spec: { ...volume, hostPath: { path: '/b', type: '' } } },
    },
  ];
  for (const { what, before, after } of changes) {
    cluster.test(what, async ({ client, namespace }) => {
      const set = setIn(namespace);
      const first = before(namespace, randomName('im'));
      const created = await run([itemOf(first, set)], portsOn(client));
      expect(created.outcomes).toMatchObject([{ action: 'created' }]);
      try {
        const live = await read(client, first);
        const ran = await run([updateOf({ ...first, ...after }, live, set)], portsOn(client));
        expect(ran.outcomes).toMatchObject([{ action: 'failed', code: 'immutable', retry: 'never' }]);
      } finally {
        if (first.metadata.namespace === undefined) await client.delete(refOf(first));
      }
    });
  }

  cluster.test('CustomResourceDefinition spec.scope and names; a rule of its author', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const group = `${randomName('g')}.example.com`;
    const rules = {
      properties: {
        silent: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
        spoken: {
          type: 'string',
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'spoken is immutable' }],
        },
      },
    };
    const defined = definition(group, rules);
    const before = widget(group, namespace, 'w', { silent: 'a', spoken: 'a' });
    try {
      await run(
        [defined, before].map((object) => itemOf(object, set)),
        portsOn(client),
      );
      const live = await read(client, before);
      for (const spec of [
        { silent: 'b', spoken: 'a' },
        { silent: 'a', spoken: 'b' },
      ]) {
        const ran = await run([updateOf(widget(group, namespace, 'w', spec), live, set)], portsOn(client));
        expect(ran.outcomes).toMatchObject([{ action: 'failed', code: 'immutable' }]);
      }
      const liveDefinition = await read(client, defined);
      const scoped = { ...defined, spec: { ...specOf(defined), scope: 'Cluster' } };
      const ran = await run([updateOf(scoped, liveDefinition, set)], portsOn(client));
      expect(ran.outcomes).toMatchObject([{ action: 'failed', code: 'immutable' }]);
    } finally {
      await client.delete(refOf(defined));
    }
  });

  cluster.test(
    'what a policy refuses is denied, even when it says "immutable", and is never replaced',
    async ({ client, namespace, raw, onTestFinished }) => {
      const name = randomName('policy');
      const base = '/apis/admissionregistration.k8s.io/v1';
      onTestFinished(async () => {
        await raw('DELETE', `${base}/validatingadmissionpolicybindings/${name}`);
        await raw('DELETE', `${base}/validatingadmissionpolicies/${name}`);
      });
      await raw('POST', `${base}/validatingadmissionpolicies`, {
        body: {
          metadata: { name },
          spec: {
            matchConstraints: {
              resourceRules: [
                { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['configmaps'] },
              ],
            },
            validations: [{ expression: 'object.data.im == oldObject.data.im', message: 'data.im is immutable' }],
          },
        },
      });
      await raw('POST', `${base}/validatingadmissionpolicybindings`, {
        body: {
          metadata: { name },
          spec: {
            policyName: name,
            validationActions: ['Deny'],
            matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
          },
        },
      });
      const live = await member(client, configMap(namespace, 'web', { im: '1' }));
      const dry = () =>
        client.patch(refOf(live), { type: 'merge', value: { data: { im: '2' } } }, { dryRun: true }).then(
          () => undefined,
          () => true,
        );
      await eventually(dry);
      const item = updateOf(configMap(namespace, 'web', { im: '2' }), live, setIn(namespace), { replace: 'protected' });
      const ran = await run([item], portsOn(client));
      expect(ran.outcomes).toMatchObject([
        { action: 'failed', code: 'denied', message: expect.stringContaining(name) as string },
      ]);
      expect((await read(client, live)).metadata.uid).toBe(live.metadata.uid);
    },
  );

  cluster.test('a field that is forbidden by another is invalid', async ({ client, namespace }) => {
    const live = await member(client, deployment(namespace, 'web', { replicas: 0 }));
    const recreate = deployment(namespace, 'web', {
      replicas: 0,
      strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } },
    });
    const ran = await run([updateOf(recreate, live, setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'failed', code: 'invalid' }]);
  });
});

describe('row 14: what is being deleted takes an apply, and goes away', () => {
  cluster.test('it is waited for, and created anew', async ({ client, namespace }) => {
    const held = {
      ...configMap(namespace, 'web'),
      metadata: { name: 'web', namespace, finalizers: ['example.com/hold'] },
    };
    await client.create(held);
    await client.delete(refOf(held));
    const seen = await read(client, held);
    const { uid = '', resourceVersion = '' } = seen.metadata;
    const item = itemOf(configMap(namespace, 'web', { a: '2' }), setIn(namespace), {
      action: 'adopt',
      uid,
      resourceVersion,
      live: seen,
    });
    const running = run([item], portsOn(client));
    await client.patch(refOf(held), { type: 'merge', value: { metadata: { finalizers: null } } });
    const ran = await running;
    expect(ran.outcomes).toMatchObject([{ action: 'created', object: { data: { a: '2' } } }]);
    expect((await read(client, held)).metadata.uid).not.toBe(uid);
  });

  cluster.test(
    'the answer tells too; whoever holds it is named while waiting and when the time is up',
    async ({ client, namespace }) => {
      const live = await member(client, configMap(namespace, 'web'));
      await client.patch(refOf(live), { type: 'merge', value: { metadata: { finalizers: ['example.com/hold'] } } });
      await client.delete(refOf(live));
      // The plan has not seen it.
      const ran = await run(
        [updateOf(configMap(namespace, 'web', { a: '2' }), live, setIn(namespace))],
        portsOn(client),
        {
          waitTimeoutMs: 2_000,
        },
      );
      expect(ran.outcomes).toMatchObject([
        { action: 'failed', code: 'terminating', message: expect.stringContaining('example.com/hold') as string },
      ]);
      expect(ran.events).toContainEqual(
        expect.objectContaining({
          type: 'waiting',
          what: 'gone',
          reason: 'it waits for its finalizers example.com/hold',
        }),
      );
      await client.patch(refOf(live), { type: 'merge', value: { metadata: { finalizers: null } } });
    },
  );
});

describe('row 15: contents tell whether something changed', () => {
  cluster.test('a claim gets a new resourceVersion once without a change: unchanged', async ({ client, namespace }) => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' },
    };
    const live = await member(client, claim);
    const ran = await run([updateOf(claim, live, setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'unchanged' }]);
  });

  cluster.test('so does a validating admission policy: unchanged', async ({ client, raw, onTestFinished }) => {
    const name = randomName('validate');
    const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${name}`;
    onTestFinished(() => raw('DELETE', path).then(() => undefined));
    const policy = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'], scope: '*' },
          ],
        },
        validations: [{ expression: 'true' }],
      },
    };
    const live = await member(client, policy);
    const ran = await run([updateOf(policy, live, setIn('cluster'))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'unchanged' }]);
  });

  cluster.test(
    'an owned value that admission changes is overridden, never silently equal',
    async ({ client, namespace, raw, onTestFinished }) => {
      const name = randomName('mutate');
      const base = '/apis/admissionregistration.k8s.io/v1';
      onTestFinished(async () => {
        await raw('DELETE', `${base}/mutatingadmissionpolicybindings/${name}`);
        await raw('DELETE', `${base}/mutatingadmissionpolicies/${name}`);
      });
      const policy = await raw('POST', `${base}/mutatingadmissionpolicies`, {
        body: {
          metadata: { name },
          spec: {
            failurePolicy: 'Fail',
            reinvocationPolicy: 'Never',
            matchConstraints: {
              resourceRules: [
                { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
              ],
            },
            mutations: [
              { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: {"a": "mutated"}}' } },
            ],
          },
        },
      });
      expect(policy.status).toBe(201);
      await raw('POST', `${base}/mutatingadmissionpolicybindings`, {
        body: {
          metadata: { name },
          spec: {
            policyName: name,
            matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
          },
        },
      });
      const probe = async () => {
        const { object } = await client.create(configMap(namespace, randomName('probe')), { dryRun: true });
        return isRecord(object['data']) && object['data']['a'] === 'mutated' ? true : undefined;
      };
      await eventually(probe);
      const judge = (desired: KubeObject, answer: KubeObject) => {
        const [wanted, got] = [desired['data'], answer['data']].map((data) => (isRecord(data) ? data['a'] : undefined));
        return wanted === got ? [] : [{ path: '.data.a', kind: 'change', desired: wanted, live: got }];
      };
      const ran = await run([itemOf(configMap(namespace, 'web'), setIn(namespace))], portsOn(client, { judge }));
      expect(ran.outcomes).toMatchObject([
        { action: 'created', overridden: [{ path: '.data.a', desired: '1', live: 'mutated' }] },
      ]);
    },
  );
});

describe('row 18: what the server owns is not sent', () => {
  cluster.test('an exported object can be applied as it came', async ({ client, namespace }) => {
    const live = await member(client, deployment(namespace, 'web', { replicas: 0 }));
    const ran = await run([updateOf(live, live, setIn(namespace))], portsOn(client));
    expect(ran.outcomes).toMatchObject([{ action: 'updated' }]);
  });
});

describe('row 19: what others hold is not taken by default when it is theirs to hold', () => {
  cluster.test('replicas that were set through /scale are yielded, and named', async ({ client, namespace, raw }) => {
    const set = setIn(namespace);
    const live = await member(client, deployment(namespace, 'web', { replicas: 0 }));
    await raw('PATCH', `/apis/apps/v1/namespaces/${namespace}/deployments/web/scale?fieldManager=autoscaler`, {
      body: { spec: { replicas: 3 } },
      contentType: 'application/merge-patch+json',
    });
    const changed = deployment(namespace, 'web', { replicas: 1, minReadySeconds: 5 });
    const ran = await run([updateOf(changed, live, set)], portsOn(client));
    expect(ran.outcomes).toMatchObject([
      {
        action: 'updated',
        yielded: [{ path: '.spec.replicas', manager: 'autoscaler', subresource: 'scale' }],
        object: { spec: { replicas: 3, minReadySeconds: 5 } },
      },
    ]);
  });

  cluster.test('fields of another GitOps tool fail, unless it may be adopted from', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const live = await member(client, configMap(namespace, 'web'));
    await client.apply(configMap(namespace, 'web', { a: 'flux', b: 'flux' }), {
      manager: 'kustomize-controller',
      force: true,
    });
    const item = updateOf(configMap(namespace, 'web', { a: '2' }), live, set);
    const failed = await run([item], portsOn(client));
    expect(failed.outcomes).toMatchObject([
      {
        action: 'failed',
        code: 'conflict',
        message: expect.stringContaining('"kustomize-controller" (Apply) owns .data.a') as string,
      },
    ]);
    const adopted = await run(
      [item],
      portsOn(client, { onConflict: { mode: 'default', adoptFrom: ['kustomize-controller'] } }),
    );
    expect(adopted.outcomes).toMatchObject([{ action: 'updated', migrated: ['kustomize-controller'] }]);
  });

  cluster.test('fields of anybody else are taken, and reported', async ({ client, namespace }) => {
    const live = await member(client, configMap(namespace, 'web'));
    await client.apply(configMap(namespace, 'web', { a: 'hand' }), { manager: 'somebody', force: true });
    const item = updateOf(configMap(namespace, 'web', { a: '2' }), live, setIn(namespace));
    expect((await run([item], portsOn(client))).outcomes).toMatchObject([
      { action: 'updated', taken: [{ path: '.data.a', manager: 'somebody' }], object: { data: { a: '2' } } },
    ]);
  });

  cluster.test('the membership that another tool holds is never taken', async ({ client, namespace }) => {
    const labelled = {
      ...configMap(namespace, 'web'),
      metadata: { name: 'web', namespace, labels: { [PART_OF_LABEL]: 'applyset-theirs-v1' } },
    };
    await client.apply(labelled, { manager: 'kubectl-applyset' });
    const seen = await read(client, labelled);
    const { uid = '', resourceVersion = '' } = seen.metadata;
    const adopt = itemOf(configMap(namespace, 'web'), setIn(namespace), {
      action: 'adopt',
      uid,
      resourceVersion,
      live: seen,
      conflicts: 'force',
    });
    expect((await run([adopt], portsOn(client))).outcomes).toMatchObject([{ action: 'failed', code: 'conflict' }]);
  });

  cluster.test(
    'equal quantities in other words: a conflict that is taken without a change',
    async ({ client, namespace }) => {
      const withMemory = (memory: string) =>
        deployment(namespace, 'web', {
          replicas: 0,
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'web', image: 'web:1', resources: { limits: { memory } } }] },
          },
        });
      const live = await member(client, withMemory('1Gi'));
      await client.apply(withMemory('1Gi'), { manager: 'somebody' });
      const ran = await run([updateOf(withMemory('1024Mi'), live, setIn(namespace))], portsOn(client));
      expect(ran.outcomes).toMatchObject([{ taken: [{ manager: 'somebody' }] }]);
    },
  );
});

describe('row 22: a replacement is tried under another name first', () => {
  cluster.test(
    'an immutable change with consent deletes the proven member and creates it anew',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const live = await member(client, { ...configMap(namespace, 'web'), immutable: true });
      const item = updateOf({ ...configMap(namespace, 'web', { a: '2' }), immutable: true }, live, set, {
        replace: 'ordinary',
      });
      expect((await run([item], portsOn(client))).outcomes).toMatchObject([
        { action: 'replaced', object: { data: { a: '2' } } },
      ]);
      expect((await read(client, live)).metadata.uid).not.toBe(live.metadata.uid);
    },
  );

  cluster.test(
    'a node port that the old Service holds does not speak against the new one',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const service = (spec: Record<string, unknown>) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace },
        spec: { type: 'NodePort', ports: [{ port: 80 }], ...spec },
      });
      const live = await member(client, service({}));
      const port = (specOf(live)['ports'] as { nodePort: number }[])[0]?.nodePort;
      const wanted = service({ ports: [{ port: 80, nodePort: port }], clusterIP: specOf(live)['clusterIP'] });
      const item = updateOf(wanted, live, set, { action: 'replace' });
      expect((await run([item], portsOn(client))).outcomes).toMatchObject([{ action: 'replaced' }]);
    },
  );

  cluster.test('what is plainly invalid never deletes anything', async ({ client, namespace }) => {
    const live = await member(client, { ...configMap(namespace, 'web'), immutable: true });
    const wrong = { ...configMap(namespace, 'web', { 'not a key': 'x' }), immutable: true };
    const item = updateOf(wrong, live, setIn(namespace), { action: 'replace' });
    expect((await run([item], portsOn(client))).outcomes).toMatchObject([{ action: 'failed', code: 'invalid' }]);
    expect((await read(client, live)).metadata.uid).toBe(live.metadata.uid);
  });

  cluster.test('what is not proven ours is not deleted', async ({ client, namespace }) => {
    const immutable = { ...configMap(namespace, 'web'), immutable: true };
    await client.create(immutable);
    const seen = await read(client, immutable);
    const item = updateOf({ ...configMap(namespace, 'web', { a: '2' }), immutable: true }, seen, setIn(namespace), {
      action: 'replace',
    });
    expect((await run([item], portsOn(client))).outcomes).toMatchObject([
      { action: 'failed', code: 'immutable', message: expect.stringContaining('not proven') as string },
    ]);
    expect((await read(client, seen)).metadata.uid).toBe(seen.metadata.uid);
  });

  cluster.test(
    'a StatefulSet needs the second consent; a definition is bound to its name and is not tried under another',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const stateful = (serviceName: string) => ({
        ...deployment(namespace, 'db', { replicas: 0, serviceName }),
        kind: 'StatefulSet',
      });
      const live = await member(client, stateful('a'));
      const once = updateOf(stateful('b'), live, set, { replace: 'ordinary' });
      expect((await run([once], portsOn(client))).outcomes).toMatchObject([
        { action: 'failed', code: 'immutable', message: expect.stringContaining('second, explicit consent') as string },
      ]);
      const twice = updateOf(stateful('b'), live, set, { replace: 'protected' });
      expect((await run([twice], portsOn(client))).outcomes).toMatchObject([{ action: 'replaced' }]);

      const defined = definition(`${randomName('g')}.example.com`);
      try {
        await run([itemOf(defined, set)], portsOn(client));
        const scoped = { ...defined, spec: { ...specOf(defined), scope: 'Cluster' } };
        const item = updateOf(scoped, await read(client, defined), set, { action: 'replace', replace: 'protected' });
        expect((await run([item], portsOn(client))).outcomes).toMatchObject([{ action: 'replaced' }]);
      } finally {
        await client.delete(refOf(defined));
      }
    },
  );
});

describe('row 24: ordering', () => {
  cluster.test(
    'a Namespace is Active in the answer that creates it, so nothing is asked about it',
    async ({ client, raw, namespace, onTestFinished }) => {
      const home = randomName('home');
      onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${home}`)));
      const asked: string[] = [];
      const ports = portsOn(client, {
        ready: async ({ kind }) => {
          asked.push(kind);
          return { state: 'Current', reason: '', message: '' };
        },
      });
      const objects = [configMap(home, 'a'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: home } }];
      const ran = await run(
        objects.map((object) => itemOf(object, setIn(namespace))),
        ports,
      );
      expect(ran.outcomes.map(({ action }) => action)).toEqual(['created', 'created']);
      expect(asked).toEqual([]);
    },
  );

  cluster.test(
    'a Namespace that is on its way out is waited for, and created anew with what lives in it',
    async ({ client, raw, namespace, onTestFinished }) => {
      const home = randomName('home');
      onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${home}`)));
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: home } };
      const live = await member(client, object);
      await client.delete(refOf(object));
      const items = [itemOf(configMap(home, 'a'), setIn(namespace)), updateOf(object, live, setIn(namespace))];
      const running = run(items, portsOn(client), { waitTimeoutMs: 100_000 });
      // What the namespace controller does when nothing is left in it: that may take it long when some API cannot be reached.
      const finalized = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: home }, spec: { finalizers: [] } };
      await raw('PUT', `/api/v1/namespaces/${home}/finalize`, { body: finalized });
      const ran = await running;
      expect(ran.outcomes.map(({ action }) => action)).toEqual(['created', 'created']);
    },
  );
});
