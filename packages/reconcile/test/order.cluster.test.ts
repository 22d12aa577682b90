/** How it must behave: what belongs together goes out in one commit. */
import { expect } from 'vitest';
import {
  annotated,
  configMap,
  definition,
  deployment,
  inNamespace,
  namespaceObject,
  randomName,
  scenarioTest as story,
  told,
  widget,
} from '../../../test/support/scenario.ts';

story(
  'a Namespace, a definition, its custom resources and what lives in them work in one commit, and go in one',
  async ({ scenario, raw, onTestFinished }) => {
    const home = randomName('home');
    const group = `${randomName('g')}.example.com`;
    onTestFinished(async () => {
      await raw('DELETE', `/api/v1/namespaces/${home}`);
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
    });
    const world = await scenario();
    await world.commit({
      '0-resources.yaml': [
        inNamespace(widget(group, 'elsewhere', { size: 1 }), home),
        widget(group, 'here', { size: 1 }),
        inNamespace(configMap('a'), home),
        inNamespace(deployment('web'), home),
      ],
      'z-kinds.yaml': [definition(group), namespaceObject(home)],
    });
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Ready', counts: { created: 6, failed: 0, blocked: 0 } });
    await world.expectLive(inNamespace(widget(group, 'elsewhere', { size: 1 }), home));
    await world.expectLive(widget(group, 'here', { size: 1 }));

    const process = await world.process();
    expect((await process.reconcile()).counts).toMatchObject({ unchanged: 6 });
    const { discovery: _discovery, list: _list, ...others } = process.requests();
    expect(others).toEqual({ get: 1 });

    await world.commit({ '0-resources.yaml': widget(group, 'here', { size: 2 }) });
    expect(told(await world.reconcile())).toEqual([
      'pruned ConfigMap a',
      'pruned Deployment web',
      'pruned Widget elsewhere',
      `unchanged CustomResourceDefinition widgets.${group}`,
      `unchanged Namespace ${home}`,
      'updated Widget here',
    ]);
  },
);

story('an object waits for what it depends on, and is blocked when that fails', async ({ scenario }) => {
  const world = await scenario();
  const needs = (name: string, on: string) =>
    annotated(configMap(name), {
      'homeostat.dev/depends-on': `/namespaces/${world.namespace}/ConfigMap/${on}`,
    });
  await world.commit({
    'a.yaml': needs('a', 'b'),
    'b.yaml': configMap('b'),
    'c.yaml': needs('c', 'bad'),
    'bad.yaml': { ...configMap('bad'), immutable: 'perhaps' },
  });
  const report = await world.reconcile();
  expect(told(report)).toEqual([
    'blocked ConfigMap c',
    'created ConfigMap a',
    'created ConfigMap b',
    'failed ConfigMap bad (invalid)',
  ]);
  expect(report.objects.find(({ action }) => action === 'blocked')).toMatchObject({ blockedBy: { name: 'bad' } });
  await world.expectGone(configMap('c'));
});

story('objects that are local configuration or ask to be ignored are left out', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({
    'a.yaml': configMap('a'),
    'local.yaml': annotated(configMap('local'), { 'config.kubernetes.io/local-config': 'true' }),
    'once.yaml': annotated(configMap('once', { a: 'git' }), { 'homeostat.dev/apply': 'create-only' }),
  });
  await world.reconcile();
  await world.expectGone(configMap('local'));
  await world.applyAs('somebody', configMap('once', { a: 'edited' }));
  expect(told(await world.reconcile())).toEqual(['skipped ConfigMap once', 'unchanged ConfigMap a']);
  await world.expectLive(configMap('once', { a: 'edited' }));
});
