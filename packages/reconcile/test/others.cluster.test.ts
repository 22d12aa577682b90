/** Other writers: autoscalers, people with kubectl, other tools, finalizers. */
import { describe, expect } from 'vitest';
import { hasDifferences } from '@homeostat/reconcile';
import { annotated, configMap, deployment, scenarioTest as story, told } from '../../../test/support/scenario.ts';

describe('an autoscaler', () => {
  story('keeps the replicas that it set, the report says so, and the next plan is empty', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { wait: false } });
    await world.commit({ 'web.yaml': deployment('web', { replicas: 1 }) });
    await world.reconcile();
    const scaled = await raw(
      'PATCH',
      `/apis/apps/v1/namespaces/${world.namespace}/deployments/web/scale?fieldManager=autoscaler`,
      { body: { spec: { replicas: 3 } }, contentType: 'application/merge-patch+json' },
    );
    expect(scaled.status).toBe(200);

    await world.commit({ 'web.yaml': deployment('web', { replicas: 1 }, { nodeSelector: { disk: 'ssd' } }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['updated Deployment web']);
    expect(report.objects[0]?.message).toContain('left .spec.replicas to');
    await world.expectLive(deployment('web', { replicas: 3 }, { nodeSelector: { disk: 'ssd' } }));

    expect(hasDifferences(await (await world.process()).plan())).toBe(false);
    const again = await world.reconcile();
    expect(again.objects[0]).toMatchObject({ action: 'unchanged', overridden: [{ path: '.spec.replicas' }] });
  });
});

describe('kubectl apply', () => {
  story('its objects are adopted with all their fields, so that what Git drops goes', async ({ scenario, kubectl }) => {
    const world = await scenario();
    const stdin = JSON.stringify(configMap('web', { a: '1', b: '2' }));
    await kubectl(['apply', '-n', world.namespace, '-f', '-'], { stdin });
    await world.commit({ 'web.yaml': configMap('web', { a: '1' }) });
    expect(told(await world.reconcile())).toEqual(['adopted ConfigMap web']);
    const live = await world.expectLive(configMap('web', { a: '1' }));
    expect(live['data']).toEqual({ a: '1' });
    expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap web']);
  });
});

describe('conflicts', () => {
  story('fail leaves the field and names its owner; force takes it', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
    await world.reconcile();
    await world.applyAs('somebody', configMap('web', { a: 'edited' }));
    const failed = await world.reconcile({ conflicts: 'fail' });
    expect(told(failed)).toEqual(['failed ConfigMap web (conflict)']);
    expect(failed.objects[0]?.message).toMatch(/"somebody" \(Apply at 20\S+Z\) owns \.data\.a/);
    await world.expectLive(configMap('web', { a: 'edited' }));
    expect(told(await world.reconcile({ conflicts: 'force' }))).toEqual(['updated ConfigMap web']);
    await world.expectLive(configMap('web', { a: 'git' }));
  });

  story('yield leaves the field, and the next pass writes nothing', async ({ scenario }) => {
    const world = await scenario({ policy: { conflicts: 'yield' } });
    await world.commit({ 'web.yaml': configMap('web', { a: 'git', b: '1' }) });
    await world.reconcile();
    await world.applyAs('somebody', configMap('web', { a: 'edited' }));
    await world.commit({ 'web.yaml': configMap('web', { a: 'git', b: '2' }) });
    expect(told(await world.reconcile())).toEqual(['updated ConfigMap web']);
    await world.expectLive(configMap('web', { a: 'edited', b: '2' }));
    const process = await world.process();
    expect(told(await process.reconcile())).toEqual(['unchanged ConfigMap web']);
    expect(process.requests()['apply'] ?? 0).toBe(0);
  });

  story('a field of another GitOps tool is not taken by default', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
    await world.reconcile();
    await world.applyAs('argocd-controller', configMap('web', { a: 'argo' }));
    expect(told(await world.reconcile())).toEqual(['failed ConfigMap web (conflict)']);
    await world.expectLive(configMap('web', { a: 'argo' }));
  });
});

story('an object held by a finalizer is named, and the pass ends', async ({ scenario, kubectl }) => {
  const world = await scenario({ policy: { waitTimeout: 500 } });
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await world.reconcile();
  const finalizers = (list: readonly string[]) => [
    'patch',
    'configmap',
    'b',
    '-n',
    world.namespace,
    '--type=merge',
    '-p',
    JSON.stringify({ metadata: { finalizers: list } }),
  ];
  await kubectl(finalizers(['example.com/hold']));
  await world.commit({ 'b.yaml': null });
  const report = await world.reconcile();
  expect(told(report)).toEqual(['failed ConfigMap b (not-gone)', 'unchanged ConfigMap a']);
  expect(report.orphans[0]?.message).toContain('example.com/hold');
  await kubectl(finalizers([]));
  expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap a']);
});

story('one object in two files is a finding that names both, and nothing is pruned', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'old.yaml': configMap('old') });
  await world.reconcile();
  await world.commit({ 'again.yaml': configMap('a', { a: '2' }), 'old.yaml': null });
  const report = await world.reconcile();
  expect(report.state).toBe('Failed');
  expect(JSON.stringify(report.findings)).toMatch(/a\.yaml.*again\.yaml|again\.yaml.*a\.yaml/);
  expect(told(report)).toContain('kept ConfigMap old (render-incomplete)');
});

story('an object of another namespace is refused where the sync may have its own only', async ({ scenario }) => {
  const world = await scenario({ policy: { enforceNamespace: true } });
  await world.commit({
    'a.yaml': configMap('a'),
    'b.yaml': { ...configMap('b'), metadata: { name: 'b', namespace: 'default' } },
  });
  const report = await world.reconcile();
  expect(report).toMatchObject({ state: 'Failed', counts: { created: 1 } });
  expect(report.findings).toMatchObject([{ severity: 'error', origin: { path: 'b.yaml' } }]);
});

story('an annotation that we do not know is a finding, because it may be a typing error', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': annotated(configMap('a'), { 'homeostat.dev/prnue': 'false' }) });
  const report = await world.reconcile();
  expect(report.findings).toMatchObject([{ code: 'UNKNOWN_ANNOTATION', origin: { path: 'a.yaml' } }]);
  expect(told(report)).toEqual(['created ConfigMap a']);
});
