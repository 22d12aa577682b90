import { compareForApply, dependencies, directivesOf, parseRefKey, refKey, refOf, requiredBy } from '@homeostat/kube';
import type { DependencyGraph, DependencyNode, KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { annotated, object } from './objects.ts';
import { property } from './property.ts';
import type { Random } from './property.ts';

const DEPENDS_ON = 'homeostat.dev/depends-on';
const WAVE = 'homeostat.dev/wave';

describe('implied dependencies', () => {
  test('an object needs its Namespace, and a custom resource its definition', () => {
    expect(
      edges([
        object('example.com/v1 Widget demo/w'),
        object('example.com/v1 Gadget demo/g'),
        definition('Widget'),
        object('v1 Namespace demo'),
        object('v1 Namespace other'),
      ]),
    ).toEqual({
      '/Namespace//demo': [],
      '/Namespace//other': [],
      'apiextensions.k8s.io/CustomResourceDefinition//widgets.example.com': [],
      'example.com/Gadget/demo/g': ['implied /Namespace//demo'],
      'example.com/Widget/demo/w': [
        'implied /Namespace//demo',
        'implied apiextensions.k8s.io/CustomResourceDefinition//widgets.example.com',
      ],
    });
  });

  test('a binding needs its role', () => {
    const rbac = 'rbac.authorization.k8s.io';
    const roleRef = (kind: string, name: string) => ({ roleRef: { apiGroup: rbac, kind, name }, subjects: [] });
    const graph = edges([
      object(`${rbac}/v1 RoleBinding demo/a`, roleRef('Role', 'r')),
      object(`${rbac}/v1 RoleBinding demo/b`, roleRef('ClusterRole', 'r')),
      object(`${rbac}/v1 ClusterRoleBinding c`, roleRef('ClusterRole', 'r')),
      object(`${rbac}/v1 RoleBinding demo/d`, roleRef('ClusterRole', 'view')),
      object(`${rbac}/v1 RoleBinding other/e`, roleRef('Role', 'r')),
      object(`${rbac}/v1 Role demo/r`),
      object(`${rbac}/v1 ClusterRole r`),
    ]);
    expect(graph[`${rbac}/RoleBinding/demo/a`]).toEqual([`implied ${rbac}/Role/demo/r`]);
    expect(graph[`${rbac}/RoleBinding/demo/b`]).toEqual([`implied ${rbac}/ClusterRole//r`]);
    expect(graph[`${rbac}/ClusterRoleBinding//c`]).toEqual([`implied ${rbac}/ClusterRole//r`]);
    expect(graph[`${rbac}/RoleBinding/demo/d`]).toEqual([]);
    expect(graph[`${rbac}/RoleBinding/other/e`]).toEqual([]);
  });

  test('a webhook configuration and an APIService need their Service, and want what stands behind it', () => {
    const service = { namespace: 'demo', name: 'hook' };
    const graph = edges([
      object('admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration guard', {
        webhooks: [
          { clientConfig: { service } },
          { clientConfig: { service } },
          { clientConfig: { url: 'https://x' } },
        ],
      }),
      object('apiregistration.k8s.io/v1 APIService v1.metrics.example.com', {
        spec: { group: 'metrics.example.com', version: 'v1', service },
      }),
      object('metrics.example.com/v1 Sample demo/s'),
      object('metrics.example.com/v2 Sample demo/t'),
      object('v1 Service demo/hook', { spec: { selector: { app: 'hook' } } }),
      workload('apps/v1 Deployment demo/hook', {}, { app: 'hook', tier: 'x' }),
      workload('apps/v1 Deployment demo/other', {}, { app: 'other' }),
      workload('apps/v1 Deployment elsewhere/hook', {}, { app: 'hook' }),
    ]);
    const backend = ['implied /Service/demo/hook', 'soft apps/Deployment/demo/hook'];
    expect(graph['admissionregistration.k8s.io/ValidatingWebhookConfiguration//guard']).toEqual(backend);
    expect(graph['apiregistration.k8s.io/APIService//v1.metrics.example.com']).toEqual(backend);
    expect(graph['metrics.example.com/Sample/demo/s']).toEqual([
      'implied apiregistration.k8s.io/APIService//v1.metrics.example.com',
    ]);
    expect(graph['metrics.example.com/Sample/demo/t']).toEqual([]);
  });

  test('a Service that selects nothing has no backend', () => {
    const graph = edges([
      object('apiregistration.k8s.io/v1 APIService v1.x.io', {
        spec: { group: 'x.io', version: 'v1', service: { namespace: 'demo', name: 'hook' } },
      }),
      object('v1 Service demo/hook', { spec: { type: 'ExternalName' } }),
      workload('apps/v1 Deployment demo/hook', {}, { app: 'hook' }),
    ]);
    expect(graph['apiregistration.k8s.io/APIService//v1.x.io']).toEqual(['implied /Service/demo/hook']);
  });
});

describe('soft dependencies', () => {
  const named = [
    'account',
    'pull',
    'vol-map',
    'vol-secret',
    'claim',
    'proj-map',
    'proj-secret',
    'azure',
    'csi',
    'ceph',
  ];
  const used = ['env-map', 'env-secret', 'from-map', 'from-secret', 'init-secret'];
  const pod = {
    serviceAccountName: 'account',
    imagePullSecrets: [{ name: 'pull' }, {}],
    priorityClassName: 'high',
    runtimeClassName: 'gvisor',
    volumes: [
      { name: 'a', configMap: { name: 'vol-map' } },
      { name: 'b', secret: { secretName: 'vol-secret' } },
      { name: 'c', persistentVolumeClaim: { claimName: 'claim' } },
      {
        name: 'd',
        projected: {
          sources: [
            { configMap: { name: 'proj-map' } },
            { secret: { name: 'proj-secret' } },
            { serviceAccountToken: {} },
          ],
        },
      },
      { name: 'e', azureFile: { secretName: 'azure' } },
      { name: 'f', csi: { nodePublishSecretRef: { name: 'csi' } } },
      { name: 'g', cephfs: { secretRef: { name: 'ceph' } } },
      { name: 'h', emptyDir: {} },
    ],
    initContainers: [
      { name: 'i', env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'init-secret', key: 'p' } } }] },
    ],
    containers: [
      {
        name: 'c',
        env: [
          { name: 'A', value: 'x' },
          { name: 'B', valueFrom: { configMapKeyRef: { name: 'env-map', key: 'b' } } },
          { name: 'C', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'c' } } },
          { name: 'D', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        envFrom: [{ configMapRef: { name: 'from-map' } }, { secretRef: { name: 'from-secret' } }],
      },
    ],
  };
  const present = [
    object('v1 ServiceAccount demo/account'),
    object('v1 PersistentVolumeClaim demo/claim'),
    object('scheduling.k8s.io/v1 PriorityClass high'),
    object('node.k8s.io/v1 RuntimeClass gvisor'),
    ...[...named, ...used].flatMap((name) => {
      if (name === 'account' || name === 'claim') return [];
      return [object(`v1 ${name.endsWith('map') ? 'ConfigMap' : 'Secret'} demo/${name}`)];
    }),
    object('v1 Secret demo/unused'),
    object('v1 Secret other/pull'),
  ];
  const wanted = [
    'node.k8s.io/RuntimeClass//gvisor',
    'scheduling.k8s.io/PriorityClass//high',
    '/ServiceAccount/demo/account',
    ...['env-map', 'from-map', 'proj-map', 'vol-map'].map((name) => `/ConfigMap/demo/${name}`),
    ...['azure', 'ceph', 'csi', 'env-secret', 'from-secret', 'init-secret', 'proj-secret', 'pull', 'vol-secret'].map(
      (name) => `/Secret/demo/${name}`,
    ),
    '/PersistentVolumeClaim/demo/claim',
  ].map((key) => `soft ${key}`);

  test.each([
    ['Pod', object('v1 Pod demo/w', { spec: pod })],
    ['Deployment', object('apps/v1 Deployment demo/w', { spec: { template: { spec: pod } } })],
    ['StatefulSet', object('apps/v1 StatefulSet demo/w', { spec: { template: { spec: pod } } })],
    ['Job', object('batch/v1 Job demo/w', { spec: { template: { spec: pod } } })],
    ['CronJob', object('batch/v1 CronJob demo/w', { spec: { jobTemplate: { spec: { template: { spec: pod } } } } })],
    ['custom Rollout', object('argoproj.io/v1alpha1 Rollout demo/w', { spec: { template: { spec: pod } } })],
  ])('a %s wants everything that its pods name', (_kind, candidate) => {
    expect(edges([...present, candidate])[refKey(refOf(candidate))]).toEqual(wanted);
  });

  test('are only those among the objects', () => {
    expect(edges([object('v1 Pod demo/w', { spec: pod })])['/Pod/demo/w']).toEqual([]);
  });

  test('a claim wants its StorageClass', () => {
    const graph = edges([
      object('v1 PersistentVolumeClaim demo/claim', { spec: { storageClassName: 'fast' } }),
      object('v1 PersistentVolumeClaim demo/none', { spec: { storageClassName: '' } }),
      object('storage.k8s.io/v1 StorageClass fast'),
    ]);
    expect(graph['/PersistentVolumeClaim/demo/claim']).toEqual(['soft storage.k8s.io/StorageClass//fast']);
    expect(graph['/PersistentVolumeClaim/demo/none']).toEqual([]);
  });

  test('give way where they would close a cycle', () => {
    const graph = dependencies([
      workload('apps/v1 Deployment demo/web', { serviceAccountName: 'sa', imagePullSecrets: [{ name: 'free' }] }),
      annotated('v1 ServiceAccount demo/sa', { [DEPENDS_ON]: 'apps/namespaces/demo/Deployment/web' }),
      object('v1 Secret demo/free'),
    ]);
    expect(printed(graph)['apps/Deployment/demo/web']).toEqual(['soft /Secret/demo/free']);
    expect(graph.cycles).toEqual([]);
  });

  test('give way to waves', () => {
    const graph = dependencies([
      annotated(
        'apps/v1 Deployment demo/web',
        { [WAVE]: '-1' },
        { spec: { template: { spec: { containers: [], serviceAccountName: 'sa' } } } },
      ),
      object('v1 ServiceAccount demo/sa'),
    ]);
    expect(printed(graph)['apps/Deployment/demo/web']).toEqual([]);
    expect(graph.cycles).toEqual([]);
  });

  test('survive malformed workloads', () => {
    const broken = [
      null,
      'x',
      [],
      { containers: {} },
      { containers: [null, { env: 'x', envFrom: [null] }], volumes: [1, { configMap: 'x' }] },
    ];
    for (const spec of broken) {
      expect(() =>
        dependencies([
          object('v1 Pod demo/p', { spec }),
          object('apps/v1 Deployment demo/d', { spec: { template: { spec } } }),
        ]),
      ).not.toThrow();
    }
  });
});

