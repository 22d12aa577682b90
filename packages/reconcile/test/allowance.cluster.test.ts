/** How it must behave: what the policy keeps out of a set is refused by the name of its rule, and is never touched. */
import { expect } from 'vitest';
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

story(
  'an object that a rule keeps out is refused with its line and the rule; the others go on',
  async ({ scenario }) => {
    const world = await scenario({ policy: { allow: { kinds: ['ConfigMap', '*.apps'] }, wait: false } });
    const needs = annotated(configMap('needs'), {
      'homeostat.dev/depends-on': `/namespaces/${world.namespace}/Secret/key`,
    });
    await world.commit({
      'all.yaml': [configMap('a'), secret('key', { a: '1' }), deployment('web')],
      'needs.yaml': needs,
    });
    const process = await world.process();
    const plan = await process.plan();
    expect(plan.items.filter(({ action }) => action === 'refused')).toMatchObject([
      { ref: { kind: 'Secret' }, code: 'not-allowed', origin: { path: 'all.yaml', document: 2 }, retry: 'never' },
    ]);
    const report = await process.reconcile();
    expect(told(report)).toEqual([
      'blocked ConfigMap needs',
      'created ConfigMap a',
      'created Deployment web',
      'failed Secret key (not-allowed)',
    ]);
    const failed = report.objects.find(({ action }) => action === 'failed');
    expect(failed?.message).toContain('policy allow.kinds: none of "ConfigMap", "*.apps" covers Secret');
    expect(failed?.origin).toMatchObject({ path: 'all.yaml', document: 2 });
    await world.expectGone(secret('key', {}));
  },
);

story(
  'a member that a rule keeps out is left as it is: neither changed, nor repaired, nor deleted',
  async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web'), 'old.yaml': configMap('old') });
    await world.reconcile();
    const policy = { deny: { kinds: ['ConfigMap'] } };

    await world.commit({ 'a.yaml': configMap('a', { a: '2' }) });
    expect(told(await world.reconcile(policy))).toEqual([
      'failed ConfigMap a (not-allowed)',
      'failed ConfigMap old (not-allowed)',
      'unchanged Deployment web',
    ]);
    await world.expectLive(configMap('a', { a: '1' }));

    await world.commit({ 'a.yaml': null, 'old.yaml': null });
    const report = await world.reconcile(policy);
    expect(told(report)).toEqual([
      'kept ConfigMap a (not-allowed)',
      'kept ConfigMap old (not-allowed)',
      'unchanged Deployment web',
    ]);
    expect(report.orphans[0]).toMatchObject({ message: 'policy deny.kinds: "ConfigMap" covers ConfigMap' });
    await world.expectLive(configMap('a'));

    expect(told(await world.reconcile())).toEqual([
      'pruned ConfigMap a',
      'pruned ConfigMap old',
      'unchanged Deployment web',
    ]);
  },
);

story('namespaces are allowed by pattern, and objects without one only by consent', async ({ scenario }) => {
  const [allowed, other] = [randomName('shop'), randomName('other')];
  const world = await scenario({
    policy: { allow: { namespaces: ['shop-*'] }, wait: false, pruneKinds: ['Namespace'] },
  });
  const files = {
    'shop.yaml': [namespaceObject(allowed), inNamespace(configMap('a'), allowed)],
    'other.yaml': [namespaceObject(other), inNamespace(configMap('a'), other)],
  };
  await world.commit(files);
  const strict = await (await world.process()).plan();
  const kept = strict.items.flatMap((item) => (item.action === 'refused' ? [`${item.ref.kind} ${item.code}`] : []));
  expect(kept.toSorted()).toEqual([
    'ConfigMap missing-namespace',
    'ConfigMap not-allowed',
    'Namespace not-allowed',
    'Namespace not-allowed',
  ]);

  const process = await world.process({ policy: { allow: { namespaces: ['shop-*'], clusterScoped: true } } });
  try {
    const report = await process.reconcile();
    expect(report.counts).toMatchObject({ created: 2, failed: 2 });
    expect(report.objects.filter(({ action }) => action === 'failed')).toMatchObject([
      { ref: { kind: 'ConfigMap', namespace: other }, code: 'not-allowed' },
      { ref: { kind: 'Namespace', name: other }, code: 'not-allowed' },
    ]);
    await world.expectLive(inNamespace(configMap('a'), allowed));
  } finally {
    await process.destroy('delete');
  }
});

story('members of another namespace stay once the sync is confined to its own', async ({ scenario }) => {
  const world = await scenario();
  const outside = inNamespace(configMap(randomName('outside')), 'default');
  await world.commit({ 'a.yaml': configMap('a'), 'outside.yaml': outside });
  await world.reconcile();
  try {
    await world.commit({ 'outside.yaml': null });
    const report = await world.reconcile({ enforceNamespace: true });
    expect(told(report)).toEqual([`kept ConfigMap ${outside.metadata.name} (not-allowed)`, 'unchanged ConfigMap a']);
    expect(report.orphans[0]?.message).toMatch(/policy enforceNamespace: only the namespace t-\w+ is allowed/);
    await world.expectLive(outside);
  } finally {
    expect(told(await world.reconcile())).toContain(`pruned ConfigMap ${outside.metadata.name}`);
  }
});

story('a loop repairs no member that a rule keeps out', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
  await world.reconcile();
  const process = await world.process({ policy: { deny: { kinds: ['ConfigMap'] } } });
  const loop = process.loop();
  for await (const event of loop.events()) if (event.type === 'report') break;
  await world.applyAs('somebody', configMap('a', { a: 'edited' }));
  await world.applyAs('somebody', deployment('web', { minReadySeconds: 7 }));
  await world.applyAs('somebody', deployment('web', { replicas: 3 }));
  loop.syncNow();
  for await (const event of loop.events()) if (event.type === 'report') break;
  await world.expectLive(configMap('a', { a: 'edited' }));
  await loop.stop();
});
