import { apply, del, get, merge, post, put, read, script, unordered, watch } from '../script.ts';
import type { Script } from '../script.ts';
import { configMap, object } from './objects.ts';

/** Namespaces other than the one in which the story is told are its own to delete. */
export function namespaceScripts(): readonly Script[] {
  const inside = (path: string): string => `/api/v1/namespaces/n-{id}/${path}`;
  return [
    unordered(
      script('namespaces', 'the life of one', [
        post('namespaces', {
          metadata: { name: 'n-{id}', labels: { 'kubernetes.io/metadata.name': 'other', a: 'b' } },
        }),
        get(inside('serviceaccounts/default'), { until: 200 }),
        get(inside('configmaps'), {
          untilSeen: (body) => (body as { items?: unknown[] }).items?.length === 1,
          accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
        }),
        merge('namespaces n-{id}', { metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } } }),
        merge('namespaces n-{id}', { metadata: { labels: null } }),
        merge('namespaces n-{id}', { spec: { finalizers: [] } }),
        merge('namespaces n-{id}', { spec: { finalizers: ['a.b/c'] } }),
        merge('namespaces n-{id}', { status: { phase: 'Terminating' } }),
        put('namespaces n-{id}', { metadata: { name: 'n-{id}', labels: { x: 'y' } } }),
        apply('m', 'namespaces n-{id}', {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'n-{id}', labels: { y: 'z' } },
        }),
        post(inside('configmaps'), configMap('a', {}, { finalizers: ['a.b/c'] })),
        watch('w', 'namespaces', 'fieldSelector=metadata.name=n-{id}'),
        read('w', 1),
        del('namespaces n-{id}', undefined, { query: 'dryRun=All' }),
        del('namespaces n-{id}'),
        del('namespaces n-{id}'),
        get('namespaces n-{id}'),
        read('w', 1),
        post(inside('configmaps'), configMap('b')),
        post(inside('configmaps'), configMap('b'), { query: 'dryRun=All' }),
        apply('m', inside('configmaps/b'), configMap('b')),
        apply('m', inside('configmaps/b'), configMap('b'), { query: 'dryRun=All' }),
        put(inside('endpoints/e'), object('Endpoints', 'e')),
        merge(inside('configmaps/a'), { data: { a: '1' } }),
        get(inside('configmaps/a')),
        get('namespaces n-{id}', {
          untilSeen: (body) => (body as { status?: { conditions?: unknown[] } }).status?.conditions?.length === 5,
        }),
        get(inside('configmaps/a')),
        get(inside('serviceaccounts')),
        merge(inside('configmaps/a'), { metadata: { finalizers: null } }),
        get('namespaces n-{id}', { until: 404 }),
        get(inside('configmaps')),
        post(inside('configmaps'), configMap('b')),
      ]),
    ),
    unordered(
      script('namespaces', 'those that may not go', [
        ...['default', 'kube-system'].map((name) => del(`namespaces ${name}`)),
        ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map((name) =>
          get(`namespaces ${name}`, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
        ),
        get('namespaces default', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
        get('/api/v1/namespaces/default/serviceaccounts/default'),
      ]),
    ),
    script('namespaces', 'what is finalized by whom', [
      post('namespaces', { metadata: { name: 'f-{id}' } }),
      ...[['kubernetes', 'a.b/c'], ['plain'], ['A b/c'], ['']].map((finalizers) =>
        put('/api/v1/namespaces/f-{id}/finalize', { metadata: { name: 'f-{id}' }, spec: { finalizers } }),
      ),
      put('/api/v1/namespaces/f-{id}/finalize', { metadata: { name: 'f-{id}' }, spec: { finalizers: ['kubernetes'] } }),
      del('namespaces f-{id}'),
    ]),
    script('namespaces', 'names and bodies', [
      ...['A', 'a_b', 'a.b', '-a', 'a'.repeat(64), '1', 'default'].map((name) =>
        post('namespaces', { metadata: { name } }, { query: 'dryRun=All' }),
      ),
      post('namespaces', { metadata: { generateName: 'n-' } }, { query: 'dryRun=All' }),
      post('namespaces', { metadata: { name: 'x-{id}', namespace: 'y' } }, { query: 'dryRun=All' }),
      post(
        'namespaces',
        { metadata: { name: 'x-{id}' }, spec: { finalizers: ['a.b/c'] }, status: { phase: 'Terminating' } },
        { query: 'dryRun=All' },
      ),
      post('namespaces', { metadata: { name: 'x-{id}' }, spec: { finalizers: ['plain'] } }, { query: 'dryRun=All' }),
      apply(
        'm',
        'namespaces x-{id}',
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x-{id}' } },
        { query: 'dryRun=All' },
      ),
      put('namespaces x-{id}', { metadata: { name: 'x-{id}' } }),
      get('namespaces x-{id}'),
      del('namespaces x-{id}'),
      post('configmaps', configMap('a'), { query: 'dryRun=All' }),
      apply('m', '/api/v1/namespaces/x-{id}/configmaps/a', configMap('a')),
      apply('m', '/api/v1/namespaces/x-{id}/configmaps/a', configMap('a'), { query: 'dryRun=All' }),
      post('/apis/apps/v1/namespaces/x-{id}/deployments', object('Deployment')),
    ]),
    unordered(
      script('namespaces', 'finalizers of the namespace itself', [
        post('namespaces', { metadata: { name: 'f-{id}' }, spec: { finalizers: ['a.b/c', 'kubernetes'] } }),
        put(
          'namespaces f-{id} finalize',
          { metadata: { name: 'f-{id}' }, spec: { finalizers: ['a.b/c'] } },
          { unseen: true },
        ),
        get(`/api/v1/namespaces/f-{id}/serviceaccounts/default`, { until: 200 }),
        get('namespaces f-{id}'),
        del('namespaces f-{id}'),
        put('namespaces f-{id} finalize', { metadata: { name: 'f-{id}' }, spec: { finalizers: [] } }),
        get('namespaces f-{id}', { until: 404 }),
        post('namespaces', { metadata: { name: 'g-{id}', finalizers: ['a.b/c'] } }),
        del('namespaces g-{id}'),
        get('namespaces g-{id}', {
          untilSeen: (body) => (body as { spec?: { finalizers?: unknown[] } }).spec?.finalizers === undefined,
        }),
        merge('namespaces g-{id}', { metadata: { finalizers: null } }),
        get('namespaces g-{id}', { until: 404 }),
      ]),
    ),
    unordered(
      script('namespaces', 'kinds of every group go with it', [
        post('namespaces', { metadata: { name: 'k-{id}' } }),
        ...['Deployment', 'Service', 'Secret', 'Job', 'Pod', 'Role', 'Lease', 'Ingress'].map((kind) => {
          const { apiVersion, body, resource } = sampleIn(kind);
          return post(resource, { apiVersion, kind, metadata: { name: 'a' }, ...body });
        }),
        del('namespaces k-{id}'),
        get('namespaces k-{id}', { until: 404 }),
        get('/api/v1/namespaces/k-{id}/pods'),
        get('/apis/apps/v1/namespaces/k-{id}/deployments'),
        get('/apis/batch/v1/namespaces/k-{id}/jobs/a'),
      ]),
    ),
  ];
}

function sampleIn(kind: string): {
  readonly resource: string;
  readonly apiVersion: unknown;
  readonly body: Readonly<Record<string, unknown>>;
} {
  const { apiVersion, kind: _kind, metadata: _metadata, ...body } = object(kind);
  const plural = kind === 'Ingress' ? 'ingresses' : `${kind.toLowerCase()}s`;
  const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`;
  return { resource: `${base}/namespaces/k-{id}/${plural}`, apiVersion, body };
}
