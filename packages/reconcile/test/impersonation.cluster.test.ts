/** How it must behave: a sync that acts as somebody else gains nothing through the engine. */
import { describe, expect } from 'vitest';
import { stringifyJson } from '@homeostat/kube';
import { createMemorySource } from '@homeostat/git';
import { createEngine, createPorts, defineSync } from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';
import { annotated, configMap, deployment, scenarioTest as story, told } from '../../../test/support/scenario.ts';
import type { ScenarioOptions } from '../../../test/support/scenario.ts';
import type { Raw } from '../../../test/support/cluster.ts';
import { ALL_VERBS, rightsOf } from '../../../test/support/rights.ts';
import type { Rights } from '../../../test/support/rights.ts';

const AS_DEPLOYER: ScenarioOptions = { impersonate: { serviceAccount: 'deployer' }, policy: { wait: false } };

function deployer(raw: Raw, namespace: string): Rights {
  return rightsOf(raw, namespace, `system:serviceaccount:${namespace}:deployer`);
}

describe('a sync that names a service account', () => {
  story('writes what that account may write, and the engine keeps the parent', async ({ scenario, raw, namespace }) => {
    const world = await scenario(AS_DEPLOYER);
    await deployer(raw, namespace).grant('configmaps', ALL_VERBS);
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['created ConfigMap a', 'failed Deployment web (forbidden)']);
    const [failed] = report.objects;
    expect(failed?.message).toContain(`User "system:serviceaccount:${namespace}:deployer" cannot patch`);
    expect(failed?.origin).toMatchObject({ path: 'web.yaml', line: 1 });
    expect(await world.live(configMap('site', {}))).toMatchObject({
      metadata: { labels: { 'applyset.kubernetes.io/id': expect.any(String) as string } },
    });

    await deployer(raw, namespace).grant('deployments.apps', ALL_VERBS);
    expect(told(await world.reconcile())).toEqual(['created Deployment web', 'unchanged ConfigMap a']);
  });

  story('needs no right on the parent, which is not one of its objects', async ({ scenario, raw, namespace }) => {
    const world = await scenario(AS_DEPLOYER);
    await deployer(raw, namespace).grant('deployments.apps', ALL_VERBS);
    await world.commit({ 'web.yaml': deployment('web') });
    expect(told(await world.reconcile())).toEqual(['created Deployment web']);
    await world.commit({ 'web.yaml': deployment('web', { minReadySeconds: 3 }) });
    expect(told(await world.reconcile())).toEqual(['updated Deployment web']);
  });

  story('sees in no plan or report what it may not read', async ({ scenario, raw, namespace }) => {
    const owner = await scenario();
    await owner.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
    await owner.reconcile();
    await owner.applyAs('somebody', configMap('a', { a: 'not for everyone', more: 'nor is this' }));
    await deployer(raw, namespace).grant('deployments.apps', ALL_VERBS);

    const world = await scenario({ ...AS_DEPLOYER, takeOver: true, policy: { additions: 'report', wait: false } });
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
    const process = await world.process();
    for (const lookOnly of [true, false]) {
      const plan = await process.plan({ lookOnly });
      expect(plan.items).toMatchObject([{ action: 'refused', code: 'forbidden' }, { action: 'unchanged' }]);
      expect(plan.findings).toMatchObject([{ code: 'KIND_NOT_VISIBLE' }]);
      expect(stringifyJson(plan)).not.toMatch(/not for everyone|nor is this/);
    }
    const report = await process.reconcile();
    expect(told(report)).toEqual(['failed ConfigMap a (forbidden)', 'unchanged Deployment web']);
    expect(stringifyJson([report, process.events])).not.toMatch(/not for everyone|nor is this/);
  });

  story(
    'does not prune what it may not delete, and says which right is missing',
    async ({ scenario, raw, namespace }) => {
      const world = await scenario(AS_DEPLOYER);
      const rights = deployer(raw, namespace);
      await rights.grant('configmaps', ['get', 'list', 'watch', 'create', 'patch']);
      await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
      await world.reconcile();
      await world.commit({ 'b.yaml': null });
      const report = await world.reconcile();
      expect(told(report)).toEqual(['failed ConfigMap b (FORBIDDEN)', 'unchanged ConfigMap a']);
      expect(report.orphans[0]?.message).toMatch(/cannot delete resource "configmaps"/);
      await world.expectLive(configMap('b'));

      await rights.revoke('configmaps');
      await rights.grant('configmaps', ALL_VERBS);
      expect(told(await world.reconcile())).toEqual(['pruned ConfigMap b', 'unchanged ConfigMap a']);
    },
  );

  story('learns nothing about what it depends on and may not read', async ({ scenario, raw, namespace }) => {
    const world = await scenario({ ...AS_DEPLOYER, policy: { wait: false, waitTimeout: 200 } });
    await deployer(raw, namespace).grant('configmaps', ALL_VERBS);
    await world.applyAs('somebody', deployment('theirs'));
    const on = `apps/namespaces/${namespace}/Deployment/theirs`;
    await world.commit({
      'a.yaml': annotated(configMap('a'), { 'homeostat.dev/depends-on': on }),
      'b.yaml': configMap('b'),
    });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['blocked ConfigMap a', 'created ConfigMap b']);
    expect(report.objects[0]?.message).toMatch(/cannot list resource "deployments"/);
  });

  story('is in a stored plan, which is applied as the same account', async ({ scenario, raw, namespace }) => {
    const world = await scenario(AS_DEPLOYER);
    await deployer(raw, namespace).grant('configmaps', ALL_VERBS);
    await world.commit({ 'a.yaml': configMap('a') });
    const plan = await (await world.process()).plan();
    expect(plan.options.impersonate).toEqual({ user: `system:serviceaccount:${namespace}:deployer` });
    expect(defineSync({ ...plan.sync, ...plan.options }).impersonate).toEqual(plan.options.impersonate);
  });
});

