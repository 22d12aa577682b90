import { describe, expect, test } from 'vitest';
import { KubeError } from '@homeostat/kube';
import { Discoverer } from '../src/http/discoverer.ts';
import type { DocumentAnswer } from '../src/http/discoverer.ts';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const core = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'configmaps',
              responseKind: { group: '', version: '', kind: 'ConfigMap' },
              scope: 'Namespaced',
              singularResource: 'configmap',
              verbs,
              shortNames: ['cm'],
            },
            { resource: 'bindings', scope: 'Namespaced', subresources: [{ subresource: 'only' }] },
          ],
        },
      ],
    },
  ],
};
const groups = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  items: [
    {
      metadata: { name: 'autoscaling' },
      versions: ['v2', 'v1'].map((version) => ({
        version,
        freshness: 'Current',
        resources: [
          {
            resource: 'horizontalpodautoscalers',
            responseKind: { group: '', version: '', kind: 'HorizontalPodAutoscaler' },
            scope: 'Namespaced',
            singularResource: 'horizontalpodautoscaler',
            verbs,
            shortNames: ['hpa'],
            categories: ['all'],
            subresources: [
              {
                subresource: 'status',
                responseKind: { kind: 'HorizontalPodAutoscaler' },
                verbs: ['get', 'patch', 'update'],
              },
            ],
          },
        ],
      })),
    },
    { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] },
  ],
};
/** What a server before 1.26 answers, and one without a group that can be read. */
const legacy: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [
      { name: 'autoscaling', versions: [{ version: 'v1' }, { version: 'v2' }], preferredVersion: { version: 'v2' } },
      { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }], preferredVersion: { version: 'v1beta1' } },
    ],
  },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { name: 'configmaps', singularName: 'configmap', namespaced: true, kind: 'ConfigMap', verbs, shortNames: ['cm'] },
      { name: 'namespaces', singularName: 'namespace', namespaced: false, kind: 'Namespace', verbs },
      { name: 'namespaces/finalize', singularName: '', namespaced: false, kind: 'Namespace', verbs: ['update'] },
    ],
  },
  '/apis/autoscaling/v1': hpaList('v1'),
  '/apis/autoscaling/v2': hpaList('v2'),
};

function hpaList(version: string): unknown {
  const resource = {
    name: 'horizontalpodautoscalers',
    singularName: 'horizontalpodautoscaler',
    namespaced: true,
    kind: 'HorizontalPodAutoscaler',
    verbs,
  };
  return {
    kind: 'APIResourceList',
    groupVersion: `autoscaling/${version}`,
    resources: [resource, { ...resource, name: 'horizontalpodautoscalers/status' }],
  };
}

/** A discoverer over documents at paths, what it asked for, and its clock. */
function discovering(documents: Record<string, unknown>): {
  readonly discoverer: Discoverer;
  readonly asked: string[];
  readonly clock: { now: number };
  readonly documents: Record<string, unknown>;
} {
  const asked: string[] = [];
  const clock = { now: 1_000_000 };
  const discoverer = new Discoverer(
    async (path, { etag }): Promise<DocumentAnswer> => {
      asked.push(etag === undefined ? path : `${path} unless ${etag}`);
      await Promise.resolve();
      const body = documents[path];
      if (body === undefined) throw new KubeError('UNAVAILABLE', `${path} is away`);
      const current = `"${JSON.stringify(body).length}"`;
      return etag === current ? { answer: 'unchanged' } : { answer: 'document', body, etag: current };
    },
    () => clock.now,
  );
  return { discoverer, asked, clock, documents };
}

const aggregated = { '/api': core, '/apis': groups };
const hpa = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' };

