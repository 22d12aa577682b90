/** How far objects are by rules of the sync's own, and why workloads are not there yet. */
import { expect, vi } from 'vitest';
import type { Client, KubeObject } from '@homeostat/kube';
import { refOf } from '@homeostat/kube';
import type { HealthRule } from '@homeostat/reconcile';
import {
  annotated,
  configMap,
  definition,
  deployment,
  eventually,
  randomName,
  secret,
  scenarioTest as story,
  widget,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';
import { fakeClock } from './fake-clock.ts';

const ruleFor = (group: string): HealthRule => ({
  group,
  kind: 'Widget',
  failed: 'has(status.broken) && status.broken == true',
  current: 'status.parts == spec.parts',
});

interface OpenKindPorts {
  readonly client: Client;
  readonly raw: (method: string, path: string) => Promise<unknown>;
  readonly onTestFinished: (end: () => Promise<void>) => void;
}

/** Makes a kind, Widget, whose objects say anything in their status, for as long as the test runs; returns its group. */
async function openKind({ client, raw, onTestFinished }: OpenKindPorts): Promise<string> {
  const group = `${randomName('g')}.example.com`;
  const closed = definition(group);
  const spec = closed['spec'] as { versions: readonly { schema: unknown }[] };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const open = { ...closed, spec: { ...spec, versions: spec.versions.map((version) => ({ ...version, schema })) } };
  await client.create(open);
  await eventually(async () => {
    const found = (await client.resources({ refresh: true })).find({ group, kind: 'Widget' });
    if (found === undefined) throw new Error('the kind is not served yet');
  });
  const kind = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${closed.metadata.name}`;
  onTestFinished(async () => void (await raw('DELETE', kind)));
  return group;
}

function withStatus(client: Client, world: World, object: KubeObject, status: unknown): Promise<unknown> {
  return client.patch({ ...refOf(object), namespace: world.namespace }, { type: 'merge', value: { status } });
}

story(
  'a wait ends when the rule of a custom resource turns true',
  async ({ scenario, client, raw, onTestFinished }) => {
    const group = await openKind({ client, raw, onTestFinished });
    const world = await scenario({ policy: { health: [ruleFor(group)], waitTimeout: 20_000 } });
    const one = widget(group, 'one', { parts: 2 });
    await world.commit({ 'one.yaml': one });
    const process = await world.process();
    const running = process.reconcile();
    await eventually(() => expect(process.events.some(({ type }) => type === 'waiting')).toBe(true));
    await withStatus(client, world, one, { parts: 1 });
    await withStatus(client, world, one, { parts: 2 });
    expect(await running).toMatchObject({
      state: 'Ready',
      objects: [{ action: 'created', status: { state: 'Current', reason: 'CurrentByRule' } }],
    });
    expect(process.events).toContainEqual(
      expect.objectContaining({ type: 'waiting', status: expect.objectContaining({ reason: 'NotObserved' }) }),
    );

    // A fresh process judges by the rule as well, and one without it by what stands on the object.
    expect(await world.reconcile()).toMatchObject({ state: 'Ready', counts: { unchanged: 1 } });
    await withStatus(client, world, one, { parts: 7 });
    const behind = await world.reconcile({ wait: false });
    expect(behind).toMatchObject({ state: 'Progressing', objects: [{ status: { reason: 'NotCurrent' } }] });
    expect(await world.reconcile({ health: [] })).toMatchObject({ state: 'Ready' });
  },
);

story(
  'a failed rule fails the wait at once, and what waits for the object is told why',
  async ({ scenario, client, raw, onTestFinished }) => {
    const group = await openKind({ client, raw, onTestFinished });
    const world = await scenario({ policy: { health: [ruleFor(group)], waitTimeout: 20_000 } });
    const one = widget(group, 'one', { parts: 2 });
    const dependsOn = { 'homeostat.dev/depends-on': `${group}/namespaces/${world.namespace}/Widget/one` };
    await world.commit({ 'one.yaml': [one, annotated(configMap('after'), dependsOn)] });
    const process = await world.process();
    const running = process.reconcile();
    await eventually(async () => {
      if ((await world.live(one)) === undefined) throw new Error('it is not there yet');
    });
    await withStatus(client, world, one, { broken: true });
    const report = await running;
    expect(report.state).toBe('Failed');
    expect(report.objects).toEqual([
      expect.objectContaining({ status: expect.objectContaining({ state: 'Failed', reason: 'FailedByRule' }) }),
      expect.objectContaining({
        action: 'blocked',
        message: expect.stringContaining(`FailedByRule: failed by the health rule of Widget.${group}`),
      }),
    ]);
  },
);

story(
  'a rule that cannot be evaluated never ends a wait well, and is named',
  async ({ scenario, client, raw, onTestFinished }) => {
    const group = await openKind({ client, raw, onTestFinished });
    const world = await scenario({
      policy: { health: [{ group, current: 'status.missing.deeper == 1' }], waitTimeout: 300 },
    });
    const one = { ...widget(group, 'one'), status: { phase: 'Done' } };
    await world.applyAs('somebody', one);
    await world.commit({ 'one.yaml': widget(group, 'one') });
    expect(await world.reconcile()).toMatchObject({
      state: 'Failed',
      failure: {
        code: 'NOT_READY',
        message: expect.stringContaining(`the health rule of *.${group} cannot tell: current: No such key: missing`),
      },
    });
  },
);

story(
  'what an object says of itself is told without the secrets of the set',
  async ({ scenario, client, raw, onTestFinished }) => {
    const group = await openKind({ client, raw, onTestFinished });
    const world = await scenario({ policy: { health: [{ group, current: 'false' }], waitTimeout: 300 } });
    const conditions = [
      { type: 'Ready', status: 'False', reason: 'Refused', message: 'wrong password: open-sesame-42' },
    ];
    await world.applyAs('somebody', { ...widget(group, 'one'), status: { conditions } });
    await world.commit({ 'one.yaml': [widget(group, 'one'), secret('login', { password: 'open-sesame-42' })] });
    const process = await world.process();
    const report = await process.reconcile();
    expect(report.failure?.message).toContain('Refused: wrong password: <redacted');
    expect(JSON.stringify([report, process.events])).not.toContain('open-sesame-42');
  },
);

story('unknownKind: wait-observed waits for a first status', async ({ scenario, client, raw, onTestFinished }) => {
  const group = await openKind({ client, raw, onTestFinished });
  const world = await scenario({ policy: { unknownKind: 'wait-observed' } });
  const one = widget(group, 'one');
  await world.commit({ 'one.yaml': one });
  expect(await world.reconcile({ wait: false })).toMatchObject({
    state: 'Progressing',
    objects: [{ status: { reason: 'NotObserved' } }],
  });
  await withStatus(client, world, one, { phase: 'Seen' });
  expect((await world.reconcile()).state).toBe('Ready');
});

/** A Deployment whose Pods nobody schedules, so that their status is ours to write. */
const unscheduled = (name: string): KubeObject => deployment(name, { replicas: 1 }, { schedulerName: 'nobody' });

async function podOf(client: Client, namespace: string): Promise<string> {
  const pods = (await client.resources()).find({ group: '', kind: 'Pod' })!;
  return eventually(async () => {
    for await (const { items } of client.list(pods, { namespace })) {
      for (const { metadata } of items) return metadata.name;
    }
    throw new Error('there is no Pod yet');
  });
}

async function patchStatus(client: Client, namespace: string, pod: string, status: object): Promise<void> {
  await client.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/status`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ status }),
  });
}