describe('rights that are withdrawn', () => {
  story('in the middle of a pass delay only what needs them', async ({ scenario, raw, namespace }) => {
    const world = await scenario(AS_DEPLOYER);
    const rights = deployer(raw, namespace);
    await rights.grant('configmaps', ALL_VERBS);
    await rights.grant('deployments.apps', ALL_VERBS);
    await world.commit({
      'a.yaml': configMap('a'),
      'web.yaml': deployment('web'),
      'needs.yaml': annotated(deployment('needs'), {
        'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/a`,
      }),
    });
    const process = await world.process();
    const report = await process.reconcile({ approve: () => rights.revoke('configmaps') });
    expect(told(report)).toEqual([
      'blocked Deployment needs',
      'created Deployment web',
      'failed ConfigMap a (forbidden)',
    ]);
    const failed = report.objects.find(({ action }) => action === 'failed');
    expect(failed?.message).toContain('cannot patch resource "configmaps"');
    expect(failed?.retry).toBe('backoff');

    await rights.grant('configmaps', ALL_VERBS);
    expect(told(await process.reconcile())).toEqual([
      'created ConfigMap a',
      'created Deployment needs',
      'unchanged Deployment web',
    ]);
  });

  story('to list a kind hide its members, and none of them is deleted', async ({ scenario, raw, namespace }) => {
    const world = await scenario(AS_DEPLOYER);
    const rights = deployer(raw, namespace);
    await rights.grant('configmaps', ALL_VERBS);
    await rights.grant('deployments.apps', ALL_VERBS);
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
    await world.reconcile();
    await rights.revoke('configmaps');
    await world.commit({ 'a.yaml': null, 'web.yaml': deployment('web', { minReadySeconds: 3 }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['updated Deployment web']);
    expect(report.findings).toMatchObject([{ code: 'KIND_NOT_VISIBLE' }]);
    expect(report.findings[0]?.message).toContain('cannot list resource "configmaps"');
    await world.expectLive(configMap('a'));

    await rights.grant('configmaps', ALL_VERBS);
    expect(told(await world.reconcile())).toEqual(['pruned ConfigMap a', 'unchanged Deployment web']);
  });
});

describe('an engine', () => {
  story(
    'without the right to impersonate says which one is missing, and does nothing',
    async ({ scenario, raw, namespace }) => {
      const world = (await scenario(AS_DEPLOYER)).asUser('someone');
      await rightsOf(raw, namespace, 'someone').grant('configmaps', ALL_VERBS);
      await deployer(raw, namespace).grant('configmaps', ALL_VERBS);
      await world.commit({ 'a.yaml': configMap('a') });
      const report = await world.reconcile();
      expect(report).toMatchObject({
        state: 'Failed',
        objects: [],
        failure: { stage: 'look', code: 'IMPERSONATION', retry: 'backoff' },
      });
      expect(report.failure?.message).toContain(
        `allow it the verb impersonate on serviceaccounts "deployer" in the namespace "${namespace}"`,
      );
      await world.expectGone(configMap('a'));
      await world.expectGone(configMap('site'));
    },
  );

  story('that lost the right goes on once it has it again', async ({ scenario, raw, namespace }) => {
    const world = (await scenario(AS_DEPLOYER)).asUser('someone');
    const engine = rightsOf(raw, namespace, 'someone');
    await engine.grant('configmaps', ALL_VERBS);
    await engine.grant('serviceaccounts', ['impersonate']);
    await deployer(raw, namespace).grant('configmaps', ALL_VERBS);
    await world.commit({ 'a.yaml': configMap('a') });
    const process = await world.process();
    await process.reconcile();
    await engine.revoke('serviceaccounts');
    await world.commit({ 'a.yaml': configMap('a', { a: '2' }) });
    const refused = await process.reconcile();
    expect(told(refused)).toEqual(['failed ConfigMap a (forbidden)']);
    expect(refused.objects[0]?.message).toContain('cannot impersonate resource "serviceaccounts"');
    await engine.grant('serviceaccounts', ['impersonate']);
    expect(told(await process.reconcile())).toEqual(['updated ConfigMap a']);
  });

  story('that is locked down leaves its syncs nothing of its own rights', async ({ client, raw, namespace }) => {
    await using engine = createEngine({ client, lockdown: { defaultServiceAccount: 'deployer' } });
    const source = createMemorySource();
    source.write({ 'all.yaml': [toYaml(configMap('a')), toYaml(deployment('web'))].join('---\n') });
    await deployer(raw, namespace).grant('configmaps', ALL_VERBS);
    const policy = { wait: false };
    engine.add(defineSync({ name: 'site', namespace, policy }), source);
    expect(() => engine.add(defineSync({ name: 'more', namespace, impersonate: { user: 'admin' } }), source)).toThrow(
      expect.objectContaining({ code: 'IDENTITY_REFUSED' }),
    );
    const [report] = await engine.reconcile();
    expect(report && told(report)).toEqual(['created ConfigMap a', 'failed Deployment web (forbidden)']);
  });

  story('that acts as somebody itself lets no sync act as a third one', async ({ scenario, client, namespace }) => {
    const world = await scenario(AS_DEPLOYER);
    const { source, live } = (await world.process()).ports;
    const sync = defineSync({ name: 'site', namespace, impersonate: { user: 'cluster-admin' } });
    expect(() => createPorts(sync, { client: client.as({ user: 'limited' }), source })).toThrow(
      /made as user "limited" already, who cannot act as "cluster-admin"/,
    );
    expect(() => createPorts(sync, { client, source, live })).toThrow(
      expect.objectContaining({ code: 'IDENTITY_REFUSED' }),
    );
  });
});
