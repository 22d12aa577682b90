import { apply, at, del, get, merge, post, put, read, script, unordered, watch } from '../script.ts';
import type { Request, Script, Step } from '../script.ts';
import { configMap, deployment, object, podSpec, samples } from './objects.ts';

const owner = (label: string, more: Readonly<Record<string, unknown>> = {}): unknown => [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: `{{${label}.metadata.name}}`,
    uid: `{{${label}.metadata.uid}}`,
    ...more,
  },
];

export function deletionScripts(): readonly Script[] {
  const cm = 'configmaps a';
  const child = (name: string, label: string, more: Readonly<Record<string, unknown>> = {}): Request =>
    post('configmaps', configMap(name, {}, { ownerReferences: owner(label, more), labels: { in: 'story' } }));
  return [
    script(
      'deletion and owners',
      'what DELETE answers',
      samples.flatMap((sample): Step[] => {
        if (['Namespace', 'CustomResourceDefinition', 'APIService'].includes(sample.kind)) return [];
        const name = sample.cluster ? 'd-{id}' : 'd';
        const target = `${sample.resource} ${name}`;
        return [
          post(sample.resource, object(sample.kind, name, { finalizers: ['a.b/c'] })),
          // Without the protection of volumes, which a controller takes away when it sees fit.
          merge(target, { metadata: { finalizers: ['a.b/c'] } }),
          del(target),
          get(target, { untilSeen: (body) => !finalizersOf(body).includes('orphan') }),
          del(target),
          merge(target, { metadata: { finalizers: ['a.b/c', 'a.b/d'] } }),
          merge(target, { metadata: { finalizers: ['a.b/c'] } }, { unseen: true }),
          merge(target, { metadata: { finalizers: null } }),
          get(target, { until: 404 }),
        ];
      }),
    ),
    script('deletion and owners', 'preconditions and options', [
      post('configmaps', configMap('a', { a: '1' }), { label: 'a' }),
      del(cm, { preconditions: { uid: 'nope' } }),
      del(cm, { preconditions: { resourceVersion: '1' } }),
      del(cm, { preconditions: { uid: '{{a.metadata.uid}}', resourceVersion: '1' } }),
      del(cm, { propagationPolicy: 'Nope' }),
      del(cm, { propagationPolicy: 'Orphan', orphanDependents: true }),
      del(cm, { orphanDependents: 'x' }),
      del(cm, { gracePeriodSeconds: -1, dryRun: ['All'] }),
      del(cm, { gracePeriodSeconds: 'x' }),
      del(cm, { dryRun: ['Some'] }),
      del(cm, { kind: 'Nope', apiVersion: 'v1' }),
      del(cm, { kind: 'DeleteOptions', apiVersion: 'v9' }),
      del(cm, { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] }),
      del(cm, { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'] }),
      del(cm, { nope: 1, dryRun: ['All'] }),
      del(cm, [], {}),
      del(cm, undefined, { text: 'propagationPolicy: Nope', type: 'application/yaml' }),
      del(cm, undefined, { query: 'propagationPolicy=Background&dryRun=All' }),
      del(cm, undefined, { query: 'gracePeriodSeconds=5&dryRun=All' }),
      del(cm, undefined, { query: 'orphanDependents=true&dryRun=All' }),
      del(cm, { preconditions: { uid: '{{a.metadata.uid}}', resourceVersion: '{{a.metadata.resourceVersion}}' } }),
      del(cm),
    ]),
    script('deletion and owners', 'finalizers hold an object', [
      watch('w', 'configmaps', 'fieldSelector=metadata.name=a'),
      post('configmaps', configMap('a', { a: '1' }, { finalizers: ['a.b/c', 'a.b/d'] }), { label: 'a' }),
      del(cm),
      get(cm),
      post('configmaps', configMap('a')),
      merge(cm, { data: { a: '2' } }),
      merge(cm, { metadata: { deletionTimestamp: null } }),
      merge(cm, { metadata: { deletionGracePeriodSeconds: 9 } }),
      merge(cm, { metadata: { finalizers: ['a.b/c', 'a.b/e'] } }),
      put(cm, configMap('a', { a: '3' }, { finalizers: ['a.b/e'] })),
      apply('m', cm, configMap('a', {}, { finalizers: ['a.b/e'] })),
      merge(cm, { metadata: { finalizers: ['a.b/d'] } }),
      put(cm, configMap('a', { a: '4' })),
      get(cm),
      read('w', 6),
    ]),
    unordered(
      script('deletion and owners', 'dependents go with their owner', [
        post('configmaps', configMap('o'), { label: 'o' }),
        child('c1', 'o'),
        child('c2', 'o', { blockOwnerDeletion: true, controller: true }),
        get('configmaps', { query: 'labelSelector=in=story' }),
        del('configmaps o'),
        get('configmaps c1', { until: 404 }),
        get('configmaps c2', { until: 404 }),
      ]),
    ),
    unordered(
      script('deletion and owners', 'the owner waits for its dependents', [
        post('configmaps', configMap('o'), { label: 'o' }),
        child('c1', 'o', { blockOwnerDeletion: true }),
        post(
          'configmaps',
          configMap('held', {}, { ownerReferences: owner('o', { blockOwnerDeletion: true }), finalizers: ['a.b/c'] }),
        ),
        post('configmaps', configMap('free', {}, { ownerReferences: owner('o'), finalizers: ['a.b/c'] })),
        watch('w', 'configmaps', 'fieldSelector=metadata.name=o'),
        read('w', 1),
        del('configmaps o', { propagationPolicy: 'Foreground' }),
        get('configmaps c1', { until: 404 }),
        get('configmaps held', { untilSeen: (body) => isDeleting(body) }),
        get('configmaps free', { untilSeen: (body) => isDeleting(body) }),
        get('configmaps o'),
        merge('configmaps held', { metadata: { finalizers: null } }),
        get('configmaps o', { until: 404 }),
        get('configmaps free'),
        merge('configmaps free', { metadata: { finalizers: null } }),
        read('w', 2),
      ]),
    ),
    unordered(
      script('deletion and owners', 'dependents stay as orphans', [
        post('configmaps', configMap('o'), { label: 'o' }),
        child('c1', 'o'),
        child('c2', 'o', { controller: true }),
        watch('w', 'configmaps', 'fieldSelector=metadata.name=o'),
        read('w', 1),
        del('configmaps o', { propagationPolicy: 'Orphan' }),
        get('configmaps o', { until: 404 }),
        get('configmaps c1'),
        get('configmaps c2'),
        read('w', 2),
      ]),
    ),
    unordered(
      script('deletion and owners', 'owners that are not there', [
        post('configmaps', configMap('o'), { label: 'o' }),
        post(
          'configmaps',
          configMap(
            'gone',
            {},
            {
              ownerReferences: [
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: '11111111-2222-3333-4444-555555555555' },
              ],
            },
          ),
        ),
        get('configmaps gone', { until: 404 }),
        post(
          'configmaps',
          configMap(
            'half',
            {},
            {
              ownerReferences: [
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: '11111111-2222-3333-4444-555555555555' },
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '{{o.metadata.uid}}' },
              ],
            },
          ),
        ),
        get('configmaps half', {
          untilSeen: (body) =>
            (body as { metadata: { ownerReferences?: unknown[] } }).metadata.ownerReferences?.length === 1,
        }),
        post(
          'configmaps',
          configMap(
            'misnamed',
            {},
            { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: '{{o.metadata.uid}}' }] },
          ),
        ),
        get('configmaps misnamed', { until: 404 }),
        post('secrets', {
          metadata: {
            name: 's',
            ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '{{o.metadata.uid}}' }],
          },
        }),
        post(
          'apps/v1/deployments',
          deployment('d', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Secret', name: 's', uid: 'x' }] }),
        ),
        get('apps/v1/deployments d', { until: 404 }),
        del('configmaps o'),
        get('secrets s', { until: 404 }),
        post(
          'configmaps',
          configMap(
            'unknownkind',
            {},
            { ownerReferences: [{ apiVersion: 'nope.io/v1', kind: 'Nope', name: 'o', uid: 'u' }] },
          ),
        ),
        get('configmaps unknownkind'),
      ]),
    ),
    unordered(
      script('deletion and owners', 'a chain of owners', [
        post('apps/v1/deployments', deployment('d', { replicas: 0 }), { label: 'd' }),
        post(
          'apps/v1/replicasets',
          object('ReplicaSet', 'r', {
            ownerReferences: [
              {
                apiVersion: 'apps/v1',
                kind: 'Deployment',
                name: 'd',
                uid: '{{d.metadata.uid}}',
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          }),
          { label: 'r' },
        ),
        post(
          'pods',
          object('Pod', 'p', {
            ownerReferences: [
              {
                apiVersion: 'apps/v1',
                kind: 'ReplicaSet',
                name: 'r',
                uid: '{{r.metadata.uid}}',
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          }),
        ),
        del('apps/v1/deployments d', { propagationPolicy: 'Foreground' }),
        get('pods p', { until: 404 }),
        get('apps/v1/replicasets r', { until: 404 }),
        get('apps/v1/deployments d', { until: 404 }),
        post('apps/v1/deployments', deployment('e', { replicas: 0 }), { label: 'e' }),
        post(
          'apps/v1/replicasets',
          object('ReplicaSet', 's', {
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'Deployment', name: 'e', uid: '{{e.metadata.uid}}', controller: true },
            ],
          }),
        ),
        del('apps/v1/deployments e', { propagationPolicy: 'Orphan' }),
        get('apps/v1/deployments e', { until: 404 }),
        get('apps/v1/replicasets s'),
      ]),
    ),
    script('deletion and owners', 'pods and their grace', [
      post('pods', object('Pod', 'u')),
      del('pods u'),
      get('pods u'),
      post(
        'pods',
        object('Pod', 's', {}, { spec: { ...podSpec, nodeName: 'none', terminationGracePeriodSeconds: 60 } }),
      ),
      watch('w', 'pods', 'fieldSelector=metadata.name=s'),
      read('w', 1),
      del('pods s'),
      del('pods s'),
      del('pods s', { gracePeriodSeconds: 90 }),
      del('pods s', { gracePeriodSeconds: 5 }),
      get('pods s'),
      merge('pods s', { metadata: { labels: { a: 'b' } } }),
      del('pods s', { gracePeriodSeconds: 0 }),
      get('pods s'),
      read('w', 4),
      post('pods', object('Pod', 'f', {}, { spec: { ...podSpec, nodeName: 'none' } })),
      merge('pods f status', { status: { phase: 'Succeeded' } }),
      del('pods f'),
      get('pods f'),
      post('pods', object('Pod', 'z', { finalizers: ['a.b/c'] }, { spec: { ...podSpec, nodeName: 'none' } })),
      del('pods z', { gracePeriodSeconds: 0 }),
      get('pods z'),
      merge('pods z', { metadata: { finalizers: null } }),
      get('pods z'),
    ]),
    script('deletion and owners', 'evictions', [
      post('pods', object('Pod', 'p', { labels: { app: 'a' } })),
      {
        send: `POST ${at('pods', 'p', 'eviction')}`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'other' } },
      },
      {
        send: `POST ${at('pods', 'p', 'eviction')}`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
      },
      get('pods p'),
      {
        send: `POST ${at('pods', 'p', 'eviction')}`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
      },
    ]),
    unordered(
      script('deletion and owners', 'the own ServiceAccount comes back', [
        get('serviceaccounts default', { label: 'sa' }),
        del('serviceaccounts default'),
        get('serviceaccounts default', { until: 200 }),
        get('configmaps kube-root-ca.crt', {
          until: 200,
          accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
        }),
        del('configmaps kube-root-ca.crt'),
        get('configmaps kube-root-ca.crt', {
          until: 200,
          accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
        }),
      ]),
    ),
  ];
}

function isDeleting(body: unknown): boolean {
  return (
    (body as { readonly metadata?: { readonly deletionTimestamp?: string } }).metadata?.deletionTimestamp !== undefined
  );
}

function finalizersOf(body: unknown): readonly string[] {
  return (body as { readonly metadata?: { readonly finalizers?: readonly string[] } }).metadata?.finalizers ?? [];
}
