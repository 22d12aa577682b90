import { describe, expect, test } from 'vitest';
import { MANAGED_ANNOTATION, PART_OF_LABEL, setIdentity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { decideExisting } from '../src/decide-existing.ts';
import { applied, byHand, configMap, set } from './live.ts';

const managers = { current: 'homeostat', former: ['old-name'] };
const other = setIdentity('demo', 'other');

function without(object: KubeObject, mark: 'label' | 'annotation'): KubeObject {
  const labels = { ...object.metadata.labels };
  const annotations = { ...object.metadata.annotations };
  if (mark === 'label') delete labels[PART_OF_LABEL];
  else delete annotations[MANAGED_ANNOTATION];
  return { ...object, metadata: { ...object.metadata, labels, annotations } };
}

describe('ours whatever the policy', () => {
  const member = applied(configMap('a'));
  test.each([
    ['a member that the view had not seen', member],
    ['a member that lost its label', without(member, 'label')],
    ['a member of a former field manager', applied(configMap('a'), { manager: 'old-name' })],
  ])('%s', (_title, live) => {
    expect(decideExisting(live, set, managers, 'never')).toEqual({ decision: 'ours' });
  });

  test('not a copy of ours under another name that lost its label', () => {
    const copy = without(applied(configMap('a')), 'label');
    const renamed = { ...copy, metadata: { ...copy.metadata, name: 'b' } };
    expect(decideExisting(renamed, set, managers, 'never')).toMatchObject({ decision: 'refuse' });
  });
});

describe('an object that nobody manages', () => {
  const live = byHand(configMap('a'));
  test('is taken by unowned and by always', () => {
    for (const adopt of ['unowned', 'always'] as const)
      expect(decideExisting(live, set, managers, adopt)).toEqual({ decision: 'adopt', owner: undefined });
  });
  test('is refused by never, which says what would take it', () => {
    expect(decideExisting(live, set, managers, 'never')).toMatchObject({
      decision: 'refuse',
      message: expect.stringContaining('adopt: unowned') as string,
    });
  });
});

describe('an object that somebody owns is taken by always alone, and the owner is named', () => {
  const labelled = (key: string, value: string): KubeObject => byHand(configMap('a'), { labels: { [key]: value } });
  const noted = (key: string, value: string): KubeObject => byHand(configMap('a'), { annotations: { [key]: value } });
  test.each([
    ['another set', applied(configMap('a'), { owner: other }), 'the set demo/other'],
    ['another set, its label lost', without(applied(configMap('a'), { owner: other }), 'label'), 'the set demo/other'],
    ['another set, by label alone', labelled(PART_OF_LABEL, 'applyset-x-v1'), 'the set applyset-x-v1'],
    [
      'a controller',
      byHand(configMap('a'), {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }],
      }),
      'the controller ReplicaSet web',
    ],
    ['a Flux Kustomization', labelled('kustomize.toolkit.fluxcd.io/name', 'apps'), 'the Flux Kustomization apps'],
    ['an Argo CD application', noted('argocd.argoproj.io/tracking-id', 'shop:x'), 'the Argo CD application shop:x'],
    ['a Helm release', noted('meta.helm.sh/release-name', 'shop'), 'the Helm release shop'],
    ['kapp', labelled('kapp.k14s.io/app', '17'), 'the kapp application 17'],
  ])('%s', (_title, live, owner) => {
    for (const adopt of ['never', 'unowned'] as const) {
      const decision = decideExisting(live, set, managers, adopt);
      expect(decision).toMatchObject({ decision: 'refuse', owner });
      expect(decision).toMatchObject({ message: expect.stringMatching(/ConfigMap demo\/a .*adopt: always/) as string });
    }
    expect(decideExisting(live, set, managers, 'always')).toEqual({ decision: 'adopt', owner });
  });
});
