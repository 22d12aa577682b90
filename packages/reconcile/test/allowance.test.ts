import { describe, expect, test } from 'vitest';
import type { Ref } from '@homeostat/kube';
import type { Policy } from '@homeostat/reconcile';
import { refusalBy, ruleAgainst } from '../src/allowance.ts';

/** `apps/Deployment shop/web`, `ConfigMap shop/a`, `Namespace /shop`. */
function refOf(text: string): Ref {
  const [what = '', where = ''] = text.split(' ');
  const [group, kind] = what.includes('/') ? what.split('/') : ['', what];
  const [namespace, name] = where.split('/');
  return { group: group ?? '', kind: kind ?? '', namespace: namespace ?? '', name: name ?? '' };
}

function rule(
  object: string,
  policy: Partial<Pick<Policy, 'allow' | 'deny' | 'enforceNamespace'>>,
): string | undefined {
  const rules = { allow: {}, deny: {}, enforceNamespace: false, ...policy };
  return ruleAgainst(refOf(object), { namespace: 'shop', policy: rules })?.rule;
}

test('without rules everything may be in a set', () => {
  for (const object of ['ConfigMap shop/a', 'Namespace /kube-system', 'apps/Deployment other/web'])
    expect(rule(object, {})).toBeUndefined();
});

describe('kinds', () => {
  test.each([
    ['ConfigMap', ['ConfigMap shop/a'], ['example.com/ConfigMap shop/a', 'ConfigMapper shop/a', 'Secret shop/a']],
    ['Deployment.apps', ['apps/Deployment shop/a'], ['Deployment shop/a', 'apps/StatefulSet shop/a']],
    ['*.networking.k8s.io', ['networking.k8s.io/Ingress shop/a'], ['gateway.networking.k8s.io/Gateway shop/a']],
    ['*.*.k8s.io', ['networking.k8s.io/Ingress shop/a', 'rbac.authorization.k8s.io/Role shop/a'], ['ConfigMap shop/a']],
    ['Ingress.*', ['networking.k8s.io/Ingress shop/a', 'Ingress shop/a'], ['networking.k8s.io/IngressClass /a']],
    ['*.', ['ConfigMap shop/a', 'Secret shop/a'], ['apps/Deployment shop/a']],
    ['*', ['ConfigMap shop/a', 'apps/Deployment shop/a', 'Namespace /shop'], []],
    ['*Role*.rbac.authorization.k8s.io', ['rbac.authorization.k8s.io/ClusterRoleBinding /a'], ['apps/Role shop/a']],
    ['configmap', [], ['ConfigMap shop/a']],
  ])('%s', (pattern, covered, others) => {
    for (const object of covered) {
      expect(rule(object, { allow: { kinds: [pattern] } }), object).toBeUndefined();
      expect(rule(object, { deny: { kinds: [pattern] } }), object).toBe('deny.kinds');
    }
    for (const object of others) {
      expect(rule(object, { allow: { kinds: [pattern] } }), object).toBe('allow.kinds');
      expect(rule(object, { deny: { kinds: [pattern] } }), object).toBeUndefined();
    }
  });

  test('an empty list allows nothing', () => {
    expect(rule('ConfigMap shop/a', { allow: { kinds: [] } })).toBe('allow.kinds');
  });
});

describe('namespaces', () => {
  const allow = { namespaces: ['shop', 'shop-*', 'a*b*c'] };

  test.each(['shop', 'shop-', 'shop-test', 'abc', 'axxbxxc', 'abbcc'])('%s is covered', (namespace) => {
    expect(rule(`ConfigMap ${namespace}/a`, { allow })).toBeUndefined();
  });

  test.each(['shops', 'shoptest', 'ab', 'acb', 'xabc', 'default'])('%s is not', (namespace) => {
    expect(rule(`ConfigMap ${namespace}/a`, { allow })).toBe('allow.namespaces');
  });

  test('a text is matched as a whole, its ends never twice', () => {
    expect(rule('ConfigMap aba/a', { allow: { namespaces: ['ab*ba'] } })).toBe('allow.namespaces');
    expect(rule('ConfigMap abba/a', { allow: { namespaces: ['ab*ba'] } })).toBeUndefined();
  });

  test('whoever names namespaces has to allow objects without one, and a Namespace by its name as well', () => {
    expect(rule('rbac.authorization.k8s.io/ClusterRole /a', { allow })).toBe('allow.clusterScoped');
    expect(
      rule('rbac.authorization.k8s.io/ClusterRole /a', { allow: { ...allow, clusterScoped: true } }),
    ).toBeUndefined();
    expect(rule('Namespace /shop-test', { allow })).toBe('allow.clusterScoped');
    expect(rule('Namespace /shop-test', { allow: { ...allow, clusterScoped: true } })).toBeUndefined();
    expect(rule('Namespace /other', { allow: { ...allow, clusterScoped: true } })).toBe('allow.namespaces');
    expect(rule('Namespace /other', { allow: { clusterScoped: false } })).toBe('allow.clusterScoped');
    expect(rule('Namespace /kube-system', { deny: { namespaces: ['kube-*'] } })).toBe('deny.namespaces');
  });

  test('what is denied is refused whatever is allowed', () => {
    const both = { allow: { kinds: ['*'], namespaces: ['*'] }, deny: { namespaces: ['kube-*'] } };
    expect(rule('ConfigMap kube-system/a', both)).toBe('deny.namespaces');
    expect(rule('ConfigMap shop/a', both)).toBeUndefined();
  });

  test('enforceNamespace is a rule about objects that live in a namespace', () => {
    expect(rule('ConfigMap other/a', { enforceNamespace: true })).toBe('enforceNamespace');
    expect(rule('ConfigMap shop/a', { enforceNamespace: true })).toBeUndefined();
    expect(rule('Namespace /other', { enforceNamespace: true })).toBeUndefined();
  });
});

test('a refusal names the object, the rule, what it says and what to do', () => {
  const ref = refOf('Secret shop/key');
  const policy = { allow: { kinds: ['ConfigMap', 'Deployment.apps'] }, deny: {}, enforceNamespace: false };
  const against = ruleAgainst(ref, { namespace: 'shop', policy });
  expect(against && refusalBy(against, ref)).toBe(
    'Secret shop/key may not be in this set: policy allow.kinds: none of "ConfigMap", "Deployment.apps" covers Secret; change that policy, or move the object to another sync',
  );
});

test('a pattern of many stars is matched in no time', () => {
  const pattern = `${'*a'.repeat(5_000)}*b`;
  const started = performance.now();
  expect(rule(`ConfigMap ${'a'.repeat(50_000)}/a`, { allow: { namespaces: [pattern] } })).toBe('allow.namespaces');
  expect(performance.now() - started).toBeLessThan(1_000);
});