describe('explicit dependencies', () => {
  test('depends-on holds for objects here and elsewhere', () => {
    const graph = edges([
      annotated('v1 ConfigMap demo/a', { [DEPENDS_ON]: '/namespaces/demo/ConfigMap/b,/namespaces/demo/ConfigMap/far' }),
      object('v1 ConfigMap demo/b'),
    ]);
    expect(graph['/ConfigMap/demo/a']).toEqual([
      'depends-on /ConfigMap/demo/b',
      'depends-on /ConfigMap/demo/far (elsewhere)',
    ]);
  });

  test('one object that is needed for two reasons is named once, with the stronger', () => {
    const graph = edges([
      workload(
        'apps/v1 Deployment demo/web',
        { serviceAccountName: 'sa' },
        {},
        { [DEPENDS_ON]: '/namespaces/demo/ServiceAccount/sa,/Namespace/demo' },
      ),
      object('v1 ServiceAccount demo/sa'),
      object('v1 Namespace demo'),
    ]);
    expect(graph['apps/Deployment/demo/web']).toEqual([
      'implied /Namespace//demo',
      'depends-on /ServiceAccount/demo/sa',
    ]);
  });

  test('a cycle is reported to its members, and to nobody else', () => {
    const on = (name: string) => ({ [DEPENDS_ON]: `/namespaces/demo/ConfigMap/${name}` });
    const graph = dependencies([
      annotated('v1 ConfigMap demo/c', on('a')),
      annotated('v1 ConfigMap demo/a', on('b')),
      annotated('v1 ConfigMap demo/b', on('c')),
      annotated('v1 ConfigMap demo/waits', on('a')),
      annotated('v1 ConfigMap demo/self', on('self')),
      object('v1 ConfigMap demo/free'),
    ]);
    expect(graph.cycles).toEqual([
      ['/ConfigMap/demo/a', '/ConfigMap/demo/b', '/ConfigMap/demo/c'],
      ['/ConfigMap/demo/self'],
    ]);
  });
});

