/** How it must behave: what is there already, and whose it is. */
import { describe, expect } from 'vitest';
import { isMember, setIdentity } from '@homeostat/kube';
import {
  configMap,
  inNamespace,
  randomName,
  scenarioTest as story,
  secret,
  told,
} from '../../../test/support/scenario.ts';

const managers = { current: 'homeostat', former: [] };

describe('an object made by hand', () => {
  story('is adopted by default, and the report says so', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await kubectl(['create', 'configmap', 'web', '-n', world.namespace, '--from-literal=a=hand', '--from-literal=b=2']);
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['adopted ConfigMap web']);
    expect(report.objects[0]?.message).toContain('took .data.a from "kubectl-create" (Update at 20');
    const live = await world.expectLive(configMap('web', { a: 'git', b: '2' }));
    expect(isMember(live, setIdentity(world.namespace, 'site'), managers)).toBe(true);
  });

  story('is left alone with adopt: never, and the message says what to do', async ({ scenario, kubectl }) => {
    const world = await scenario({ policy: { adopt: 'never' } });
    await kubectl(['create', 'configmap', 'web', '-n', world.namespace, '--from-literal=a=hand']);
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }), 'other.yaml': configMap('other') });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['created ConfigMap other', 'failed ConfigMap web (conflict)']);
    expect(report.objects[0]?.message).toContain('adopt: unowned');
    await world.expectLive(configMap('web', { a: 'hand' }));
  });

  story('that appears after the plan was made is decided like any other', async ({ scenario, kubectl }) => {
    for (const adopt of ['never', 'unowned'] as const) {
      const world = await scenario({ name: `site-${adopt}`, policy: { adopt } });
      await world.commit({ 'web.yaml': configMap(`web-${adopt}`, { a: 'git' }) });
      const process = await world.process();
      const plan = process.plan.bind(process);
      expect((await plan()).items).toMatchObject([{ action: 'create' }]);
      await kubectl(['create', 'configmap', `web-${adopt}`, '-n', world.namespace, '--from-literal=a=hand']);
      const report = await process.reconcile();
      expect(told(report)).toEqual([
        adopt === 'never' ? 'failed ConfigMap web-never (conflict)' : 'adopted ConfigMap web-unowned',
      ]);
      await world.expectLive(configMap(`web-${adopt}`, { a: adopt === 'never' ? 'hand' : 'git' }));
    }
  });
});

describe("another set's object", () => {
  story('is refused by name, under the same manager too, and neither moves', async ({ scenario }) => {
    const theirs = await scenario({ name: 'theirs' });
    await theirs.commit({ 'web.yaml': configMap('web', { a: 'theirs' }) });
    await theirs.reconcile();
    const before = await theirs.expectLive(configMap('web', { a: 'theirs' }));

    const ours = await scenario({ name: 'ours' });
    await ours.commit({ 'web.yaml': configMap('web', { a: 'ours' }) });
    const report = await ours.reconcile();
    expect(told(report)).toEqual(['failed ConfigMap web (conflict)']);
    expect(report.objects[0]?.message).toContain(`the set ${ours.namespace}/theirs`);
    const live = await theirs.expectLive(configMap('web', { a: 'theirs' }));
    expect(live.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  story('goes over with adopt: always, and its first set lets it be', async ({ scenario }) => {
    const theirs = await scenario({ name: 'theirs' });
    await theirs.commit({ 'web.yaml': configMap('web', { a: 'theirs' }), 'rest.yaml': configMap('rest') });
    await theirs.reconcile();
    const uid = (await theirs.expectLive(configMap('web', { a: 'theirs' }))).metadata.uid;

    const ours = await scenario({ name: 'ours', policy: { adopt: 'always' } });
    await ours.commit({ 'web.yaml': configMap('web', { a: 'ours' }) });
    const report = await ours.reconcile();
    expect(told(report)).toEqual(['adopted ConfigMap web']);
    expect(report.objects[0]?.message).toContain(`from the set ${ours.namespace}/theirs`);

    await theirs.commit({ 'web.yaml': null });
    expect(told(await theirs.reconcile())).toEqual(['unchanged ConfigMap rest']);
    const live = await ours.expectLive(configMap('web', { a: 'ours' }));
    expect(live.metadata.uid).toBe(uid);
  });
});

story('a controller and a Helm release are owners too', async ({ scenario, client }) => {
  const world = await scenario();
  await client.create({
    ...configMap('chart'),
    metadata: {
      name: 'chart',
      namespace: world.namespace,
      annotations: { 'meta.helm.sh/release-name': 'shop' },
    },
  });
  await world.commit({ 'web.yaml': configMap('chart', { a: 'git' }) });
  const report = await world.reconcile();
  expect(told(report)).toEqual(['failed ConfigMap chart (conflict)']);
  expect(report.objects[0]?.message).toContain('the Helm release shop');
});

describe('the parent', () => {
  story('a ConfigMap of its name that is none is refused before anything is written', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await kubectl(['create', 'configmap', 'site', '-n', world.namespace]);
    await world.commit({ 'a.yaml': configMap('a') });
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Failed', failure: { code: 'FOREIGN_PARENT' } });
    expect(report.failure?.message).toContain('choose another name');
    await world.expectGone(configMap('a'));
  });

  story('another source under the name is refused, unless it takes the set over', async ({ scenario }) => {
    const first = await scenario({ path: 'one' });
    await first.commit({ 'one/a.yaml': configMap('a') });
    await first.reconcile();

    const second = await scenario({ path: 'two' });
    await second.commit({ 'two/b.yaml': configMap('b') });
    const refused = await second.reconcile();
    expect(refused).toMatchObject({ state: 'Failed', failure: { code: 'SET_SOURCE_CHANGED' } });
    expect(refused.failure?.message).toContain('--take-over');
    await second.expectLive(configMap('a'));
    await second.expectGone(configMap('b'));

    const taking = await second.process({ takeOver: true });
    expect(told(await taking.reconcile())).toEqual(['created ConfigMap b', 'pruned ConfigMap a']);
    // The set has the new source now, also for those who do not insist; the old one is refused.
    expect((await second.reconcile()).state).toBe('Ready');
    expect((await first.reconcile()).failure?.code).toBe('SET_SOURCE_CHANGED');
  });

  story('a take-over that changes no object is recorded all the same', async ({ scenario }) => {
    const first = await scenario({ path: 'one' });
    await first.commit({ 'one/a.yaml': configMap('a') });
    await first.reconcile();
    const second = await scenario({ path: 'two' });
    await second.commit({ 'two/a.yaml': configMap('a') });
    const taking = await second.process({ takeOver: true });
    expect((await taking.reconcile()).state).toBe('Ready');
    expect((await second.reconcile()).state).toBe('Ready');
    expect((await first.reconcile()).failure?.code).toBe('SET_SOURCE_CHANGED');
  });
});

story("the set's own namespace is created when it is missing", async ({ scenario, raw, onTestFinished }) => {
  const namespace = randomName('new');
  onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${namespace}`)));
  const world = await scenario({ namespace });
  await world.commit({ 'a.yaml': configMap('a'), 'key.yaml': secret('key', { password: 'x' }) });
  const report = await world.reconcile();
  expect(told(report)).toEqual(['created ConfigMap a', 'created Secret key']);
  await world.expectLive(inNamespace(configMap('a'), namespace));
});
