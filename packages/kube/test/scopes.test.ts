import { builtinScope } from '@homeostat/kube';
import { expect, test } from 'vitest';

test.each([
  ['', 'Namespace', 'Cluster'],
  ['', 'ConfigMap', 'Namespaced'],
  ['apps', 'Deployment', 'Namespaced'],
  ['rbac.authorization.k8s.io', 'ClusterRole', 'Cluster'],
  ['apiextensions.k8s.io', 'CustomResourceDefinition', 'Cluster'],
  ['apps', 'ConfigMap', undefined],
  ['example.com', 'Widget', undefined],
  ['apps', '', undefined],
])('%s/%s is %s', (group, kind, expected) => {
  expect(builtinScope(group, kind)).toBe(expected);
});
