import { apply, at, del, get, jsonPatch, merge, post, put, script } from '../script.ts';
import type { Script } from '../script.ts';
import { configMap, deployment, object, samples } from './objects.ts';

/** Identity, generations, preconditions, no-op writes. */
export function metadataScripts(): readonly Script[] {
  return [
    script('metadata', 'generated names', [
      post('configmaps', { metadata: { generateName: 'g-' } }, { label: 'g' }),
      get('configmaps {{g.metadata.name}}'),
      post('configmaps', { metadata: { generateName: 'g-', name: 'named' } }),
      post('configmaps', { metadata: { generateName: 'A_' } }),
      post('configmaps', { metadata: { generateName: 'x'.repeat(300) } }),
      post('pods', { ...object('Pod'), metadata: { generateName: 'p-' } }),
      post('configmaps', { metadata: {} }),
      post('configmaps', { data: { a: '1' } }),
    ]),
    script('metadata', 'what clients cannot choose when they create', [
      post(
        'configmaps',
        configMap('a', {}, { uid: 'aaa', creationTimestamp: '2001-01-01T00:00:00Z', generation: 7, selfLink: '/x' }),
      ),
      post(
        'configmaps',
        configMap('b', {}, { deletionTimestamp: '2001-01-01T00:00:00Z', deletionGracePeriodSeconds: 3 }),
      ),
      post('configmaps', configMap('c', {}, { resourceVersion: '5' })),
      post('configmaps', configMap('d', {}, { resourceVersion: '0' })),
      post('configmaps', configMap('e', {}, { creationTimestamp: null, labels: null, annotations: null })),
      post('apps/v1/deployments', deployment('a', {}, { generation: 7 })),
      post(
        'configmaps',
        configMap(
          'f',
          {},
          {
            managedFields: [
              {
                manager: 'x',
                operation: 'Update',
                apiVersion: 'v1',
                fieldsType: 'FieldsV1',
                fieldsV1: { 'f:data': {} },
              },
            ],
          },
        ),
      ),
      post('configmaps', configMap('g', {}, { namespace: 'other' })),
      post('configmaps', configMap('h', {}, { namespace: '{ns}' })),
    ]),
    script('metadata', 'what clients cannot change', [
      post('configmaps', configMap('a', { a: '1' }), { label: 'a' }),
      merge('configmaps a', { metadata: { uid: 'other' } }),
      put('configmaps a', configMap('a', { a: '2' }, { uid: 'other' })),
      put('configmaps a', configMap('a', { a: '2' }, { uid: '{{a.metadata.uid}}' })),
      merge('configmaps a', { metadata: { creationTimestamp: '2001-01-01T00:00:00Z' } }),
      merge('configmaps a', { metadata: { creationTimestamp: null } }),
      merge('configmaps a', { metadata: { generation: 9 } }),
      merge('configmaps a', { metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } }),
      merge('configmaps a', { metadata: { name: 'b' } }),
      merge('configmaps a', { metadata: { namespace: 'b' } }),
      put('configmaps a', configMap('b')),
      put('configmaps a', configMap('a', {}, { namespace: 'default' })),
      put('configmaps a', { data: { a: '5' } }),
      merge('configmaps a', { metadata: { generateName: 'z-' } }),
      merge('configmaps a', { metadata: null }),
      merge('configmaps a', { kind: 'Secret' }),
      merge('configmaps a', { apiVersion: 'v2' }),
      merge('configmaps a', { apiVersion: null, kind: null }),
      get('configmaps a'),
    ]),
    script('metadata', 'writes that change nothing', [
      post('configmaps', configMap('a', { a: '1' }, { labels: { l: 'x' } }), { label: 'a' }),
      put('configmaps a', '{{a}}'),
      put('configmaps a', configMap('a', { a: '1' }, { labels: { l: 'x' } })),
      merge('configmaps a', {}),
      merge('configmaps a', { data: { a: '1' } }),
      merge('configmaps a', {}, { agent: 'other/2' }),
      jsonPatch('configmaps a', []),
      jsonPatch('configmaps a', [{ op: 'test', path: '/data/a', value: '1' }]),
      jsonPatch('configmaps a', [{ op: 'replace', path: '/data/a', value: '1' }]),
      apply('m', 'configmaps a', configMap('a', { a: '1' })),
      apply('m', 'configmaps a', configMap('a', { a: '1' })),
      apply('m', 'configmaps a', configMap('a', { a: '1' }), { query: 'force=true' }),
      merge('configmaps a', { data: { b: null } }),
      merge('configmaps a', { metadata: { annotations: {} } }),
      merge('configmaps a', { metadata: { annotations: null } }),
      get('configmaps a'),
    ]),
    script('metadata', 'versions as preconditions', [
      post('configmaps', configMap('a', { a: '1' }), { label: 'first' }),
      merge('configmaps a', { data: { a: '2' } }, { label: 'second' }),
      put('configmaps a', configMap('a', { a: '3' }, { resourceVersion: '{{first.metadata.resourceVersion}}' })),
      put('configmaps a', configMap('a', { a: '3' }, { resourceVersion: '{{second.metadata.resourceVersion}}' })),
      put('configmaps a', configMap('a', { a: '4' })),
      put('configmaps a', configMap('a', { a: '5' }, { resourceVersion: '0' })),
      put('configmaps a', configMap('a', { a: '5' }, { resourceVersion: '' })),
      put('configmaps a', configMap('a', { a: '6' }, { resourceVersion: 'abc' })),
      put('configmaps a', configMap('a', { a: '6' }, { resourceVersion: '-1' })),
      put('configmaps a', configMap('a', { a: '6' }, { resourceVersion: '99999999' })),
      merge('configmaps a', { metadata: { resourceVersion: '{{first.metadata.resourceVersion}}' }, data: { a: '7' } }),
      merge('configmaps a', { metadata: { resourceVersion: 'abc' } }),
      jsonPatch('configmaps a', [
        { op: 'replace', path: '/metadata/resourceVersion', value: '1' },
        { op: 'add', path: '/data/c', value: '1' },
      ]),
      apply('m', 'configmaps a', configMap('a', { b: '1' }, { resourceVersion: '{{first.metadata.resourceVersion}}' })),
      put('configmaps none', configMap('none', {}, { resourceVersion: '5' })),
      merge('configmaps none', { data: {} }),
      post('apps/v1/deployments', deployment('a'), { label: 'dep' }),
      merge('apps/v1/deployments a', { metadata: { labels: { a: 'b' } } }),
      put('apps/v1/deployments a', '{{dep}}'),
      put('apps/v1/deployments a scale', {
        metadata: { name: 'a', resourceVersion: '{{dep.metadata.resourceVersion}}' },
        spec: { replicas: 3 },
      }),
      put('apps/v1/deployments a status', '{{dep}}'),
    ]),
    script(
      'metadata',
      'PUT without a version, and to a name that is not there',
      samples
        .filter(
          ({ kind }) =>
            !['Namespace', 'Node', 'CustomResourceDefinition', 'APIService', 'PersistentVolume'].includes(kind),
        )
        .flatMap((sample) => {
          const name = sample.cluster ? 'b-{id}' : 'b';
          const target = `${sample.resource} ${name}`;
          return [
            put(target, object(sample.kind, name)),
            put(target, object(sample.kind, name), { query: 'dryRun=All' }),
            ...(sample.cluster ? [del(target, undefined, { unseen: true })] : []),
          ];
        }),
    ),
    script(
      'metadata',
      'generation of kinds that track it',
      [
        'Deployment',
        'EndpointSlice',
        'NetworkPolicy',
        'Job',
        'Ingress',
        'PodDisruptionBudget',
        'Service',
        'HorizontalPodAutoscaler',
        'ReplicaSet',
        'Pod',
      ].flatMap((kind) => {
        const { resource, change } = samples.find((one) => one.kind === kind) ?? { resource: '', change: {} };
        const target = `${resource} g`;
        return [
          post(resource, object(kind, 'g', { generation: 4 })),
          merge(target, { metadata: { labels: { a: 'b' } } }),
          merge(target, { metadata: { annotations: { a: 'b' } } }),
          merge(target, { metadata: { finalizers: ['a.b/c'] } }),
          merge(target, { metadata: { generation: 44 } }),
          merge(target, change),
          merge(target, { status: { observedGeneration: 3 } }),
          del(target, { propagationPolicy: 'Background' }),
          del(target, { propagationPolicy: 'Background' }),
          merge(target, { metadata: { labels: { a: 'c' } } }),
          merge(target, { metadata: { finalizers: null } }),
        ];
      }),
    ),
    script('metadata', 'a generation sent to a kind that has none', [
      post('configmaps', configMap('a', {}, { generation: 7, finalizers: ['a.b/c'] })),
      merge('configmaps a', { metadata: { generation: 9 } }),
      merge('configmaps a', { data: { a: '1' } }),
      del('configmaps a'),
      del('configmaps a'),
      merge('configmaps a', { metadata: { finalizers: [] } }),
    ]),
    script('metadata', 'labels, annotations, finalizers and owners that are not valid', [
      ...[
        { labels: { 'a b': 'c' } },
        { labels: { a: 'b c' } },
        { labels: { a: 'x'.repeat(64) } },
        { labels: { 'a/b/c': 'd' } },
        { labels: { '': 'd' } },
        { labels: { ['x'.repeat(254) + '/a']: 'd' } },
        { annotations: { 'a b': 'c' } },
        { annotations: { A: 'upper' } },
        { annotations: { big: 'x'.repeat(262_145) } },
        { finalizers: ['plain'] },
        { finalizers: ['a/b', 'a/b'] },
        { finalizers: ['a b/c'] },
        { finalizers: [''] },
        { finalizers: ['orphan', 'foregroundDeletion'] },
        { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '' }] },
        { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
        { ownerReferences: [{ apiVersion: 'a/b/c', kind: 'A', name: 'o', uid: 'u' }] },
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'o', uid: 'u' }] },
        {
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', controller: true },
            { apiVersion: 'v1', kind: 'ConfigMap', name: 'p', uid: 'v', controller: true },
          ],
        },
      ].flatMap((metadata, index) => [
        post('configmaps', configMap(`a${index}`, {}, metadata), { query: 'dryRun=All' }),
        post('apps/v1/deployments', deployment(`a${index}`, {}, metadata), { query: 'dryRun=All' }),
      ]),
      ...['A_B', 'a..b', '-a', 'a'.repeat(254), 'a/b', 'a%', '.', '..', 'ä'].map((name) =>
        post('configmaps', configMap(name)),
      ),
      ...['a.b', '1a', 'A', 'a'.repeat(64)].map((name) =>
        post('services', object('Service', name), { query: 'dryRun=All' }),
      ),
      post('namespaces', object('Namespace', 'a.b')),
      post('rbac.authorization.k8s.io/v1/roles', object('Role', 'a:b')),
      post('rbac.authorization.k8s.io/v1/roles', object('Role', 'a%b')),
    ]),
    script('metadata', 'a list of owners with the same one twice', [
      post('configmaps', configMap('o'), { label: 'o' }),
      post(
        'configmaps',
        configMap(
          'a',
          {},
          {
            ownerReferences: [
              { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '{{o.metadata.uid}}' },
              { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '{{o.metadata.uid}}' },
            ],
          },
        ),
      ),
      { send: `GET ${at('configmaps', 'a')}` },
    ]),
    script('metadata', 'kinds created with a null or an empty value everywhere', [
      post('configmaps', { ...configMap('a'), data: null, binaryData: null, immutable: null }),
      post('configmaps', { ...configMap('b'), data: {}, binaryData: {} }),
      post('secrets', { ...object('Secret', 'a'), stringData: null, data: null, type: '' }),
      post('services', { ...object('Service', 'a'), status: null }),
      post(
        'apps/v1/deployments',
        deployment('a', { replicas: null, strategy: null, paused: false, minReadySeconds: 0 }),
      ),
      post(
        'apps/v1/deployments',
        deployment('b', {
          strategy: {},
          template: {
            metadata: { labels: { app: 'a' }, creationTimestamp: null },
            spec: {
              containers: [{ name: 'c', image: 'i', ports: [], env: null, resources: null, command: [] }],
              volumes: [],
              initContainers: null,
            },
          },
        }),
      ),
    ]),
  ];
}