describe('waves', () => {
  test('stand in ascending order, objects without one in wave 0', () => {
    const { waves } = dependencies([
      annotated('v1 ConfigMap demo/late', { [WAVE]: '5' }),
      object('v1 ConfigMap demo/plain'),
      annotated('v1 ConfigMap demo/early', { 'argocd.argoproj.io/sync-wave': '-1' }),
      annotated('v1 ConfigMap demo/zero', { [WAVE]: '0' }),
    ]);
    expect(waves).toEqual([
      { wave: -1, members: ['/ConfigMap/demo/early'] },
      { wave: 0, members: ['/ConfigMap/demo/plain', '/ConfigMap/demo/zero'] },
      { wave: 5, members: ['/ConfigMap/demo/late'] },
    ]);
  });

  test('are none when all objects are in one', () => {
    expect(dependencies([annotated('v1 ConfigMap demo/a', { [WAVE]: '3' })]).waves).toEqual([]);
    expect(dependencies([]).waves).toEqual([]);
  });

  test('close a cycle against what an earlier object needs', () => {
    const { cycles } = dependencies([
      annotated('example.com/v1 Widget demo/w', { [WAVE]: '-1' }),
      definition('Widget'),
      annotated('v1 ConfigMap demo/bystander', { [WAVE]: '-1' }),
      object('v1 ConfigMap demo/later'),
    ]);
    expect(cycles).toEqual([
      ['apiextensions.k8s.io/CustomResourceDefinition//widgets.example.com', 'example.com/Widget/demo/w'],
    ]);
  });

  test('cost no edges: 20,000 objects in two waves, in a long chain, are done in no time', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      annotated(`v1 ConfigMap demo/m${i}`, {
        [WAVE]: String(Math.floor(i / 10_000)),
        ...(i > 0 && { [DEPENDS_ON]: `/namespaces/demo/ConfigMap/m${i - 1}` }),
      }),
    );
    const graph = dependencies(chain);
    expect(graph.edges.values().reduce((count, list) => count + list.length, 0)).toBe(19_999);
    expect(graph.cycles).toEqual([]);
  });
});

