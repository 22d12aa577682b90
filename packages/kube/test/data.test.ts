import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { builtinScope } from '@homeostat/kube';
import { goField, kubeData } from '@homeostat/kube/data';
import type { OpenApiSchema } from '@homeostat/kube/data';
import { expect, test } from 'vitest';
import { BUILTIN_KINDS } from '../src/builtin-kinds.ts';

const data = kubeData();
const resources = data.groupVersions.flatMap(({ group, version, resources: own }) =>
  own.map((resource) => ({ group, version, ...resource })),
);

test('every kind that Kubernetes serves by itself has its resource, in its scope', () => {
  const kinds = Object.entries(BUILTIN_KINDS).flatMap(([group, { cluster, namespaced }]) =>
    `${cluster} ${namespaced}`.split(' ').flatMap((kind) => (kind === '' ? [] : [`${group}/${kind}`])),
  );
  expect(new Set(resources.map(({ group, kind }) => `${group}/${kind}`))).toEqual(new Set(kinds));
  for (const { group, kind, namespaced } of resources)
    expect(builtinScope(group, kind), `${group}/${kind}`).toBe(namespaced ? 'Namespaced' : 'Cluster');
});

test('group-versions come in the order of discovery', () => {
  const order = data.groupVersions.map(({ group, version }) => `${group}/${version}`);
  expect(order.slice(0, 3)).toEqual(['/v1', 'apiregistration.k8s.io/v1', 'apps/v1']);
  expect(order.indexOf('autoscaling/v2')).toBe(order.indexOf('autoscaling/v1') - 1);
});

test('every resource has a schema of its own kind', () => {
  for (const { schema, group, version, kind } of resources)
    expect(data.schemas[schema]?.['x-kubernetes-group-version-kind'], schema).toContainEqual({ group, version, kind });
});

test('every reference leads to a component, and no schema has a description', () => {
  for (const [name, schema] of Object.entries(data.schemas)) {
    for (const part of partsOf(schema)) {
      if (part.$ref !== undefined) expect(data.schemas, name).toHaveProperty([part.$ref.split('/').at(-1) ?? '']);
      expect(Object.keys(part), name).not.toContain('description');
    }
  }
});

test('every property of an object is known to Go, and the other way round', () => {
  for (const [name, { properties = {} }] of Object.entries(data.schemas)) {
    const fields = data.goFields[name];
    if (fields !== undefined) expect(Object.keys(fields).sort(), name).toEqual(Object.keys(properties).sort());
    else expect(Object.keys(properties), name).toEqual([]);
  }
});

test.each([
  [
    'io.k8s.api.apps.v1.DeploymentSpec',
    'replicas',
    { presence: 'pointer', type: 'int32', numbers: [1], embedded: undefined },
  ],
  [
    'io.k8s.api.apps.v1.DeploymentSpec',
    'selector',
    { presence: 'nullable', type: 'v1.LabelSelector', numbers: [2], embedded: undefined },
  ],
  ['io.k8s.api.core.v1.PodSpec', 'hostNetwork', { presence: 'omit', type: 'bool', numbers: [11], embedded: undefined }],
  [
    'io.k8s.api.rbac.v1.Role',
    'rules',
    { presence: 'always', type: '[]v1.PolicyRule', numbers: [2], embedded: undefined },
  ],
  [
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    'creationTimestamp',
    { presence: 'omitzero', type: 'v1.Time', numbers: [8], embedded: undefined },
  ],
  [
    'io.k8s.api.core.v1.Volume',
    'hostPath',
    { presence: 'pointer', type: 'v1.HostPathVolumeSource', numbers: [2, 1], embedded: 'VolumeSource' },
  ],
])('Go treats %s.%s so', (component, field, expected) => {
  expect(goField(data.goFields[component]?.[field] ?? '')).toEqual(expected);
});

test('apiVersion and kind alone have no number in protobuf, and no two fields of a component the same', () => {
  for (const [component, fields] of Object.entries(data.goFields)) {
    const numbers = Object.entries(fields).map(([name, entry]) => [name, goField(entry).numbers] as const);
    const silent = numbers.filter(([, path]) => path.length === 0).map(([name]) => name);
    expect(['', 'apiVersion,kind'], component).toContain(silent.toSorted().join());
    const paths = numbers.filter(([, path]) => path.length > 0).map(([, path]) => path.join('.'));
    expect(new Set(paths).size, component).toBe(paths.length);
    // A message is no field at the same time.
    for (const path of paths)
      expect(
        paths.some((other) => other.startsWith(`${path}.`)),
        component,
      ).toBe(false);
  }
});

test('behaviour was tried', () => {
  const kinds = (is: (resource: (typeof resources)[number]) => boolean) =>
    [...new Set(resources.filter(is).map(({ kind }) => kind))].join(' ');
  expect(kinds(({ createsOnUpdate }) => createsOnUpdate)).toBe(
    'Endpoints Event LimitRange Service ClusterRoleBinding ClusterRole RoleBinding Role Lease RuntimeClass',
  );
  expect(kinds(({ needsResourceVersion, group }) => needsResourceVersion && group.startsWith('coordination'))).toBe(
    'Lease',
  );
  expect(kinds(({ tracksGeneration, group }) => tracksGeneration && group === '')).toBe(
    'Pod PodTemplate ReplicationController',
  );
  expect(kinds(({ deleteAnswer, group }) => deleteAnswer === 'object' && group === '')).toBe(
    'Namespace PersistentVolumeClaim PersistentVolume Pod PodTemplate ResourceQuota ServiceAccount Service',
  );
  expect(resources.find(({ kind }) => kind === 'Secret')?.fieldLabels).toEqual([
    'metadata.name',
    'metadata.namespace',
    'type',
  ]);
});

test('nobody can change the data', () => {
  const { schemas } = data as { schemas: Record<string, { properties?: Record<string, unknown> }> };
  expect(() => {
    delete schemas['io.k8s.api.core.v1.Pod']?.properties?.['spec'];
  }).toThrow(TypeError);
  expect(kubeData()).toEqual(data);
});

test('the data stays small', () => {
  const text = readFileSync(new URL('../src/data/packed.ts', import.meta.url));
  expect(gzipSync(text).length).toBeLessThan(100_000);
});

function partsOf(schema: OpenApiSchema): readonly OpenApiSchema[] {
  const { properties = {}, additionalProperties, items, allOf = [], oneOf = [] } = schema;
  const inner = [...Object.values(properties), ...allOf, ...oneOf, additionalProperties, items];
  return [schema, ...inner.flatMap((part) => (part === undefined ? [] : partsOf(part)))];
}
