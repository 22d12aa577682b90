import { describe, expect, test } from 'vitest';
import { MANAGED_ANNOTATION, PART_OF_LABEL, setIdentity } from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry } from '@homeostat/kube';
import { decideExisting } from '../src/decide-existing.ts';
import type { ExistingDecision, ExistingFacts } from '../src/decide-existing.ts';
import type { AdoptSource } from '@homeostat/reconcile';
import { applied, byHand, configMap, set } from './live.ts';

const managers = { current: 'homeostat', former: ['old-name'] };

function writtenBy(manager: string): ManagedFieldsEntry {
  return { manager, operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:a': {} } } };
}

function decide(
  live: KubeObject,
  policy: Partial<ExistingFacts['policy']> = {},
  facts: Partial<ExistingFacts> = {},
): ExistingDecision {
  return decideExisting(live, { set, managers, policy: { adopt: 'unowned', adoptFrom: [], ...policy }, ...facts });
}
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
    expect(decide(live, { adopt: 'never' })).toEqual({ decision: 'ours' });
  });

  test('not a copy of ours under another name that lost its label', () => {
    const copy = without(applied(configMap('a')), 'label');
    const renamed = { ...copy, metadata: { ...copy.metadata, name: 'b' } };
    expect(decide(renamed, { adopt: 'never' })).toMatchObject({ decision: 'refuse' });
  });
});

describe('an object that nobody manages', () => {
  const live = byHand(configMap('a'));
  test('is taken by unowned and by always', () => {
    for (const adopt of ['unowned', 'always'] as const) expect(decide(live, { adopt })).toEqual({ decision: 'adopt' });
  });
  test('is refused by never, which says what would take it', () => {
    expect(decide(live, { adopt: 'never' })).toMatchObject({
      decision: 'refuse',
      message: expect.stringContaining('adopt: unowned') as string,
    });
  });
});

describe('an object that somebody owns is taken by name, or by always, and the owner is named', () => {
  const labelled = (labels: Record<string, string>, manager?: string): KubeObject =>
    byHand(configMap('a'), { labels, ...(manager !== undefined && { managedFields: [writtenBy(manager)] }) });
  const noted = (annotations: Record<string, string>): KubeObject => byHand(configMap('a'), { annotations });
  const controlled = byHand(configMap('a'), {
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }],
  });
  test.each<[string, KubeObject, string, AdoptSource | undefined]>([
    ['another set', applied(configMap('a'), { owner: other }), 'the set demo/other', 'set/demo/other'],
    [
      'another set, its label lost',
      without(applied(configMap('a'), { owner: other }), 'label'),
      'the set demo/other',
      'set/demo/other',
    ],
    ['another set, by label alone', labelled({ [PART_OF_LABEL]: 'applyset-x-v1' }), 'the set applyset-x-v1', undefined],
    ['a controller', controlled, 'the controller ReplicaSet web', undefined],
    [
      'a Flux Kustomization',
      labelled({ 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }),
      'the Flux Kustomization flux-system/apps',
      'flux',
    ],
    ['a Flux HelmRelease', labelled({ 'helm.toolkit.fluxcd.io/name': 'shop' }), 'the Flux HelmRelease shop', undefined],
    [
      'an Argo CD application',
      noted({ 'argocd.argoproj.io/tracking-id': 'shop:/ConfigMap:demo/a' }),
      'the Argo CD application shop',
      'argocd',
    ],
    [
      'an Argo CD application that tracks by label',
      labelled({ 'app.kubernetes.io/instance': 'shop' }, 'argocd-controller'),
      'the Argo CD application shop',
      'argocd',
    ],
    [
      'a cli-utils inventory',
      noted({ 'config.k8s.io/owning-inventory': '12-34' }),
      'the cli-utils inventory 12-34 (kpt, GitLab agent)',
      'cli-utils',
    ],
    [
      'Config Sync, although it leaves an inventory too',
      noted({
        'configmanagement.gke.io/managed': 'enabled',
        'configsync.gke.io/resource-id': '_configmap_demo_a',
        'configsync.gke.io/manager': ':root',
        'config.k8s.io/owning-inventory': 'x',
      }),
      'Config Sync (:root)',
      'config-sync',
    ],
    [
      'kapp',
      byHand(configMap('a'), {
        labels: { 'kapp.k14s.io/app': '17' },
        annotations: { 'kapp.k14s.io/identity': 'v1;demo//ConfigMap/a;v1' },
      }),
      'the kapp application 17',
      'kapp',
    ],
    [
      'a Helm release',
      noted({ 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'demo' }),
      'the Helm release demo/shop',
      undefined,
    ],
  ])('%s', (_title, live, text, source) => {
    const line = source === undefined ? 'adopt: always' : `adoptFrom: [${source}]`;
    for (const adopt of ['never', 'unowned'] as const) {
      const decision = decide(live, { adopt });
      expect(decision).toMatchObject({ decision: 'refuse', owner: { text } });
      expect('message' in decision && decision.message).toMatch('ConfigMap demo/a exists');
      expect('message' in decision && decision.message).toContain(`the policy ${line}`);
    }
    expect(decide(live, { adopt: 'always' })).toMatchObject({ decision: 'adopt', owner: { text } });
    if (source === undefined) return;
    expect(decide(live, { adopt: 'never', adoptFrom: [source] })).toMatchObject({ decision: 'adopt', owner: { text } });
    const others = (['flux', 'argocd', 'set/demo/third'] as const).filter((one) => one !== source);
    expect(decide(live, { adoptFrom: others })).toMatchObject({ decision: 'refuse' });
  });

  test('from kubectl by name too, where nothing else may be taken', () => {
    const live = labelled({}, 'kubectl-client-side-apply');
    expect(decide(live, { adopt: 'never', adoptFrom: ['kubectl'] })).toEqual({ decision: 'adopt' });
    expect(decide(byHand(configMap('a')), { adopt: 'never', adoptFrom: ['kubectl'] })).toMatchObject({
      decision: 'refuse',
    });
  });

  test('from a set that applies under another manager its fields come along', () => {
    const live = applied(configMap('a'), { owner: other, manager: 'theirs' });
    expect(decide(live, { adoptFrom: ['set/demo/other'] })).toMatchObject({
      owner: { inherits: { managers: ['theirs'] } },
    });
  });
});

