import { createHash } from 'node:crypto';
import { kubeData } from '@homeostat/kube/data';
import { expect, test } from 'vitest';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import { aggregatedDiscovery } from '../../src/discovery/aggregated.ts';
import { compareKubeVersions } from '../../src/discovery/kube-version.ts';
import { apiGroup, apiResourceList } from '../../src/discovery/legacy.ts';
import { servedGroups } from '../../src/discovery/served-groups.ts';
import { builtinOpenApi, customOpenApi, openApiIndex } from '../../src/openapi/openapi-documents.ts';
import { gadgets, things } from './definitions.ts';
import type { Definition } from './definitions.ts';

const data = kubeData();
const served = (definition: Definition, ...also: readonly string[]) =>
  customResourceOf({
    ...definition,
    status: { conditions: ['Established', ...also].map((type) => ({ type, status: 'True' })) },
  });

test('versions are listed as Kubernetes does', () => {
  const versions = [
    'foo1',
    'v1',
    'v2beta1',
    'v10',
    'v1alpha2',
    'v11alpha2',
    'v3beta1',
    'v12alpha1',
    'foo10',
    'v2',
    'v0',
    'v11beta2',
  ];
  expect(versions.toSorted(compareKubeVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v3beta1',
    'v2beta1',
    'v12alpha1',
    'v11alpha2',
    'v1alpha2',
    'foo1',
    'foo10',
    'v0',
  ]);
});

test('the hash of a document is that of its body, and changes with it', () => {
  const before = aggregatedDiscovery(servedGroups(data, []), '/apis');
  expect(before.hash).toBe(createHash('sha512').update(before.body).digest('hex').toUpperCase());
  const after = aggregatedDiscovery(servedGroups(data, [served(gadgets('a.example.com'))]), '/apis');
  expect(after.hash).not.toBe(before.hash);
  expect(aggregatedDiscovery(servedGroups(data, []), '/apis')).toEqual(before);
});

test('custom groups come last, by name, and not before a definition is established', () => {
  const pending = customResourceOf(things('c.example.com'));
  const groups = servedGroups(data, [served(gadgets('b.example.com')), pending, served(things('a.example.com'))]);
  expect(groups.slice(-2).map(({ name }) => name)).toEqual(['a.example.com', 'b.example.com']);
  expect(groups[0]?.name).toBe('');
  expect(apiGroup(groups, 'b.example.com')).toMatchObject({
    versions: [{ version: 'v1' }, { version: 'v1beta1' }],
    preferredVersion: { groupVersion: 'b.example.com/v1' },
  });
  expect(apiGroup(groups, 'c.example.com')).toBeUndefined();
  expect(apiResourceList(groups, 'b.example.com', 'v1alpha1')).toBeUndefined();
});

test('what is being deleted can be read and deleted only', () => {
  const groups = servedGroups(data, [served(gadgets('example.com'), 'Terminating')]);
  expect(apiResourceList(groups, 'example.com', 'v1')).toMatchObject({
    resources: [
      { name: 'gadgets', verbs: ['delete', 'deletecollection', 'get', 'list', 'watch'] },
      { name: 'gadgets/status' },
      { name: 'gadgets/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' },
    ],
  });
});

test('every reference in an OpenAPI document leads somewhere', () => {
  const documents = new Map([...builtinOpenApi(data), ...customOpenApi(data, [served(gadgets('example.com'))])]);
  expect(documents.size).toBe(data.groupVersions.length + 2);
  for (const [key, { body }] of documents) {
    const { schemas } = (JSON.parse(body) as { components: { schemas: Record<string, unknown> } }).components;
    const references = new Set(
      [...body.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name as string),
    );
    expect(
      [...references].filter((name) => schemas[name] === undefined),
      key,
    ).toEqual([]);
  }
});

test('the index names each document with its hash', () => {
  const documents = customOpenApi(data, [served(gadgets('example.com'))]);
  const { paths } = JSON.parse(openApiIndex(documents)) as { paths: Record<string, { serverRelativeURL: string }> };
  expect(Object.keys(paths)).toEqual(['apis/example.com/v1', 'apis/example.com/v1beta1']);
  const { hash } = documents.get('apis/example.com/v1') ?? {};
  expect(paths['apis/example.com/v1']?.serverRelativeURL).toBe(`/openapi/v3/apis/example.com/v1?hash=${String(hash)}`);
});
