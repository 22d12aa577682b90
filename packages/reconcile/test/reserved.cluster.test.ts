/** How it must behave: what sets themselves are kept in is no member of one, whatever a source or a policy says. */
import { expect } from 'vitest';
import { SET_ID_LABEL } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { configMap, eventually, scenarioTest as story, told } from '../../../test/support/scenario.ts';

const lease = (name: string): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: { holderIdentity: 'a source' },
});

const labelled = (object: KubeObject, label: string, value: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { [label]: value } },
});

story(
  'an object that is its set’s own parent or Lease is refused with its line and the next step; the others go on',
  async ({ scenario }) => {
    const world = await scenario();
    await world.commit({
      'all.yaml': [configMap('a'), configMap('site', { mine: 'yes' })],
      'lease.yaml': lease('homeostat-site'),
    });
    for (const adopt of ['unowned', 'always'] as const) {
      const report = await world.reconcile({ adopt });
      expect(told(report)).toEqual([
        ...(adopt === 'unowned' ? ['created ConfigMap a'] : []),
        'failed ConfigMap site (reserved)',
        'failed Lease homeostat-site (reserved)',
        ...(adopt === 'unowned' ? [] : ['unchanged ConfigMap a']),
      ]);
      expect(report.objects.filter(({ action }) => action === 'failed')).toMatchObject([
        {
          origin: { path: 'all.yaml', document: 2 },
          message: expect.stringMatching(
            /^ConfigMap \S+\/site may not be in this set: it is the parent, .*; give it another name/,
          ) as string,
        },
        {
          origin: { path: 'lease.yaml', document: 1 },
          message: expect.stringMatching(/it is the Lease, .*; give it another name/) as string,
        },
      ]);
    }
    expect(await world.live(configMap('site'))).not.toHaveProperty('data.mine');
    await world.expectGone(lease('homeostat-site'));

    // The parent is no member, so nothing is pruned with its removal, and the set is as it was.
    await world.commit({ 'all.yaml': configMap('a'), 'lease.yaml': null });
    expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap a']);
    expect(await world.live(configMap('site'))).toBeDefined();
  },
);

story('a copy of another set’s parent is refused, wherever it would be written', async ({ scenario }) => {
  const world = await scenario();
  const copy = labelled(configMap('elsewhere'), SET_ID_LABEL, 'applyset-AAAA-v1');
  await world.commit({ 'a.yaml': configMap('a'), 'copy.yaml': copy });
  const report = await world.reconcile({ adopt: 'always' });
  expect(told(report)).toEqual(['created ConfigMap a', 'failed ConfigMap elsewhere (reserved)']);
  expect(report.objects.find(({ action }) => action === 'failed')?.message).toContain(
    'it is the parent of the set applyset-AAAA-v1',
  );
  await world.expectGone(copy);
});

story('the parent of another set, and its Lease, are not taken over by their names', async ({ scenario }) => {
  const other = await scenario({ name: 'other' });
  await other.commit({ 'b.yaml': configMap('b') });
  const process = await other.process();
  process.loop({ lease: { holder: 'another-engine' } });
  await eventually(() => other.expectLive(configMap('b')));
  expect(await other.live(lease('homeostat-other'))).toMatchObject({ spec: { holderIdentity: 'another-engine' } });
  const before = await other.live(configMap('other'));

  const world = await scenario();
  await world.commit({ 'all.yaml': [configMap('a'), configMap('other', { mine: 'yes' }), lease('homeostat-other')] });
  const report = await world.reconcile({ adopt: 'always' });
  expect(told(report)).toEqual([
    'created ConfigMap a',
    'failed ConfigMap other (conflict)',
    'failed Lease homeostat-other (conflict)',
  ]);
  expect(report.objects.find(({ ref }) => ref.name === 'other')?.message).toMatch(
    /exists and is not a member of this set: it is the parent of the set applyset-.*; give the object in the source another name$/,
  );
  expect((await world.live(configMap('other')))?.metadata).toMatchObject({ uid: before?.metadata.uid });
  expect(await world.live(configMap('other'))).not.toHaveProperty('data.mine');
  expect(await world.live(lease('homeostat-other'))).toMatchObject({ spec: { holderIdentity: 'another-engine' } });
});

story('a member that has become the parent of a set is not pruned', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'all.yaml': [configMap('a'), configMap('old')] });
  await world.reconcile();
  await world.applyAs('a-tool', labelled(configMap('old'), SET_ID_LABEL, 'applyset-AAAA-v1'));
  await world.commit({ 'all.yaml': configMap('a') });
  const report = await world.reconcile();
  expect(told(report)).toEqual(['kept ConfigMap old (reserved)', 'unchanged ConfigMap a']);
  expect(await world.live(configMap('old'))).toBeDefined();
});
