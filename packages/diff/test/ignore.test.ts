import { DiffError, compileIgnore, releasePayload, withoutFields } from '@homeostat/diff';
import type { IgnoreRule } from '@homeostat/diff';
import type { KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { fixture } from './fixtures.ts';

const object: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'demo',
    labels: { app: 'web', tier: 'front' },
    annotations: { 'a.b/c': '1', 'a~b': '2' },
  },
  spec: {
    replicas: 3,
    strategy: { rollingUpdate: { maxSurge: 1 } },
    args: ['a', 'b', null],
    containers: [
      { name: 'web', image: 'w', ports: [{ containerPort: 80 }] },
      { name: 'side', image: 's' },
    ],
  },
};

const without = (...pointers: string[]) => withoutFields(object, compileIgnore([{ pointers }], object));
const specWithout = (...pointers: string[]) => without(...pointers)['spec'] as Record<string, unknown>;

describe('pointers', () => {
  test('name a field, with RFC 6901 escapes', () => {
    expect(specWithout('/spec/replicas')).not.toHaveProperty('replicas');
    expect(without('/metadata/annotations/a.b~1c').metadata.annotations).toEqual({ 'a~b': '2' });
    expect(without('/metadata/annotations/a~0b').metadata.annotations).toEqual({ 'a.b/c': '1' });
  });

  test('name items by position, by a field, by value, or all', () => {
    const images = (pointer: string) =>
      (specWithout(pointer)['containers'] as { image?: string }[]).map(({ image }) => image);
    expect(images('/spec/containers/1/image')).toEqual(['w', undefined]);
    expect(images('/spec/containers/[name=web]/image')).toEqual([undefined, 's']);
    expect(images('/spec/containers/*/image')).toEqual([undefined, undefined]);
    expect(specWithout('/spec/containers/*/ports/[containerPort=80]')['containers']).toMatchObject([
      { name: 'web' },
      { name: 'side' },
    ]);
    expect(specWithout('/spec/args/[=a]')['args']).toEqual(['b', null]);
    expect(specWithout('/spec/args/*')).not.toHaveProperty('args');
  });

  test('together: what any of them says', () => {
    expect(specWithout('/spec/containers/*/image', '/spec/containers/0/ports')['containers']).toEqual([
      { name: 'web' },
      { name: 'side' },
    ]);
    expect(specWithout('/spec/*', '/spec/replicas')).toBeUndefined();
  });

  test('take a map with them that held nothing else, so that no empty one is applied', () => {
    expect(specWithout('/spec/strategy/rollingUpdate/maxSurge')).not.toHaveProperty('strategy');
    expect(
      withoutFields({ ...object, spec: { a: {}, b: { c: 1 } } }, compileIgnore([{ pointers: ['/spec/b/c'] }], object))[
        'spec'
      ],
    ).toEqual({ a: {} });
  });

  test('that lead nowhere do nothing: the same instance comes back', () => {
    expect(
      without('/spec/nothing/at/all', '/spec/replicas/deeper', '/spec/containers/name', '/spec/containers/7/image'),
    ).toBe(object);
    expect(withoutFields(object, undefined)).toBe(object);
  });

  test.each([
    ['spec/replicas', /starts with "\/"/],
    ['/a~2', /"~1" and "~0"/],
    ['', /the whole object/],
  ])('%j is refused, and the message names the rule', (pointer, why) => {
    const rule = { pointers: [pointer], select: { kind: 'Nothing' } };
    expect(() => compileIgnore([rule], object)).toThrow(DiffError);
    expect(() => compileIgnore([rule], object)).toThrow(why);
    expect(() => compileIgnore([rule], object)).toThrow('"kind":"Nothing"');
  });

  test('a label selector that cannot be read is refused', () => {
    const rule = { pointers: ['/spec'], select: { labels: 'app==(' } };
    expect(() => compileIgnore([rule], object)).toThrow(
      expect.objectContaining({ code: 'INVALID_RULE', retry: 'never' }),
    );
  });
});

describe('selection', () => {
  const applies = (select: NonNullable<IgnoreRule['select']>) =>
    compileIgnore([{ pointers: ['/spec/replicas'], select }], object) !== undefined;

  test.each([
    [{}],
    [{ kind: 'Deployment' }],
    [{ group: 'apps', name: 'web', namespace: 'demo' }],
    [{ group: '*', kind: '*' }],
    [{ name: 'w*' }],
    [{ name: '*e*', kind: 'Dep*ment' }],
    [{ labels: 'app=web,tier in (front, back)' }],
  ])('%j selects it', (select) => expect(applies(select)).toBe(true));

  test.each([
    [{ kind: 'StatefulSet' }],
    [{ group: '' }],
    [{ name: 'we' }],
    [{ name: 'w*x' }],
    [{ name: 'web*b' }],
    [{ name: '*b*b*' }],
    [{ namespace: 'other', kind: 'Deployment' }],
    [{ labels: 'app=other' }],
  ])('%j does not', (select) => expect(applies(select)).toBe(false));
});

describe('what is always left to others', () => {
  const hook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'h', annotations: { 'cert-manager.io/inject-ca-from': 'a/b' } },
    webhooks: [{ name: 'w', clientConfig: { caBundle: 'x', url: 'u' } }],
  };

  test('injected CA bundles, only where an annotation asks for them', () => {
    expect(withoutFields(hook, compileIgnore([], hook))['webhooks']).toEqual([
      { name: 'w', clientConfig: { url: 'u' } },
    ]);
    expect(compileIgnore([], { ...hook, metadata: { name: 'h' } })).toBeUndefined();
    const map = { ...hook, apiVersion: 'v1', kind: 'ConfigMap' };
    expect(compileIgnore([], map)).toBeUndefined();
  });

  test('rules of an aggregated ClusterRole, replicas of what is autoscaled', () => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'r' },
      rules: [],
    };
    expect(compileIgnore([], role)).toBeUndefined();
    const aggregated = { ...role, aggregationRule: { clusterRoleSelectors: [] } };
    expect(withoutFields(aggregated, compileIgnore([], aggregated))).not.toHaveProperty('rules');
    expect(withoutFields(object, compileIgnore([], object, { autoscaled: true }))['spec']).not.toHaveProperty(
      'replicas',
    );
  });
});

describe('releasing', () => {
  const { desired, live } = fixture('Deployment', 'web');
  const manager = { current: 'homeostat', former: [] };
  const release = (...pointers: string[]) =>
    releasePayload(desired, live, { manager, ignore: compileIgnore([{ pointers }], desired) });

  test('is what is ignored, ours and there, under the keys that name it', () => {
    expect(release('/spec/replicas', '/spec/nothing', '/spec/revisionHistoryLimit')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'demo' },
      spec: { replicas: 2 },
    });
    expect(release('/spec/template/spec/containers/1/image', '/metadata/labels')).toMatchObject({
      metadata: { name: 'web', namespace: 'demo', labels: { app: 'web' } },
      spec: {
        template: { spec: { containers: [{ name: 'sidecar', image: expect.stringMatching(/^busybox/) as unknown }] } },
      },
    });
  });

  test('is nothing where nothing ignored is ours, and never a part of an atomic value', () => {
    expect(release('/spec/revisionHistoryLimit')).toBeUndefined();
    expect(release('/spec/selector/matchLabels')).toBeUndefined();
    expect(releasePayload(desired, live, { manager, ignore: undefined })).toBeUndefined();
  });
});
