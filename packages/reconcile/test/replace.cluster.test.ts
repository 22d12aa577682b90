/** How it must behave: a change that the server takes in a new object only. */
import { describe, expect } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import {
  annotated,
  configMap,
  definition,
  deployment,
  eventually,
  randomName,
  scenarioTest as story,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

const fixed = (a: string): KubeObject => ({ ...configMap('web', { a }), immutable: true });
const stateful = (serviceName: string): KubeObject => ({
  ...deployment('db', { replicas: 0, serviceName }),
  kind: 'StatefulSet',
});

async function uidOf(world: World, object: KubeObject): Promise<string> {
  return (await world.live(object))?.metadata.uid ?? '';
}

story(
  'without consent it is refused, with the words that give it, and the plan says so first',
  async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'web.yaml': fixed('1') });
    await world.reconcile();
    await world.commit({ 'web.yaml': fixed('2') });
    expect((await (await world.process()).plan()).items).toMatchObject([{ action: 'refused', code: 'immutable' }]);
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed ConfigMap web (immutable)']);
    expect(report.objects[0]?.message).toContain('homeostat.dev/replace: on-immutable');
    await world.expectLive(fixed('1'));
  },
);

describe('with consent it is deleted and made anew', () => {
  story('by the policy; what can be changed in place is', async ({ scenario }) => {
    const world = await scenario({ policy: { replace: 'on-immutable' } });
    await world.commit({ 'web.yaml': fixed('1'), 'other.yaml': configMap('other', { a: '1' }) });
    await world.reconcile();
    const [web, other] = [await uidOf(world, fixed('1')), await uidOf(world, configMap('other'))];
    await world.commit({ 'web.yaml': fixed('2'), 'other.yaml': configMap('other', { a: '2' }) });
    expect((await (await world.process()).plan()).items.map(({ action }) => action)).toEqual(['update', 'replace']);
    expect(told(await world.reconcile())).toEqual(['replaced ConfigMap web', 'updated ConfigMap other']);
    await world.expectLive(fixed('2'));
    expect(await uidOf(world, fixed('2'))).not.toBe(web);
    expect(await uidOf(world, configMap('other'))).toBe(other);
    expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap other', 'unchanged ConfigMap web']);
  });

  story('by the annotation of any tool', async ({ scenario }) => {
    const world = await scenario();
    const consents: readonly Record<string, string>[] = [
      { 'homeostat.dev/replace': 'on-immutable' },
      { 'kustomize.toolkit.fluxcd.io/force': 'Enabled' },
      { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' },
    ];
    let round = 0;
    for (const consent of consents) {
      await world.commit({ 'web.yaml': annotated(fixed(`${(round += 1)}`), consent) });
      await world.reconcile();
      await world.commit({ 'web.yaml': annotated(fixed(`${(round += 1)}`), consent) });
      expect(told(await world.reconcile())).toEqual(['replaced ConfigMap web']);
    }
  });
});

describe('nothing is deleted', () => {
  story('for a manifest that is plainly wrong', async ({ scenario }) => {
    const world = await scenario({ policy: { replace: 'on-immutable' } });
    await world.commit({ 'web.yaml': fixed('1') });
    await world.reconcile();
    const uid = await uidOf(world, fixed('1'));
    await world.commit({ 'web.yaml': { ...fixed('2'), data: { 'not a key': 'x' } } });
    expect(told(await world.reconcile())).toEqual(['failed ConfigMap web (invalid)']);
    expect(await uidOf(world, fixed('1'))).toBe(uid);
  });

  story(
    'for a definition that is plainly wrong, whose name allows no other try',
    async ({ scenario, raw, onTestFinished }) => {
      const group = `${randomName('g')}.example.com`;
      onTestFinished(async () => {
        await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
      });
      const world = await scenario({ policy: { replace: 'on-immutable', replaceProtected: true } });
      const defined = definition(group);
      await world.commit({ 'crd.yaml': defined });
      await world.reconcile();
      const uid = await uidOf(world, defined);
      const spec = defined['spec'] as Record<string, unknown>;
      await world.commit({
        'crd.yaml': { ...defined, spec: { ...spec, scope: 'Cluster', group: 'another.example.com' } },
      });
      const report = await world.reconcile();
      expect(report.objects[0]).toMatchObject({ action: 'failed', code: 'invalid' });
      expect(await uidOf(world, defined)).toBe(uid);
      await world.commit({ 'crd.yaml': { ...defined, spec: { ...spec, scope: 'Cluster' } } });
      expect(told(await world.reconcile())).toEqual([`replaced CustomResourceDefinition widgets.${group}`]);
    },
  );

  story('of a kind whose deletion deletes more, before a second consent', async ({ scenario }) => {
    const world = await scenario({ policy: { replace: 'on-immutable', wait: false } });
    await world.commit({ 'db.yaml': stateful('a') });
    await world.reconcile();
    const uid = await uidOf(world, stateful('a'));
    await world.commit({ 'db.yaml': stateful('b') });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed StatefulSet db (immutable)']);
    expect(report.objects[0]?.message).toContain('second, explicit consent');
    expect(await uidOf(world, stateful('a'))).toBe(uid);
    expect(told(await world.reconcile({ replaceProtected: true }))).toEqual(['replaced StatefulSet db']);
  });

  story('that its own annotation asks to keep, by a policy that names no object', async ({ scenario }) => {
    const world = await scenario({ policy: { replace: 'on-immutable' } });
    const keep = { 'homeostat.dev/prune': 'false' };
    await world.commit({ 'web.yaml': annotated(fixed('1'), keep) });
    await world.reconcile();
    await world.commit({ 'web.yaml': annotated(fixed('2'), keep) });
    expect(told(await world.reconcile())).toEqual(['failed ConfigMap web (immutable)']);
    await world.expectLive(fixed('1'));
    await world.commit({ 'web.yaml': annotated(fixed('2'), { ...keep, 'homeostat.dev/replace': 'on-immutable' }) });
    // The consent is read from Git.
    expect(told(await world.reconcile())).toEqual(['replaced ConfigMap web']);
  });
});

describe('an object that is held by a finalizer while it is replaced', () => {
  const hold = { metadata: { finalizers: ['example.com/hold'] } };
  const web = ({ namespace }: World) => ({ group: '', kind: 'ConfigMap', namespace, name: 'web' });

  story('is named with it when the time is up; the next pass goes on from there', async ({ scenario, client }) => {
    const world = await scenario({ policy: { replace: 'on-immutable', waitTimeout: 300 } });
    await world.commit({ 'web.yaml': fixed('1') });
    await world.reconcile();
    await client.patch(web(world), { type: 'merge', value: hold });
    await world.commit({ 'web.yaml': fixed('2') });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed ConfigMap web (terminating)']);
    expect(report.objects[0]?.message).toContain('example.com/hold');
    await client.patch(web(world), { type: 'merge', value: { metadata: { finalizers: null } } });
    expect(told(await world.reconcile())).toEqual(['created ConfigMap web']);
    await world.expectLive(fixed('2'));
  });

  story(
    'is made by the next process when the first is killed between deletion and creation',
    async ({ scenario, client }) => {
      const world = await scenario({ policy: { replace: 'on-immutable' } });
      await world.commit({ 'web.yaml': fixed('1') });
      await world.reconcile();
      await client.patch(web(world), { type: 'merge', value: hold });
      await world.commit({ 'web.yaml': fixed('2') });
      const kill = new AbortController();
      const dying = (await world.process()).reconcile({ signal: kill.signal });
      await eventually(async () => expect((await client.get(web(world)))?.metadata.deletionTimestamp).toBeDefined());
      kill.abort();
      expect((await dying).state).toBe('Failed');
      await client.patch(web(world), { type: 'merge', value: { metadata: { finalizers: null } } });
      await world.expectGone(fixed('1'));
      expect(told(await world.reconcile())).toEqual(['created ConfigMap web']);
      await world.expectLive(fixed('2'));
    },
  );
});