describe('discovery', () => {
  test('is two requests, whoever asks at the same time and however often', async () => {
    const { discoverer, asked } = discovering(aggregated);
    const answers = await Promise.all([discoverer.current(), discoverer.current(), discoverer.current()]);
    expect(new Set([...answers, await discoverer.current()]).size).toBe(1);
    expect(asked).toEqual(['/api', '/apis']);
  });

  test('prefers the first version of a group and leaves out what only has subresources', async () => {
    const resources = await discovering(aggregated).discoverer.current();
    expect(resources.all.map((resource) => `${resource.group}/${resource.version}/${resource.kind}`)).toEqual([
      '/v1/ConfigMap',
      'autoscaling/v2/HorizontalPodAutoscaler',
      'autoscaling/v1/HorizontalPodAutoscaler',
    ]);
    expect(resources.find(hpa)).toMatchObject({ version: 'v2', subresources: ['status'], categories: ['all'], verbs });
    expect(resources.find({ ...hpa, version: 'v1' })).toMatchObject({ version: 'v1' });
  });

  test('names a group that is stale, and keeps the others', async () => {
    const resources = await discovering(aggregated).discoverer.current();
    expect(resources.degraded).toEqual(['metrics.k8s.io/v1beta1']);
  });

  test('falls back to the legacy lists; a group that fails is degraded, the others are found', async () => {
    const { discoverer, asked } = discovering(legacy);
    const resources = await discoverer.current();
    expect(resources.degraded).toEqual(['metrics.k8s.io/v1beta1']);
    expect(resources.find(hpa)).toMatchObject({
      version: 'v2',
      plural: 'horizontalpodautoscalers',
      subresources: ['status'],
    });
    expect(resources.find({ group: '', kind: 'Namespace' })).toMatchObject({
      namespaced: false,
      subresources: ['finalize'],
    });
    expect(asked.toSorted()).toEqual([
      '/api',
      '/api/v1',
      '/apis',
      '/apis/autoscaling/v1',
      '/apis/autoscaling/v2',
      '/apis/metrics.k8s.io/v1beta1',
    ]);
  });

  test('asks again after a change, unless nothing is new, and hands out nothing older', async () => {
    const { discoverer, asked, documents } = discovering(aggregated);
    const before = discoverer.current();
    discoverer.invalidate();
    const after = discoverer.current();
    expect(await before).not.toBe(await after);
    expect(await discoverer.current()).toBe(await after);
    expect(asked).toEqual(['/api', '/apis', '/api', '/apis']);
    documents['/apis'] = { ...groups, items: [] };
    discoverer.invalidate();
    expect((await discoverer.current()).find(hpa)).toBeUndefined();
    asked.length = 0;
    discoverer.invalidate();
    await discoverer.current();
    expect(asked).toEqual([
      `/api unless "${JSON.stringify(core).length}"`,
      `/apis unless "${JSON.stringify(documents['/apis']).length}"`,
    ]);
  });

  test('looks for an unknown kind at most every five seconds, and every 100 ms after a change', async () => {
    const { discoverer, asked, clock } = discovering(aggregated);
    await discoverer.current();
    const asks = async (afterMs: number): Promise<number> => {
      clock.now += afterMs;
      asked.length = 0;
      await Promise.all([discoverer.newer(), discoverer.newer()]);
      return asked.length;
    };
    expect(await asks(4_999)).toBe(0);
    expect(await asks(1)).toBe(2);
    expect(await asks(4_999)).toBe(0);
    discoverer.invalidate();
    expect(await asks(0)).toBe(2);
    expect(await asks(99)).toBe(0);
    expect(await asks(1)).toBe(2);
    expect(await asks(30_000)).toBe(2);
    expect(await asks(100)).toBe(0);
  });

  test('that failed is tried anew by the next caller', async () => {
    const { discoverer, documents } = discovering({ '/api': core });
    await expect(discoverer.current()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    documents['/apis'] = groups;
    expect((await discoverer.current()).find(hpa)).toBeDefined();
  });

  test('that is answered with something else is PROTOCOL', async () => {
    const { discoverer } = discovering({ '/api': core, '/apis': { hello: 'world' } });
    await expect(discoverer.current()).rejects.toMatchObject({ code: 'PROTOCOL' });
  });
});
