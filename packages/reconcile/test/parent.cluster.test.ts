/** The parent names the kinds and namespaces of a set, so that no member is ever out of sight. */
import { expect } from 'vitest';
import { parseHints, printGroupKind } from '@homeostat/kube';
import {
  configMap,
  inNamespace,
  scenarioTest as story,
  secret,
  service,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

const parent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'site' } };

async function named(world: World): Promise<readonly string[]> {
  const { annotations } = (await world.expectLive(parent)).metadata;
  const { groupKinds, namespaces } = parseHints(annotations);
  return [...groupKinds.map(printGroupKind), ...namespaces];
}

story('it names a kind from before the first object until after the last', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': service('web', { app: 'web' }) });
  await world.reconcile();
  expect(await named(world)).toEqual(['ConfigMap', 'Service']);
  await world.commit({ 'web.yaml': null, 'key.yaml': secret('key', { password: 'some value' }) });
  await world.reconcile({ prune: false });
  expect(await named(world)).toEqual(['ConfigMap', 'Secret', 'Service']);
  expect(told(await world.reconcile())).toContain('pruned Service web');
  expect(await named(world)).toEqual(['ConfigMap', 'Secret']);
});

story('it names other namespaces too', async ({ scenario, raw, onTestFinished }) => {
  const world = await scenario();
  const other = `${world.namespace}-other`;
  await raw('POST', '/api/v1/namespaces', { body: { metadata: { name: other } } });
  onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${other}`)));
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': inNamespace(configMap('b'), other) });
  await world.reconcile();
  expect(await named(world)).toEqual(['ConfigMap', other]);
  await world.commit({ 'b.yaml': null });
  expect(told(await world.reconcile())).toContain('pruned ConfigMap b');
  expect(await named(world)).toEqual(['ConfigMap']);
});

story(
  'when somebody deletes it, the next process makes it anew, and no kind is forgotten',
  async ({ scenario, kubectl }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': service('web', { app: 'web' }) });
    await world.reconcile();
    await kubectl(['delete', 'configmap', 'site', '-n', world.namespace]);
    expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap a', 'unchanged Service web']);
    expect(await named(world)).toEqual(['ConfigMap', 'Service']);
    await world.commit({ 'web.yaml': null });
    expect(told(await world.reconcile())).toContain('pruned Service web');
  },
);

story(
  'when somebody deletes it under a process that stays, the next write names every kind again',
  async ({ scenario, kubectl }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': service('web', { app: 'web' }) });
    const process = await world.process();
    await process.reconcile();
    await kubectl(['delete', 'configmap', 'site', '-n', world.namespace]);
    await world.commit({ 'key.yaml': secret('key', { password: 'some value' }) });
    expect((await process.reconcile()).state).toBe('Ready');
    expect(await named(world)).toEqual(['ConfigMap', 'Secret', 'Service']);
  },
);

story('it keeps the last report, and is written only when that says something new', async ({ scenario }) => {
  const world = await scenario({ git: true });
  await world.commit({ 'a.yaml': configMap('a') });
  await world.reconcile();
  const first = await world.expectLive(parent);
  expect(JSON.parse((first['data'] as { report: string }).report)).toMatchObject({
    state: 'Ready',
    objects: 1,
    problems: [],
  });
  await world.commit({ 'notes.md': 'nothing for the cluster' });
  await world.reconcile();
  expect((await world.expectLive(parent)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
});
