/**
 * How it must behave: removing a key inside an atomic value in Git reaches the cluster, also from a fresh process. Each pass
 * here is a process of its own: what is known of the last apply is what the live object says.
 */
import { expect } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import { configMap, deployment, scenarioTest as story, secret, service, told } from '../../../test/support/scenario.ts';

function policy(ingress: readonly unknown[]): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web' },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress },
  };
}

const fromApp = (app: string, port: number): unknown => ({
  from: [{ podSelector: { matchLabels: { app } } }],
  ports: [{ port, protocol: 'TCP' }],
});

const rows: readonly {
  readonly title: string;
  readonly before: KubeObject;
  readonly after: KubeObject;
  readonly at: (live: KubeObject) => unknown;
  readonly expected: unknown;
}[] = [
  {
    title: 'a nodeSelector',
    before: deployment('web', {}, { nodeSelector: { disk: 'ssd', zone: 'a' } }),
    after: deployment('web', {}, { nodeSelector: { disk: 'ssd' } }),
    at: (live) => (live['spec'] as { template: { spec: { nodeSelector: unknown } } }).template.spec.nodeSelector,
    expected: { disk: 'ssd' },
  },
  {
    title: "a Service's selector",
    before: service('web', { app: 'web', tier: 'front' }),
    after: service('web', { app: 'web' }),
    at: (live) => (live['spec'] as { selector: unknown }).selector,
    expected: { app: 'web' },
  },
  {
    title: "a NetworkPolicy's ingress",
    before: policy([fromApp('web', 80), fromApp('ops', 22)]),
    after: policy([fromApp('web', 80)]),
    at: (live) => (live['spec'] as { ingress: unknown }).ingress,
    expected: [fromApp('web', 80)],
  },
  {
    title: "a port inside a NetworkPolicy's ingress rule",
    before: policy([
      {
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 22, protocol: 'TCP' },
        ],
      },
    ]),
    after: policy([{ ports: [{ port: 80, protocol: 'TCP' }] }]),
    at: (live) => (live['spec'] as { ingress: unknown }).ingress,
    expected: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
  },
  {
    title: 'data of a ConfigMap',
    before: configMap('web', { a: '1', b: '2' }),
    after: configMap('web', { a: '1' }),
    at: (live) => live['data'],
    expected: { a: '1' },
  },
  {
    title: 'stringData of a Secret',
    before: secret('web', { a: 'one', b: 'two' }),
    after: secret('web', { a: 'one' }),
    at: (live) => live['data'],
    expected: { a: Buffer.from('one').toString('base64') },
  },
];

for (const { title, before, after, at, expected } of rows) {
  story(`a key removed from ${title} goes from the cluster`, async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'web.yaml': before });
    await world.reconcile();
    await world.commit({ 'web.yaml': after });
    expect(told(await world.reconcile())).toEqual([`updated ${after.kind} web`]);
    const { apiVersion, kind, metadata } = after;
    expect(at(await world.expectLive({ apiVersion, kind, metadata }))).toEqual(expected);
    expect(told(await world.reconcile())).toEqual([`unchanged ${after.kind} web`]);
  });
}

story('a field that we do not own is left alone, whatever else changes', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'web.yaml': configMap('web', { ours: '1' }) });
  await world.reconcile();
  await world.applyAs('somebody', configMap('web', { theirs: '1' }));
  expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap web']);
  await world.commit({ 'web.yaml': configMap('web', { ours: '2' }) });
  await world.reconcile();
  await world.expectLive(configMap('web', { ours: '2', theirs: '1' }));
});