describe('marks that were copied say nothing', () => {
  const kubectlCreated = (labels: Record<string, string>): KubeObject =>
    byHand(configMap('a'), {
      labels,
      managedFields: [
        {
          manager: 'kubectl-create',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsV1: {
            'f:metadata': {
              'f:labels': Object.fromEntries(Object.keys(labels).map((key) => [`f:${key}`, {}])) as object,
            },
          },
        },
      ],
    });
  const endpoints = (labels: Record<string, string>): KubeObject => ({
    ...byHand(configMap('a'), { labels }),
    kind: 'Endpoints',
  });
  test.each([
    ['a copy of an object of Flux', kubectlCreated({ 'kustomize.toolkit.fluxcd.io/name': 'apps' })],
    [
      'a copy of an object of Argo CD',
      byHand(configMap('a'), { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/ConfigMap:demo/original' } }),
    ],
    [
      'the label of a chart that nobody but Argo CD would read as its own',
      kubectlCreated({ 'app.kubernetes.io/instance': 'shop' }),
    ],
    [
      'a copy of an object of Config Sync',
      byHand(configMap('a'), {
        annotations: {
          'configmanagement.gke.io/managed': 'enabled',
          'configsync.gke.io/resource-id': '_configmap_demo_original',
        },
      }),
    ],
    ['what a controller copied from a Service of kapp', endpoints({ 'kapp.k14s.io/app': '17' })],
    ['what a controller copied from a Service of Flux', endpoints({ 'kustomize.toolkit.fluxcd.io/name': 'apps' })],
  ])('%s', (_title, live) => {
    expect(decide(live)).toEqual({ decision: 'adopt' });
  });
});

describe('two sets that want one object do not take it in turn', () => {
  const theirs = applied(configMap('a'), { owner: other });
  test('what a set of this process desires is refused, whatever the policy', () => {
    const decision = decide(theirs, { adopt: 'always', adoptFrom: ['set/demo/other'] }, { desires: () => true });
    expect(decision).toMatchObject({ decision: 'refuse' });
    expect('message' in decision && decision.message).toContain('the set demo/other, which desires it too');
  });

  test('what it desires no longer may be taken, whatever the policy', () => {
    expect(decide(theirs, { adopt: 'never' }, { desires: () => false })).toMatchObject({ decision: 'adopt' });
  });

  test('what another set took from this one is not taken back', () => {
    const decision = decide(theirs, { adopt: 'always' }, { had: true });
    expect('message' in decision && decision.message).toContain('the set demo/other, which took it from this one');
  });
});