/** As {@link eventually}, for looks that let the clock go on: a server answers in time of its own. */
const seldom = (look: () => Promise<void>): Promise<void> => vi.waitFor(look, { timeout: 20_000, interval: 100 });

const stuck = (reason: string): object => ({
  name: 'web',
  image: 'web:1',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason, message: 'no such image' } },
});

async function failToPull(client: Client, namespace: string): Promise<string> {
  const pod = await podOf(client, namespace);
  await patchStatus(client, namespace, pod, { phase: 'Pending', containerStatuses: [stuck('ImagePullBackOff')] });
  return pod;
}

story('a Deployment that does not come up names the Pod and its reason', async ({ scenario, client }) => {
  const world = await scenario({ policy: { waitTimeout: 5_000 } });
  await world.commit({ 'web.yaml': unscheduled('web') });
  const process = await world.process();
  const running = process.reconcile();
  const pod = await failToPull(client, world.namespace);
  const report = await running;
  const reason = new RegExp(`pod ${pod}: container \\S+: ImagePullBackOff: no such image`);
  expect(report).toMatchObject({ state: 'Failed', failure: { code: 'NOT_READY' } });
  expect(report.failure?.message).toMatch(reason);
  expect(report.objects[0]?.status?.message).toMatch(reason);
});

