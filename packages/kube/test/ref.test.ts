import {
  apiVersionOf,
  compareForApply,
  compareRefs,
  gvkOf,
  parseRefKey,
  printRef,
  refKey,
  refOf,
} from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { object } from './objects.ts';
import { property } from './property.ts';
import type { Random } from './property.ts';

describe('refs', () => {
  test('leave out the version', () => {
    expect(refOf(object('apps/v1 Deployment demo/web'))).toEqual(refOf(object('apps/v1beta1 Deployment demo/web')));
    expect(refOf(object('v1 Namespace demo'))).toEqual({ group: '', kind: 'Namespace', namespace: '', name: 'demo' });
  });

  test('print as people write them', () => {
    expect(printRef(refOf(object('apps/v1 Deployment demo/web')))).toBe('apps/Deployment demo/web');
    expect(printRef(refOf(object('v1 Namespace demo')))).toBe('Namespace demo');
  });

  test('split an apiVersion and join it again', () => {
    for (const apiVersion of ['v1', 'apps/v1', 'example.com/v1alpha1']) {
      const { group, version } = gvkOf({ apiVersion, kind: 'K' });
      expect(apiVersionOf(group, version)).toBe(apiVersion);
    }
  });

  test.each(['', 'a/b/c', '/K/ns/', '//ns/name', 'g/K/ns/name/more'])('refuse the key "%s"', (key) => {
    expect(() => parseRefKey(key)).toThrow(TypeError);
  });

  property('have reversible keys that differ when they differ', (random) => {
    const [a, b] = [randomRef(random), randomRef(random)];
    expect(parseRefKey(refKey(a))).toEqual(a);
    expect(refKey(a) === refKey(b)).toBe(compareRefs(a, b) === 0);
  });
});

describe('compareForApply', () => {
  test('puts first what others need, and last what intercepts others', () => {
    const sorted = [
      'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration guard',
      'example.com/v1 Widget demo/w',
      'apps/v1 Deployment demo/web',
      'v1 Secret demo/s',
      'apiregistration.k8s.io/v1 APIService v1.metrics.example.com',
      'rbac.authorization.k8s.io/v1 RoleBinding demo/b',
      'rbac.authorization.k8s.io/v1 Role demo/r',
      'apiextensions.k8s.io/v1 CustomResourceDefinition widgets.example.com',
      'v1 Namespace demo',
      'v1 Service demo/web',
      'v1 PersistentVolumeClaim demo/data',
      'storage.k8s.io/v1 StorageClass fast',
      'v1 ServiceAccount demo/sa',
    ]
      .map((title) => refOf(object(title)))
      .sort(compareForApply);
    expect(sorted.map(({ kind }) => kind)).toEqual([
      'Namespace',
      'CustomResourceDefinition',
      'StorageClass',
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'Secret',
      'PersistentVolumeClaim',
      'Service',
      'Deployment',
      'Widget',
      'APIService',
      'ValidatingWebhookConfiguration',
    ]);
  });

  test('knows a kind by its group too', () => {
    const foreign = refOf(object('example.com/v1 Namespace demo'));
    expect(compareForApply(foreign, refOf(object('apps/v1 Deployment demo/web')))).toBeGreaterThan(0);
  });

  property('is a total order', (random) => {
    const [a, b, c] = [randomRef(random), randomRef(random), randomRef(random)];
    expect(Math.sign(compareForApply(a, b))).toBe(0 - Math.sign(compareForApply(b, a)));
    expect(compareForApply(a, b) === 0).toBe(refKey(a) === refKey(b));
    if (compareForApply(a, b) <= 0 && compareForApply(b, c) <= 0) expect(compareForApply(a, c)).toBeLessThanOrEqual(0);
  });
});

function randomRef(random: Random): Ref {
  return {
    group: random.pick(['', 'apps', 'example.com', 'rbac.authorization.k8s.io']),
    kind: random.pick(['Namespace', 'Deployment', 'Role', 'Widget', 'ConfigMap']),
    namespace: random.pick(['', 'a', 'b']),
    name: random.pick(['a', 'a-b', 'system:x', 'B']),
  };
}
