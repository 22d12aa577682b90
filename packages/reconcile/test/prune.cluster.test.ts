/** How it must behave: what is deleted, and what never is. */
import { describe, expect } from 'vitest';
import { MANAGED_ANNOTATION, PART_OF_LABEL, setIdentity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import {
  annotated,
  configMap,
  definition,
  deployment,
  namespaceObject,
  randomName,
  scenarioTest as story,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

/** The object with our label on it. */
function labelled(object: KubeObject, { sync }: World): KubeObject {
  const { id } = setIdentity(sync.namespace, sync.name);
  return { ...object, metadata: { ...object.metadata, labels: { [PART_OF_LABEL]: id } } };
}

story('an object removed from Git is deleted, and the others stay', async ({ scenario }) => {
  const world = await scenario({ git: true });
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await world.reconcile();
  await world.commit({ 'a.yaml': null });
  expect(told(await world.reconcile())).toEqual(['pruned ConfigMap a', 'unchanged ConfigMap b']);
  await world.expectGone(configMap('a'));
  await world.expectLive(configMap('b'));
});

describe('never touched', () => {
  story('an object that merely carries our label', async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    await world.reconcile();
    const lookalike = labelled(configMap('lookalike', { by: 'hand' }), world);
    const { object } = await client.create({
      ...lookalike,
      metadata: { ...lookalike.metadata, namespace: world.namespace },
    });
    expect(told(await world.reconcile())).toEqual(['kept ConfigMap lookalike (unproven)', 'unchanged ConfigMap a']);
    const live = await world.expectLive(lookalike);
    expect(live.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  story('a copy of one of ours, label and annotation included', async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    await world.reconcile();
    const { metadata, ...rest } = await world.expectLive(configMap('a'));
    const copy = {
      ...rest,
      metadata: {
        name: 'copy',
        namespace: world.namespace,
        labels: metadata.labels ?? {},
        annotations: metadata.annotations ?? {},
      },
    };
    expect(copy.metadata.annotations).toHaveProperty([MANAGED_ANNOTATION]);
    // Even under our own manager's name: the annotation names another object.
    await client.apply(copy, { manager: 'homeostat' });
    expect(told(await world.reconcile())).toContain('kept ConfigMap copy (unproven)');
    await world.expectLive(configMap('copy'));
  });

  story('an object made by hand', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await kubectl(['create', 'configmap', 'hand', '-n', world.namespace, '--from-literal=a=1']);
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
    await world.reconcile();
    await world.commit({ 'b.yaml': null });
    expect(told(await world.reconcile())).toEqual(['pruned ConfigMap b', 'unchanged ConfigMap a']);
    await world.expectLive(configMap('hand'));
  });

  story('a stranger that took the name of a pruned member between two passes', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
    await world.reconcile();
    await kubectl(['delete', 'configmap', 'b', '-n', world.namespace]);
    await kubectl(['create', 'configmap', 'b', '-n', world.namespace, '--from-literal=by=hand']);
    await world.commit({ 'b.yaml': null });
    expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap a']);
    await world.expectLive(configMap('b', { by: 'hand' }));
  });

  story('what its annotation asks to keep', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({
      'a.yaml': configMap('a'),
      'b.yaml': annotated(configMap('b'), { 'homeostat.dev/prune': 'false' }),
    });
    await world.reconcile();
    await world.commit({ 'b.yaml': null });
    expect(told(await world.reconcile())).toEqual(['kept ConfigMap b (annotated)', 'unchanged ConfigMap a']);
    await world.expectLive(configMap('b'));
  });

  story('Namespaces and definitions, unless the policy names them', async ({ scenario, onTestFinished, raw }) => {
    const world = await scenario();
    const home = randomName('home');
    const group = `${randomName('g')}.example.com`;
    onTestFinished(async () => {
      await raw('DELETE', `/api/v1/namespaces/${home}`);
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
    });
    await world.commit({
      'a.yaml': configMap('a'),
      'cluster.yaml': [namespaceObject(home), definition(group)],
    });
    expect((await world.reconcile()).state).toBe('Ready');
    await world.commit({ 'cluster.yaml': null });
    expect(told(await world.reconcile())).toEqual([
      `kept CustomResourceDefinition widgets.${group} (protected-kind)`,
      `kept Namespace ${home} (protected-kind)`,
      'unchanged ConfigMap a',
    ]);
    const report = await world.reconcile({
      pruneKinds: ['Namespace', 'CustomResourceDefinition.apiextensions.k8s.io'],
    });
    expect(told(report)).toEqual([
      `pruned CustomResourceDefinition widgets.${group}`,
      `pruned Namespace ${home}`,
      'unchanged ConfigMap a',
    ]);
  });
});

describe('held for consent', () => {
  story('a set that becomes empty, until --allow-empty', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    await world.reconcile();
    await world.commit({ 'a.yaml': null });

    const held = await world.reconcile();
    expect(held.state).toBe('Held');
    expect(told(held)).toEqual(['kept ConfigMap a (empty-set)']);
    await world.expectLive(configMap('a'));

    const done = await world.reconcile({ allowEmpty: true });
    expect(told(done)).toEqual(['pruned ConfigMap a']);
    expect(done.state).toBe('Ready');
    await world.expectGone(configMap('a'));
  });

  story('more prunes at once than the budget', async ({ scenario }) => {
    const world = await scenario({ policy: { pruneBudget: { percent: 50, count: 2 } } });
    const maps = ['a', 'b', 'c', 'd'].map((name) => configMap(name));
    await world.commit({ 'maps.yaml': maps });
    await world.reconcile();
    await world.commit({ 'maps.yaml': maps.slice(0, 1) });

    const held = await world.reconcile();
    expect(held.state).toBe('Held');
    expect(told(held).filter((line) => line.endsWith('(over-budget)'))).toHaveLength(3);
    await world.expectLive(configMap('b'));

    expect((await world.reconcile({ pruneBudget: { percent: 100, count: 3 } })).counts).toMatchObject({ pruned: 3 });
  });

  story('a process that stays asks again and again, and prunes nothing', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    const process = await world.process();
    await process.reconcile();
    await world.commit({ 'a.yaml': null });
    for (let pass = 0; pass < 3; pass += 1) expect((await process.reconcile()).state).toBe('Held');
    await world.expectLive(configMap('a'));
  });
});

describe('nothing is pruned', () => {
  story('when the replacement of a renamed object is broken', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'web.yaml': deployment('web') });
    await world.reconcile();
    await world.commit({ 'web.yaml': null, 'site.yaml': deployment('site', { replicas: 'three' }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed Deployment site (invalid)', 'kept Deployment web (apply-failed)']);
    await world.expectLive(deployment('web'));
  });

  story('with prune: false', async ({ scenario }) => {
    const world = await scenario({ policy: { prune: false } });
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
    await world.reconcile();
    await world.commit({ 'b.yaml': null });
    expect(told(await world.reconcile())).toEqual(['kept ConfigMap b (prune-off)', 'unchanged ConfigMap a']);
  });
});
