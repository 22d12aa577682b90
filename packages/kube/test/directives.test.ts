import { directivesOf, isDirective } from '@homeostat/kube';
import type { Directives } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { annotated, object } from './objects.ts';

const WEB = 'apps/v1 Deployment demo/web';
const DEFAULTS: Directives = {
  prune: 'allow',
  apply: 'always',
  localConfig: false,
  replaceOnImmutable: false,
  dependsOn: [],
  ignoreFields: [],
};

describe('directivesOf', () => {
  test.each<[string, string, Partial<Directives>]>([
    ['homeostat.dev/prune', 'false', { prune: 'keep' }],
    ['homeostat.dev/prune', 'True', { prune: 'allow' }],
    ['kustomize.toolkit.fluxcd.io/prune', 'Disabled', { prune: 'keep' }],
    ['argocd.argoproj.io/sync-options', 'Validate=false, Prune=false', { prune: 'keep' }],
    ['client.lifecycle.config.k8s.io/deletion', 'detach', { prune: 'detach' }],
    ['cli-utils.sigs.k8s.io/on-remove', 'keep', { prune: 'detach' }],
    ['helm.sh/resource-policy', 'keep', { prune: 'keep' }],
    ['homeostat.dev/apply', 'create-only', { apply: 'create-only' }],
    ['homeostat.dev/apply', 'Ignore', { apply: 'ignore' }],
    ['kustomize.toolkit.fluxcd.io/ssa', 'IfNotPresent', { apply: 'create-only' }],
    ['kustomize.toolkit.fluxcd.io/ssa', 'Ignore', { apply: 'ignore' }],
    ['kustomize.toolkit.fluxcd.io/ssa', 'Merge', {}],
    ['kustomize.toolkit.fluxcd.io/reconcile', 'disabled', { apply: 'ignore' }],
    ['client.lifecycle.config.k8s.io/mutation', 'ignore', { apply: 'create-only' }],
    ['config.kubernetes.io/local-config', 'true', { localConfig: true }],
    ['config.kubernetes.io/local-config', 'false', {}],
    ['homeostat.dev/replace', 'on-immutable', { replaceOnImmutable: true }],
    ['kustomize.toolkit.fluxcd.io/force', 'Enabled', { replaceOnImmutable: true }],
    ['argocd.argoproj.io/sync-options', 'Force=true', { replaceOnImmutable: true }],
    ['argocd.argoproj.io/sync-options', 'Prune=false,Replace=true', { prune: 'keep', replaceOnImmutable: true }],
    ['homeostat.dev/conflicts', 'fail', { conflicts: 'fail' }],
    ['homeostat.dev/additions', 'report', { additions: 'report' }],
    ['homeostat.dev/additions', 'Remove', { additions: 'remove' }],
    ['homeostat.dev/additions', 'ignore', { additions: 'ignore' }],
    ['homeostat.dev/conflicts', 'FORCE', { conflicts: 'force' }],
    ['homeostat.dev/wave', '-5', { wave: -5 }],
    ['argocd.argoproj.io/sync-wave', '2', { wave: 2 }],
    [
      'homeostat.dev/ignore-fields',
      '/spec/replicas, /spec/template/spec/containers/*/image',
      {
        ignoreFields: ['/spec/replicas', '/spec/template/spec/containers/*/image'],
      },
    ],
    ['homeostat.dev/managed', 'flux/shop:apps/Deployment:demo/web', {}],
  ])('reads %s: %s', (annotation, value, expected) => {
    expect(directivesOf(annotated(WEB, { [annotation]: value }))).toEqual({
      directives: { ...DEFAULTS, ...expected },
      findings: [],
    });
  });

  test.each(['homeostat.dev/depends-on', 'config.kubernetes.io/depends-on'])(
    'reads the objects that %s names',
    (annotation) => {
      const value =
        'apps/namespaces/demo/Deployment/db, /namespaces/demo/Secret/pw ,rbac.authorization.k8s.io/ClusterRole/reader,/Namespace/x';
      expect(directivesOf(annotated(WEB, { [annotation]: value })).directives.dependsOn).toEqual([
        { group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'db' },
        { group: '', kind: 'Secret', namespace: 'demo', name: 'pw' },
        { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', namespace: '', name: 'reader' },
        { group: '', kind: 'Namespace', namespace: '', name: 'x' },
      ]);
    },
  );

  test('says nothing about an object without annotations, or without an object', () => {
    expect(directivesOf(object(WEB))).toEqual({ directives: DEFAULTS, findings: [] });
    expect(directivesOf(undefined)).toEqual({ directives: DEFAULTS, findings: [] });
  });

  test('hears Git before the cluster, and our annotation before those of others', () => {
    const keep = annotated(WEB, { 'helm.sh/resource-policy': 'keep' });
    const allow = annotated(WEB, { 'homeostat.dev/prune': 'true' });
    expect(directivesOf(allow, keep).directives.prune).toBe('allow');
    expect(directivesOf(keep, allow).directives.prune).toBe('keep');
    expect(directivesOf(undefined, keep).directives.prune).toBe('keep');
    expect(directivesOf(object(WEB), keep).directives.prune).toBe('keep');
    const both = annotated(WEB, { 'helm.sh/resource-policy': 'keep', 'homeostat.dev/prune': 'true' });
    expect(directivesOf(both).directives.prune).toBe('allow');
  });

  test('decides each matter by itself', () => {
    const { directives } = directivesOf(
      annotated(WEB, { 'homeostat.dev/wave': '1' }),
      annotated(WEB, { 'homeostat.dev/prune': 'false', 'homeostat.dev/wave': '2' }),
    );
    expect(directives).toEqual({ ...DEFAULTS, wave: 1, prune: 'keep' });
  });

  test.each([
    ['homeostat.dev/prune', 'nope'],
    ['homeostat.dev/apply', 'sometimes'],
    ['homeostat.dev/replace', 'yes'],
    ['homeostat.dev/conflicts', 'yield'],
    ['homeostat.dev/additions', 'delete'],
    ['homeostat.dev/wave', '1.5'],
    ['argocd.argoproj.io/sync-wave', 'first'],
    ['homeostat.dev/depends-on', 'db'],
    ['config.kubernetes.io/depends-on', 'apps/namespaces/demo/Deployment'],
    ['homeostat.dev/ignore-fields', 'spec.replicas'],
    ['homeostat.dev/ignore-fields', ''],
  ])('finds fault with %s: %s', (annotation, value) => {
    const { findings } = directivesOf(annotated(WEB, { [annotation]: value }));
    expect(findings).toEqual([
      expect.objectContaining({ severity: 'warning', code: 'bad-annotation-value', annotation }),
    ]);
    expect(findings[0]?.message).toContain(`"${value}"`);
    expect(findings[0]?.hint).toMatch(/^write /);
  });

  test('asks for quotes where a value is no text', () => {
    const unquoted = object(WEB, {}, { annotations: { 'homeostat.dev/prune': false } });
    const { directives, findings } = directivesOf(unquoted);
    expect(directives.prune).toBe('keep');
    expect(findings[0]).toMatchObject({
      message: expect.stringContaining('says false,'),
      hint: 'write "false" or "true"',
    });
  });

  test('names an annotation of ours that does not exist, and those that do', () => {
    const { findings } = directivesOf(annotated(WEB, { 'homeostat.dev/prun': 'false', 'example.com/x': 'y' }));
    expect(findings).toEqual([
      expect.objectContaining({ code: 'unknown-annotation', annotation: 'homeostat.dev/prun' }),
    ]);
    expect(findings[0]?.hint).toContain('homeostat.dev/prune');
  });

  test('keeps an object whose prune annotation cannot be read', () => {
    expect(directivesOf(undefined, annotated(WEB, { 'homeostat.dev/prune': 'flase' })).directives.prune).toBe('keep');
  });

  test('goes on to the next annotation when one cannot be read', () => {
    const { directives, findings } = directivesOf(
      annotated(WEB, { 'homeostat.dev/wave': 'x', 'argocd.argoproj.io/sync-wave': '3' }),
    );
    expect(directives.wave).toBe(3);
    expect(findings).toHaveLength(1);
  });
});

test('an annotation speaks to the engine in our words, or in those of tools that are understood', () => {
  for (const name of ['homeostat.dev/prune', 'homeostat.dev/anything', 'helm.sh/resource-policy'])
    expect(isDirective(name)).toBe(true);
  for (const name of ['example.com/prune', 'kubectl.kubernetes.io/restartedAt']) expect(isDirective(name)).toBe(false);
});
