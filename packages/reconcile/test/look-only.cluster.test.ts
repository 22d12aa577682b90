/** Plans by an identity that may look and not write, as a check on a change that somebody proposes. */
import { describe, expect } from 'vitest';
import type { Plan } from '@homeostat/reconcile';
import {
  annotated,
  configMap,
  deployment,
  inNamespace,
  namespaceObject,
  randomName,
  scenarioTest as story,
  secret,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

type Kubectl = (args: readonly string[]) => Promise<{ readonly code: number }>;

async function mayView(kubectl: Kubectl, { namespace }: World): Promise<void> {
  const binding = ['create', 'rolebinding', 'view', '-n', namespace, '--clusterrole=view', '--user=someone'];
  expect((await kubectl(binding)).code).toBe(0);
}

/** The plan as it is shown to whoever may only look, and what that asked of the server. */
async function lookAt(
  world: World,
): Promise<{ readonly plan: Plan; readonly requests: Readonly<Record<string, number>> }> {
  const process = await world.asUser('someone').process();
  const plan = await process.plan({ lookOnly: true });
  return { plan, requests: process.requests() };
}

function shown({ items, prunes }: Plan): readonly string[] {
  return [
    ...items.map((item) => {
      const paths = 'changes' in item ? item.changes.map(({ kind, path }) => ` ${kind} ${path}`) : [];
      return `${item.action} ${item.ref.name}${item.action === 'refused' ? ` (${item.code})` : ''}${paths.join('')}`;
    }),
    ...prunes.map(({ decision, ref }) => `${decision} ${ref.name}`),
  ];
}

const READS = ['discovery', 'get', 'list', 'dry-run'];

describe('with the rights to view', () => {
  story(
    'a plan shows what somebody with all rights would see, and says that it is not validated',
    async ({ scenario, kubectl }) => {
      const world = await scenario();
      const files = { 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'web.yaml': deployment('web') };
      await world.commit(files);
      await world.reconcile();
      await world.commit({ 'a.yaml': configMap('a', { a: '2' }), 'b.yaml': null, 'c.yaml': configMap('c') });
      await mayView(kubectl, world);

      const { plan, requests } = await lookAt(world);
      expect(shown(plan)).toEqual(['update a change .data.a', 'create c', 'unchanged web', 'prune b']);
      const writes = plan.items.filter(({ action }) => action === 'update' || action === 'create');
      expect(writes).toMatchObject([{ validated: false }, { validated: false }]);
      expect(Object.keys(requests).filter((verb) => !READS.includes(verb))).toEqual([]);

      const full = await (await world.process()).plan();
      expect(shown(full)).toEqual(shown(plan));
      expect(full.items[0]).toMatchObject({ validated: true });
    },
  );

  story(
    'what exists already is decided as it would be: adopted, refused with its owner, or left alone',
    async ({ scenario, kubectl }) => {
      const other = await scenario({ name: 'other' });
      await other.commit({ 'taken.yaml': configMap('taken') });
      await other.reconcile();
      const world = await scenario();
      for (const name of ['hand', 'same', 'once']) {
        await kubectl(['create', 'configmap', name, '-n', world.namespace, '--from-literal=a=1']);
      }
      await world.commit({
        'hand.yaml': configMap('hand', { a: '2', b: '1' }),
        'same.yaml': configMap('same'),
        'once.yaml': annotated(configMap('once', { a: '3' }), { 'homeostat.dev/apply': 'create-only' }),
        'taken.yaml': configMap('taken'),
      });
      await mayView(kubectl, world);
      const { plan } = await lookAt(world);
      expect(plan.items.map(({ action, ref }) => `${action} ${ref.name}`)).toEqual([
        'adopt hand',
        'skip once',
        'adopt same',
        'refused taken',
      ]);
      expect(plan.items[0]).toMatchObject({
        validated: false,
        taken: [{ path: '.data.a', manager: 'kubectl-create' }],
      });
      expect(shown(plan)[0]).toContain('add .data.b');
      const full = await (await world.process()).plan();
      expect(full.items.map(({ action }) => action)).toEqual(plan.items.map(({ action }) => action));
      expect(full.items[0]).toMatchObject({ taken: [{ path: '.data.a', manager: 'kubectl-create' }] });
    },
  );

  story(
    'fields of others are foreseen: yielded to an autoscaler, refused for another tool',
    async ({ scenario, kubectl, raw }) => {
      const world = await scenario({ policy: { wait: false } });
      await world.commit({ 'web.yaml': deployment('web', { replicas: 1 }), 'argo.yaml': configMap('argo') });
      await world.reconcile();
      await raw('PATCH', `/apis/apps/v1/namespaces/${world.namespace}/deployments/web/scale?fieldManager=autoscaler`, {
        body: { spec: { replicas: 2 } },
        contentType: 'application/merge-patch+json',
      });
      await world.applyAs('argocd-controller', configMap('argo', { a: '7' }));
      await mayView(kubectl, world);
      const { plan } = await lookAt(world);
      expect(shown(plan)).toEqual(['refused argo (conflict)', 'unchanged web']);
      const full = await (await world.process()).plan();
      expect(shown(full)).toEqual(shown(plan));
    },
  );

  story('what lives in a namespace of the same plan waits for it', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await mayView(kubectl, world);
    const name = randomName('new');
    await world.commit({ 'all.yaml': [namespaceObject(name), inNamespace(configMap('a'), name)] });
    const role = randomName('namespaces');
    await kubectl(['create', 'clusterrole', role, '--verb=get,list', '--resource=namespaces']);
    await kubectl(['create', 'clusterrolebinding', role, `--clusterrole=${role}`, '--user=someone']);
    try {
      const { plan } = await lookAt(world);
      expect(plan.items).toMatchObject([
        { action: 'create', validated: false, ref: { kind: 'Namespace' } },
        { action: 'create', validated: false, deferred: 'namespace' },
      ]);
    } finally {
      await kubectl(['delete', 'clusterrole,clusterrolebinding', role]);
    }
  });

  story('what may not even be read is refused, and the others are planned', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await world.commit({ 'key.yaml': secret('key', { a: 'secret value' }), 'web.yaml': configMap('web') });
    await mayView(kubectl, world);
    const { plan } = await lookAt(world);
    expect(shown(plan)).toEqual(['create web', 'refused key (forbidden)']);
    expect(plan.items[1]).toMatchObject({ message: expect.stringContaining('nothing can be said') as string });
    expect(plan.findings).toMatchObject([{ code: 'KIND_NOT_VISIBLE' }]);
  });

  story('additions of others are shown as managedFields tell them', async ({ scenario, kubectl, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'web.yaml': configMap('web') });
    await world.reconcile();
    await raw('PATCH', `/api/v1/namespaces/${world.namespace}/configmaps/web?fieldManager=kubectl-edit`, {
      body: { data: { extra: 'x' } },
      contentType: 'application/merge-patch+json',
    });
    await mayView(kubectl, world);
    const { plan } = await lookAt(world);
    expect(plan.items).toMatchObject([
      { action: 'update', changes: [], validated: false, additions: [{ action: 'remove', path: '.data.extra' }] },
    ]);
  });
});