describe('what is required', () => {
  const required = (roots: readonly string[], objects: readonly KubeObject[]): readonly string[] =>
    [...requiredBy(roots, objects.map(node))].toSorted();

  test('is what the roots need, at any distance, and the roots themselves', () => {
    const objects = [
      object('v1 Namespace demo'),
      object('v1 Namespace other'),
      object('v1 ConfigMap demo/c'),
      object('v1 ConfigMap other/c'),
      annotated('v1 ConfigMap demo/d', { [DEPENDS_ON]: '/namespaces/demo/ConfigMap/c' }),
    ];
    expect(required(['/ConfigMap/demo/d'], objects)).toEqual([
      '/ConfigMap/demo/c',
      '/ConfigMap/demo/d',
      '/Namespace//demo',
    ]);
    expect(required(['/ConfigMap/demo/unknown'], objects)).toEqual([]);
  });

  test('is all of the earlier waves, and none of the later ones', () => {
    const objects = [-1, 0, 1, 2].map((wave) => annotated(`v1 ConfigMap demo/c${wave}`, { [WAVE]: String(wave) }));
    expect(required(['/ConfigMap/demo/c1'], objects)).toEqual([
      '/ConfigMap/demo/c-1',
      '/ConfigMap/demo/c0',
      '/ConfigMap/demo/c1',
    ]);
  });
});

