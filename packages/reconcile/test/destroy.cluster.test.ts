/** How it must behave: the end of a set. */
import { expect } from 'vitest';
import { MANAGED_ANNOTATION, PART_OF_LABEL } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  namespaceObject,
  randomName,
  scenarioTest as story,
  secret,
  told,
} from '../../../test/support/scenario.ts';

const all = { 'all.yaml': [configMap('a'), secret('key', { a: 'hidden value' }), deployment('web')] };

story('destroy deletes the members, and the parent last', async ({ scenario, kubectl }) => {
  const world = await scenario();
  await world.commit(all);
  await world.reconcile();
  await kubectl(['create', 'configmap', 'hand', '-n', world.namespace]);
  const report = await (await world.process()).destroy('delete');
  expect(report).toMatchObject({ state: 'Ready', counts: { pruned: 3 } });
  for (const object of all['all.yaml']) await world.expectGone(object);
  await world.expectGone(configMap('site'));
  await world.expectLive({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hand' } });
});

story('destroy with orphan leaves the objects and takes our marks off them', async ({ scenario }) => {
  const world = await scenario();
  await world.commit(all);
  await world.reconcile();
  const before = await world.expectLive(configMap('a'));
  expect((await (await world.process()).destroy('orphan')).counts).toMatchObject({ released: 3, pruned: 0 });
  const { metadata } = await world.expectLive(configMap('a'));
  expect(metadata.uid).toBe(before.metadata.uid);
  expect(metadata.labels ?? {}).not.toHaveProperty([PART_OF_LABEL]);
  expect(metadata.annotations ?? {}).not.toHaveProperty([MANAGED_ANNOTATION]);
  expect(metadata.managedFields?.filter(({ manager }) => manager === 'homeostat') ?? []).toEqual([]);
  await world.expectGone(configMap('site'));
});

story('what its annotation asks to keep stays, without our marks', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({
    'a.yaml': configMap('a'),
    'b.yaml': annotated(configMap('b'), { 'homeostat.dev/prune': 'false' }),
  });
  await world.reconcile();
  const report = await (await world.process()).destroy('delete');
  expect(told(report)).toEqual(['pruned ConfigMap a', 'released ConfigMap b']);
  const { metadata } = await world.expectLive(configMap('b'));
  expect(metadata.labels ?? {}).not.toHaveProperty([PART_OF_LABEL]);
  await world.expectGone(configMap('site'));
});

story(
  'a protected kind stays, and the parent with it, so that nothing is forgotten',
  async ({ scenario, raw, onTestFinished }) => {
    const home = randomName('home');
    onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${home}`)));
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'home.yaml': namespaceObject(home) });
    await world.reconcile();
    const held = await (await world.process()).destroy('delete');
    expect(told(held)).toEqual([`kept Namespace ${home} (protected-kind)`, 'pruned ConfigMap a']);
    expect(held.state).toBe('Held');
    await world.expectLive({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'site' } });
    const consenting = await world.process({ policy: { pruneKinds: ['Namespace'] } });
    expect(told(await consenting.destroy('delete'))).toEqual([`pruned Namespace ${home}`]);
    await world.expectGone(configMap('site'));
  },
);

story('a look-alike is left alone', async ({ scenario, client }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a') });
  await world.reconcile();
  const { labels = {} } = (await world.expectLive(configMap('a'))).metadata;
  await client.create({
    ...configMap('lookalike'),
    metadata: { name: 'lookalike', namespace: world.namespace, labels },
  });
  for (const mode of ['orphan', 'delete'] as const) {
    const process = await world.process();
    if (mode === 'delete') await process.reconcile();
    expect(told(await process.destroy(mode))).toContain('kept ConfigMap lookalike (unproven)');
    await world.expectLive({ ...configMap('lookalike'), metadata: { name: 'lookalike', labels } });
  }
});

story('after destroy the same source starts anew', async ({ scenario }) => {
  const world = await scenario();
  await world.commit(all);
  await world.reconcile();
  const process = await world.process();
  await process.destroy('delete');
  expect((await process.reconcile()).counts).toMatchObject({ created: 3 });
});