story('without a look at the parent, the plan says what is not known', async ({ scenario, kubectl }) => {
  const world = await scenario();
  await world.commit({ 'web.yaml': deployment('web'), 'a.yaml': configMap('a') });
  await world.reconcile();
  await world.commit({ 'web.yaml': deployment('web', { minReadySeconds: 3 }), 'a.yaml': null });
  const { namespace } = world;
  await kubectl(['create', 'role', 'some', '-n', namespace, '--resource=deployments.apps', '--verb=get,list,watch']);
  await kubectl(['create', 'rolebinding', 'some', '-n', namespace, '--role=some', '--user=someone']);
  const { plan } = await lookAt(world);
  expect(shown(plan)).toEqual(['update web add .spec.minReadySeconds']);
  expect(plan.findings).toMatchObject([
    { code: 'PARENT_NOT_VISIBLE', hint: expect.stringContaining(namespace) as string },
  ]);
});

story('a pass that writes never takes a look for an answer', async ({ scenario, kubectl }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a') });
  await world.reconcile();
  await world.commit({ 'a.yaml': configMap('a', { a: '2' }) });
  await mayView(kubectl, world);
  const poor = await world.asUser('someone').reconcile();
  expect(told(poor)).toEqual(['failed ConfigMap a (forbidden)']);
  await world.expectLive(configMap('a', { a: '1' }));
});