describe('the work of it', () => {
  /** Workloads that name four objects each, of which there are a quarter as many. */
  const workloads = (count: number): { readonly objects: readonly KubeObject[]; readonly looks: () => number } => {
    let looks = 0;
    const objects = Array.from({ length: count }, (_, i) => {
      const shared = i % Math.ceil(count / 4);
      if (i < count / 4) return object(`v1 ConfigMap demo/c${i}`);
      const spec = {
        imagePullSecrets: [{ name: 'none' }],
        volumes: [0, 1, 2, 3].map((one) => ({ configMap: { name: `c${(shared + one) % Math.ceil(count / 4)}` } })),
      };
      const deployment = workload(`apps/v1 Deployment demo/d${i}`, spec);
      return Object.defineProperty({ ...deployment }, 'spec', {
        enumerable: true,
        get: () => ((looks += 1), deployment['spec']),
      });
    });
    return { objects, looks: () => looks };
  };

  test('is the same for each of 10,000 objects with 30,000 edges as for each of 100', () => {
    const [few, many] = [workloads(100), workloads(10_000)];
    dependencies(few.objects);
    const graph = dependencies(many.objects);
    expect([...graph.edges.values()].reduce((sum, list) => sum + list.length, 0)).toBe(30_000);
    expect(many.looks()).toBe(few.looks() * 100);
  });

  test('is the same again when all that is wished for stands in a later wave', () => {
    const late = (count: number): KubeObject[] =>
      Array.from({ length: count }, (_, i) => [
        annotated(`v1 ConfigMap demo/c${i}`, { [WAVE]: '1' }),
        workload(`apps/v1 Deployment demo/d${i}`, { volumes: [{ configMap: { name: `c${i}` } }] }),
      ]).flat();
    const graph = dependencies(late(20_000));
    expect(graph.cycles).toEqual([]);
    expect([...graph.edges.values()].every((list) => list.length === 0)).toBe(true);
  });
});

describe('laws', () => {
  property('the roots have the same dependencies among what they require as among all', (random) => {
    const objects = randomObjects(random);
    const roots = random.shuffle(objects.map((one) => refKey(refOf(one)))).slice(0, random.below(4));
    const required = requiredBy(roots, random.shuffle(objects.map(node)));
    const all = printed(dependencies(objects));
    const among = dependencies(objects.filter((one) => required.has(refKey(refOf(one)))));
    expect(printed(among)).toEqual(Object.fromEntries(Object.entries(all).filter(([key]) => required.has(key))));
    const members = new Set(among.cycles.flat());
    for (const cycle of dependencies(objects).cycles) {
      if (cycle.some((key) => required.has(key))) expect(cycle.every((key) => members.has(key))).toBe(true);
    }
  });

  property('the same objects in any order give the same graph', (random) => {
    const objects = randomObjects(random);
    expect(dependencies(random.shuffle(objects))).toEqual(dependencies(objects));
  });

  property('what is in no cycle and needs none can be started one after the other', (random) => {
    const objects = randomObjects(random);
    const graph = dependencies(objects);
    const started = start(graph);
    const stuck = [...graph.edges.keys()].filter((key) => !started.has(key));
    // Only members of cycles and what waits for them stay behind: without cycles nothing does.
    expect(stuck.length > 0).toBe(graph.cycles.length > 0);
    for (const key of graph.cycles.flat()) expect(started.has(key)).toBe(false);
  });

  property('a soft dependency is missing only where it would wait for its own object', (random) => {
    const objects = randomObjects(random);
    const graph = dependencies(objects);
    for (const { metadata, kind, ...rest } of objects) {
      if (kind !== 'Pod') continue;
      const key = `/Pod/demo/${metadata.name}`;
      const wanted = (rest['spec'] as { imagePullSecrets: { name: string }[] }).imagePullSecrets.map(
        ({ name }) => `/Secret/demo/${name}`,
      );
      for (const secret of wanted.filter((name) => graph.edges.has(name))) {
        const kept = graph.edges.get(key)?.find(({ on }) => refKey(on) === secret);
        if (kept?.kind !== 'depends-on') expect(kept === undefined).toBe(waitsFor(graph, secret, key));
      }
    }
  });
});