story(
  'what waits for a Deployment is told which Pod keeps it, and that is no progress',
  async ({ scenario, client }) => {
    const world = await scenario({ policy: { waitTimeout: 600_000 } });
    const dependsOn = { 'homeostat.dev/depends-on': `apps/namespaces/${world.namespace}/Deployment/web` };
    await world.commit({ 'web.yaml': [unscheduled('web'), annotated(configMap('after'), dependsOn)] });
    const clock = fakeClock();
    const process = await world.process({}, { clock });
    const running = process.reconcile();
    const pod = await failToPull(client, world.namespace);
    const reason = new RegExp(`pod ${pod}: container web: ImagePullBackOff: no such image`);
    const waited = process.events.length;
    await seldom(async () => {
      await clock.advance(5_000);
      const told = process.events.slice(waited).flatMap((event) => (event.type === 'apply' ? [event.event] : []));
      expect(told).toContainEqual(expect.objectContaining({ type: 'waiting', reason: expect.stringMatching(reason) }));
    });
    await clock.advance(600_000);
    const report = await running;
    expect(report.objects.find(({ action }) => action === 'blocked')?.message).toMatch(reason);
    expect(report.objects.find(({ ref }) => ref.name === 'web')?.status?.message).toMatch(reason);
  },
);

story('the Pods of all that is waited for are read at once', async ({ scenario, client }) => {
  const world = await scenario({ policy: { waitTimeout: 600_000 } });
  const names = ['a', 'b', 'c'];
  const on = names.map((name) => `apps/namespaces/${world.namespace}/Deployment/${name}`);
  const after = annotated(configMap('after'), { 'homeostat.dev/depends-on': on.join(',') });
  await world.commit({ 'all.yaml': [...names.map(unscheduled), after] });
  const clock = fakeClock();
  const process = await world.process({}, { clock });
  const running = process.reconcile();
  await podOf(client, world.namespace);
  // Until the first look at them is told.
  await seldom(async () => {
    await clock.advance(5_000);
    const told = process.events.flatMap((event) => (event.type === 'apply' ? [event.event] : []));
    expect(told).toContainEqual(expect.objectContaining({ reason: expect.stringContaining('; pod ') }));
  });
  await world.live(configMap('after'));
  process.requests();
  let lists = 0;
  let looks = 0;
  await seldom(async () => {
    await clock.advance(5_000);
    looks += 1;
    lists += process.requests()['list'] ?? 0;
    expect(lists).toBeGreaterThanOrEqual(2);
  });
  // ReplicaSets and Pods, for all three together; of the look before, one answer may have been on its way.
  expect(lists).toBeLessThanOrEqual(2 * looks + 1);
  await clock.advance(600_000);
  expect((await running).state).toBe('Failed');
});

story('a StatefulSet whose Pod has failed fails the wait then', async ({ scenario, client }) => {
  const world = await scenario({ policy: { waitTimeout: 20_000 } });
  const { metadata, spec } = unscheduled('db') as KubeObject & { readonly spec: Readonly<Record<string, unknown>> };
  await world.commit({
    'db.yaml': { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { ...spec, serviceName: 'db' } },
  });
  expect((await world.reconcile({ wait: false })).state).toBe('Progressing');
  const pod = await podOf(client, world.namespace);
  await patchStatus(client, world.namespace, pod, { phase: 'Running', containerStatuses: [stuck('CrashLoopBackOff')] });
  const clock = fakeClock();
  const running = (await world.process({}, { clock })).reconcile();
  let ended = false;
  void running.finally(() => (ended = true));
  await eventually(async () => {
    await clock.advance(5_000);
    expect(ended).toBe(true);
  });
  expect(await running).toMatchObject({
    state: 'Failed',
    objects: [{ status: { state: 'Failed', message: expect.stringContaining(`pod ${pod}: `) } }],
  });
});

story('who may not list Pods is told what there is to tell', async ({ scenario, raw }) => {
  const world = await scenario({ policy: { waitTimeout: 300 } });
  const rules = [{ apiGroups: ['', 'apps'], resources: ['configmaps', 'deployments'], verbs: ['*'] }];
  const at = `/apis/rbac.authorization.k8s.io/v1/namespaces/${world.namespace}`;
  await raw('POST', `${at}/roles`, { body: { metadata: { name: 'engine' }, rules } });
  await raw('POST', `${at}/rolebindings`, {
    body: {
      metadata: { name: 'engine' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'engine' },
      subjects: [{ kind: 'User', name: 'someone', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  await world.commit({ 'web.yaml': unscheduled('web') });
  const report = await eventually(async () => {
    const one = await world.asUser('someone').reconcile();
    if (one.failure?.code !== 'NOT_READY') throw new Error(JSON.stringify(one.failure ?? one.objects));
    return one;
  });
  expect(report.failure?.message).toMatch(/Deployment \S+\/web: /);
  expect(report.failure?.message).not.toContain('pod ');
});
