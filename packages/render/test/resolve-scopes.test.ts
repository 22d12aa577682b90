import { expect, test } from 'vitest';
import { createRenderMemo, render, resolveScopes } from '@homeostat/render';
import type { Rendered, ScopeOptions } from '@homeostat/render';
import { brief, configMap, memoryFiles } from './support.ts';

const scopeOf: ScopeOptions['scopeOf'] = (_group, kind) =>
  kind === 'Unknown' ? undefined : kind === 'Namespace' || kind === 'ClusterRole' ? 'Cluster' : 'Namespaced';

function object(kind: string, name: string, namespace?: string, apiVersion = 'v1'): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${namespace === undefined ? '' : `  namespace: ${namespace}\n`}`;
}

async function rendered(...texts: string[]): Promise<Rendered> {
  return render(memoryFiles(Object.fromEntries(texts.map((text, index) => [`${index}.yaml`, text]))));
}

function places(result: Rendered): string[] {
  return result.objects.map(
    ({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`,
  );
}

test('every object gets the namespace in which it will live', async () => {
  const input = await rendered(
    object('ConfigMap', 'a'),
    object('ConfigMap', 'b', 'other'),
    object('ClusterRole', 'c', 'oops'),
    object('Unknown', 'd'),
    object('Namespace', 'e'),
  );
  const result = resolveScopes(input, { scopeOf, namespace: 'demo' });
  expect(places(result)).toEqual([
    'ConfigMap demo/a',
    'ConfigMap other/b',
    'ClusterRole -/c',
    'Unknown -/d',
    'Namespace -/e',
  ]);
  expect(result.findings.map(brief)).toEqual(['warning NAMESPACE_STRIPPED 2.yaml:1']);
  expect(result.complete).toBe(true);
  expect(result.objects[1]?.object).toBe(input.objects[1]?.object);
});

test('without a default namespace an object that needs one is refused', async () => {
  const result = resolveScopes(await rendered(object('ConfigMap', 'a'), object('ConfigMap', 'b', 'x')), { scopeOf });
  expect(places(result)).toEqual(['ConfigMap x/b']);
  expect(result.findings.map(brief)).toEqual(['error NAMESPACE_REQUIRED 0.yaml:1']);
  expect(result.complete).toBe(false);
});

test('enforcement refuses objects of other namespaces', async () => {
  const input = await rendered(
    object('ConfigMap', 'a', 'demo'),
    object('ConfigMap', 'b', 'other'),
    object('ConfigMap', 'c'),
  );
  const result = resolveScopes(input, { scopeOf, namespace: 'demo', enforceNamespace: true });
  expect(places(result)).toEqual(['ConfigMap demo/a', 'ConfigMap demo/c']);
  expect(result.findings.map(brief)).toEqual(['error NAMESPACE_REFUSED 1.yaml:1']);
});

test('two objects with one ref are found once their namespaces are known, and neither is applied', async () => {
  const input = await rendered(
    object('ConfigMap', 'a', 'demo'),
    `---\n${object('ConfigMap', 'a')}---\n${configMap('b')}`,
  );
  const result = resolveScopes(input, { scopeOf, namespace: 'demo' });
  expect(places(result)).toEqual(['ConfigMap demo/b']);
  expect(result.findings).toMatchObject([
    {
      severity: 'error',
      code: 'DUPLICATE_OBJECT',
      message: 'ConfigMap demo/a stands twice, here and at 0.yaml:1: neither is applied',
      origin: { path: '1.yaml', line: 2 },
    },
  ]);
  expect(result.complete).toBe(false);
});

test('the version is no part of a ref', async () => {
  const input = await rendered(
    object('Deployment', 'a', 'x', 'apps/v1'),
    object('Deployment', 'a', 'x', 'apps/v1beta1'),
  );
  expect(resolveScopes(input, { scopeOf }).findings.map(({ code }) => code)).toEqual(['DUPLICATE_OBJECT']);
});

test('with last-wins the last of them is applied, and that is said', async () => {
  const input = await rendered(
    object('ConfigMap', 'a', 'demo'),
    object('ConfigMap', 'a'),
    object('ConfigMap', 'a', 'demo'),
  );
  const result = resolveScopes(input, { scopeOf, namespace: 'demo', duplicates: 'last-wins' });
  expect(result.objects.map(({ origin }) => origin.path)).toEqual(['2.yaml']);
  expect(result.findings.map(brief)).toEqual(['info DUPLICATE_OBJECT 1.yaml:1', 'info DUPLICATE_OBJECT 2.yaml:1']);
  expect(result.complete).toBe(true);
});

test('one kind in two versions is a warning that names both places', async () => {
  const input = await rendered(
    object('Deployment', 'a', 'x', 'apps/v1'),
    object('Deployment', 'b', 'x', 'apps/v1beta1'),
    object('Deployment', 'c', 'x', 'apps/v1beta1'),
    object('Deployment', 'd', 'x', 'other/v2'),
  );
  const result = resolveScopes(input, { scopeOf });
  expect(result.findings).toMatchObject([
    {
      severity: 'warning',
      code: 'MIXED_VERSIONS',
      message: expect.stringContaining('v1 at 0.yaml:1'),
      origin: { path: '1.yaml' },
    },
  ]);
  expect(result.objects).toHaveLength(4);
});

test('equal input instances give equal output instances from pass to pass', async () => {
  const memo = createRenderMemo();
  const files = memoryFiles({ 'a.yaml': object('ConfigMap', 'a'), 'b.yaml': object('ClusterRole', 'b', 'oops') });
  const pass = async (namespace: string): Promise<Rendered> =>
    resolveScopes(await render(files, {}, { memo }), { scopeOf, namespace, memo });
  const [first, second, third] = [await pass('demo'), await pass('demo'), await pass('prod')];
  expect(second.objects.map(({ object: placed }, index) => placed === first.objects[index]?.object)).toEqual([
    true,
    true,
  ]);
  expect(third.objects.map(({ object: placed }, index) => placed === first.objects[index]?.object)).toEqual([
    false,
    true,
  ]);
  expect(places(third)).toEqual(['ConfigMap prod/a', 'ClusterRole -/b']);
});