/** Starts whatever can be started until nothing more can be. */
function start(graph: DependencyGraph): ReadonlySet<string> {
  const started = new Set<string>();
  const waveOf = new Map(graph.waves.flatMap(({ members }, i) => members.map((key) => [key, i])));
  const open = (key: string) => {
    const before = graph.waves[(waveOf.get(key) ?? 0) - 1]?.members ?? [];
    const needed = graph.edges.get(key)?.filter(({ inSet }) => inSet) ?? [];
    return before.every((member) => started.has(member)) && needed.every(({ on }) => started.has(refKey(on)));
  };
  for (let before = -1; before !== started.size;) {
    before = started.size;
    for (const key of graph.edges.keys()) if (open(key)) started.add(key);
  }
  return started;
}

function waitsFor(graph: DependencyGraph, from: string, to: string): boolean {
  const waveOf = new Map(graph.waves.flatMap(({ members }, i) => members.map((key) => [key, i])));
  const seen = new Set<string>();
  const pending = [from];
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    if (key === to) return true;
    if (seen.has(key)) continue;
    seen.add(key);
    pending.push(...(graph.edges.get(key) ?? []).map(({ on }) => refKey(on)));
    pending.push(...(graph.waves[(waveOf.get(key) ?? 0) - 1]?.members ?? []));
  }
  return false;
}

function node(one: KubeObject): DependencyNode {
  const ref = refOf(one);
  return { key: refKey(ref), ref, object: one, directives: directivesOf(one).directives };
}

function randomObjects(random: Random): KubeObject[] {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const annotations = () => ({
    ...(random.below(4) === 0 && { [WAVE]: String(random.below(3) - 1) }),
    ...(random.below(3) === 0 && {
      [DEPENDS_ON]: `/namespaces/demo/${random.pick(['Secret', 'Pod'])}/${random.pick(names)}`,
    }),
  });
  const all = names.flatMap((name) => [
    annotated(`v1 Secret demo/${name}`, annotations()),
    annotated(`v1 Pod demo/${name}`, annotations(), {
      spec: { containers: [], imagePullSecrets: random.list(3, () => ({ name: random.pick(names) })) },
    }),
  ]);
  return random.shuffle(all).slice(random.below(3));
}

function edges(objects: readonly KubeObject[]): Record<string, string[]> {
  return printed(dependencies(objects));
}

function printed(graph: DependencyGraph): Record<string, string[]> {
  for (const list of graph.edges.values()) {
    expect(list.map(({ on }) => on)).toEqual(list.map(({ on }) => on).toSorted(compareForApply));
  }
  const sorted = [...graph.edges].sort(([a], [b]) => compareForApply(parseRefKey(a), parseRefKey(b)));
  return Object.fromEntries(
    sorted.map(([key, list]) => [
      key,
      list.map(({ kind, on, inSet }) => `${kind} ${refKey(on)}${inSet ? '' : ' (elsewhere)'}`),
    ]),
  );
}

function definition(kind: string): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  return object(`apiextensions.k8s.io/v1 CustomResourceDefinition ${plural}.example.com`, {
    spec: { group: 'example.com', names: { kind, plural } },
  });
}

function workload(
  title: string,
  spec: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>> = {},
  annotations: Readonly<Record<string, string>> = {},
): KubeObject {
  return annotated(title, annotations, {
    spec: { template: { metadata: { labels }, spec: { containers: [], ...spec } } },
  });
}
