/** How it must behave: objects that another tool manages, and that become ours. */
import { describe, expect } from 'vitest';
import { PART_OF_LABEL, isMember, setIdentity } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import type { AdoptSource } from '@homeostat/reconcile';
import {
  configMap,
  deployment,
  eventually,
  inNamespace,
  scenarioTest as story,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

const managers = { current: 'homeostat', former: [] };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

interface Tool {
  readonly source: AdoptSource;
  readonly owner: string;
  readonly manager: string;
  /** Server-side apply, or an update as a client-side apply or a PUT is. */
  readonly by: 'apply' | 'update';
  readonly labels?: Record<string, string>;
  readonly annotations?: (namespace: string) => Record<string, string>;
  /** What has to be done there. */
  readonly advice: string;
}

/** What each tool leaves on a ConfigMap `web`. */
const TOOLS: readonly Tool[] = [
  {
    source: 'flux',
    owner: 'the Flux Kustomization flux-system/apps',
    manager: 'kustomize-controller',
    by: 'apply',
    labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
    advice: 'flux suspend kustomization apps -n flux-system',
  },
  {
    source: 'argocd',
    owner: 'the Argo CD application shop',
    manager: 'argocd-controller',
    by: 'update',
    annotations: (namespace) => ({
      'argocd.argoproj.io/tracking-id': `shop:/ConfigMap:${namespace}/web`,
      [LAST_APPLIED]: '{}',
    }),
    advice: 'argocd app set shop --sync-policy none',
  },
  {
    source: 'cli-utils',
    owner: 'the cli-utils inventory 12-34 (kpt, GitLab agent)',
    manager: 'agentk',
    by: 'apply',
    annotations: () => ({ 'config.k8s.io/owning-inventory': '12-34' }),
    advice: 'cli-utils.sigs.k8s.io/inventory-id: 12-34',
  },
  {
    source: 'kapp',
    owner: 'the kapp application 1700000000000000000',
    manager: 'kapp',
    by: 'update',
    labels: { 'kapp.k14s.io/app': '1700000000000000000', 'kapp.k14s.io/association': 'v1.abc' },
    annotations: (namespace) => ({
      'kapp.k14s.io/identity': `v1;${namespace}//ConfigMap/web;v1`,
      'kapp.k14s.io/original': '{}',
    }),
    advice: 'spec.paused: true',
  },
  {
    source: 'config-sync',
    owner: 'Config Sync (:root)',
    manager: 'configsync',
    by: 'apply',
    annotations: (namespace) => ({
      'configmanagement.gke.io/managed': 'enabled',
      'configsync.gke.io/resource-id': `_configmap_${namespace}_web`,
      'configsync.gke.io/manager': ':root',
      'config.k8s.io/owning-inventory': 'config-management-system_root-sync',
    }),
    advice: 'configmanagement.gke.io/managed: disabled',
  },
];

/** The object as the tool leaves it, and how to make the tool write it (again). */
async function managedBy(tool: Tool, client: Client, namespace: string): Promise<() => Promise<KubeObject>> {
  const web = configMap('web', { a: 'tool', dropped: '1' });
  const object: KubeObject = {
    ...web,
    metadata: {
      name: 'web',
      namespace,
      ...(tool.labels !== undefined && { labels: tool.labels }),
      ...(tool.annotations !== undefined && { annotations: tool.annotations(namespace) }),
    },
  };
  const write = async (): Promise<KubeObject> =>
    (await client.apply(object, { manager: tool.manager, force: true })).object;
  if (tool.by === 'apply') await write();
  else await client.create(object, { manager: tool.manager });
  return write;
}

function marksOf({ metadata: { labels, annotations } }: KubeObject): readonly string[] {
  return Object.keys({ ...labels, ...annotations }).filter((key) => !/^(applyset\.kubernetes|homeostat)\./.test(key));
}

describe.each(TOOLS)('an object of $source', (tool) => {
  story('is refused without consent: owner, policy line and the next step are named', async ({ scenario, client }) => {
    const world = await scenario();
    await managedBy(tool, client, world.namespace);
    const before = await world.expectLive(configMap('web', { a: 'tool' }));
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed ConfigMap web (conflict)']);
    const message = report.objects[0]?.message ?? '';
    expect(message).toContain(`belongs to ${tool.owner}`);
    expect(message).toContain(`the policy adoptFrom: [${tool.source}]`);
    expect(message).toContain(tool.advice);
    const live = await world.expectLive(configMap('web', { a: 'tool' }));
    expect(live.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  story(
    'is taken over with all its fields and without a mark; another source takes nothing',
    async ({ scenario, client }) => {
      const world = await scenario();
      await managedBy(tool, client, world.namespace);
      const { metadata } = await world.expectLive(configMap('web', { a: 'tool' }));
      await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
      const process = await world.process({ policy: { adoptFrom: [tool.source] } });
      const plan = await process.plan();
      expect(plan.items).toMatchObject([{ action: 'adopt', owner: tool.owner }]);
      expect(plan.findings).toMatchObject([{ code: 'TAKE_OVER', severity: 'warning' }]);
      expect(plan.findings[0]?.message).toContain(tool.owner);
      expect(plan.findings[0]?.hint).toContain(tool.advice);

      const report = await process.reconcile();
      expect(told(report)).toEqual(['adopted ConfigMap web']);
      expect(report.objects[0]?.message).toContain(`from ${tool.owner}`);
      const live = await world.expectLive(configMap('web', { a: 'git' }));
      expect(live['data']).toEqual({ a: 'git' });
      expect(live.metadata.uid).toBe(metadata.uid);
      expect(marksOf(live)).toEqual([]);
      expect(live.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['homeostat']);
      expect(isMember(live, setIdentity(world.namespace, 'site'), managers)).toBe(true);
      // Once taken, the consent is not needed any more.
      const after = await world.reconcile();
      expect(told(after)).toEqual(['unchanged ConfigMap web']);
      expect(after.findings).toEqual([]);
    },
  );

  story(
    'that the tool goes on writing is told in every report, and goes back and forth no further than that',
    async ({ scenario, client }) => {
      const world = await scenario({ policy: { adoptFrom: [tool.source] } });
      const writeAgain = await managedBy(tool, client, world.namespace);
      await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
      await world.reconcile();
      await writeAgain();
      const report = await world.reconcile();
      expect(told(report)).toEqual(['updated ConfigMap web']);
      expect(report.findings).toMatchObject([{ code: 'MANAGED_TWICE' }]);
      expect(report.findings[0]?.message).toContain(`${tool.owner} still manages`);
      expect(report.objects[0]?.message).toContain(`took over the fields of ${tool.manager}`);
      const live = await world.expectLive(configMap('web', { a: 'git' }));
      expect(live['data']).toEqual({ a: 'git' });
      expect(marksOf(live)).toEqual([]);
      expect((await world.reconcile()).findings).toEqual([]);
    },
  );
});

story('a tool that keeps writing other values is a fight, which names it', async ({ scenario, client }) => {
  const [flux] = TOOLS;
  const world = await scenario({ policy: { adoptFrom: ['flux'] } });
  const writeAgain = await managedBy(flux!, client, world.namespace);
  await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
  const process = await world.process();
  const loop = process.loop();
  // Taken over, by one pass: what is written from now on is drift.
  await eventually(() => expect(loop.report?.state).toBe('Ready'));
  const fights = () => process.events.filter(({ type }) => type === 'fight');
  for (let round = 0; round < 30 && fights().length === 0; round += 1) {
    await eventually(() => world.expectLive(configMap('web', { a: 'git' })));
    await writeAgain();
  }
  // It may have come to a second by now.
  await eventually(() =>
    expect(fights()[0]).toMatchObject({ fields: ['.data.a'], managers: ['kustomize-controller'] }),
  );
});

story('adopt: always takes over as well, whoever it is', async ({ scenario, client }) => {
  for (const tool of TOOLS.slice(0, 2)) {
    const world = await scenario({ name: `site-${tool.source}`, policy: { adopt: 'always' } });
    await managedBy(tool, client, world.namespace);
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
    expect(told(await world.reconcile())).toEqual(['adopted ConfigMap web']);
    const live = await world.expectLive(configMap('web', { a: 'git' }));
    expect(marksOf(live)).toEqual([]);
    await client.delete({ group: '', kind: 'ConfigMap', namespace: world.namespace, name: 'web' });
  }
});

story(
  'an object of a set of kubectl is refused by the id of the set, and goes over with adopt: always',
  async ({ scenario, client }) => {
    const world = await scenario();
    const theirs = setIdentity(world.namespace, 'theirs').id;
    const metadata = { name: 'web', namespace: world.namespace, labels: { [PART_OF_LABEL]: theirs } };
    await client.apply({ ...configMap('web', { a: 'tool', dropped: '1' }), metadata }, { manager: 'kubectl' });
    await world.commit({ 'web.yaml': configMap('web', { a: 'git' }) });
    const refused = await world.reconcile();
    expect(refused.objects[0]?.message).toContain(
      `belongs to the set ${theirs}; to take it over, set the policy adopt: always`,
    );
    expect(told(await world.reconcile({ adopt: 'always' }))).toEqual(['adopted ConfigMap web']);
    const live = await world.expectLive(configMap('web', { a: 'git' }));
    expect(live['data']).toEqual({ a: 'git' });
    expect(isMember(live, setIdentity(world.namespace, 'site'), managers)).toBe(true);
  },
);

story('kubectl’s objects alone are taken with adopt: never and adoptFrom: [kubectl]', async ({ scenario, client }) => {
  const world = await scenario({ policy: { adopt: 'never', adoptFrom: ['kubectl'] } });
  const create = (name: string, manager: string) =>
    client.create(inNamespace(configMap(name, { a: 'hand' }), world.namespace), { manager });
  await create('applied', 'kubectl-client-side-apply');
  await create('created', 'kubectl-create');
  await world.commit({ 'all.yaml': [configMap('applied', { a: 'git' }), configMap('created', { a: 'git' })] });
  expect(told(await world.reconcile())).toEqual(['adopted ConfigMap applied', 'failed ConfigMap created (conflict)']);
});

/** One pass takes the Deployment over. Its rollout may write its status at that very moment: then it is `stale`, and left to the next pass. */
async function adopts(world: World): Promise<void> {
  expect(told(await world.reconcile())).toEqual(['adopted Deployment web']);
}

story('a field that is left to others keeps the value that the former owner gave it', async ({ scenario, client }) => {
  const world = await scenario({
    policy: { adoptFrom: ['flux'], ignore: [{ pointers: ['/spec/replicas'] }], wait: false },
  });
  const web = deployment('web', { replicas: 3, minReadySeconds: 7 });
  const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps' };
  await client.apply(
    { ...web, metadata: { name: 'web', namespace: world.namespace, labels } },
    { manager: 'kustomize-controller' },
  );
  await world.commit({ 'web.yaml': deployment('web', { replicas: 1 }) });
  await eventually(() => adopts(world));
  const live = await world.expectLive(deployment('web', { replicas: 3 }));
  expect(live['spec']).not.toHaveProperty('minReadySeconds');
  expect(live.metadata.labels).not.toHaveProperty(['kustomize.toolkit.fluxcd.io/name']);
});

story('no value is ever reset on the way', async ({ scenario, client, connect }) => {
  const world = await scenario({ policy: { adoptFrom: ['flux'], wait: false } });
  const web = deployment('web', { replicas: 3 });
  const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps' };
  await client.apply(
    { ...web, metadata: { name: 'web', namespace: world.namespace, labels } },
    { manager: 'kustomize-controller' },
  );
  await world.commit({ 'web.yaml': web });
  const watching = await connect();
  const resource = (await watching.resources()).find({ group: 'apps', kind: 'Deployment' })!;
  const seen: unknown[] = [];
  const stop = new AbortController();
  let resourceVersion = '';
  for await (const page of watching.list(resource, { namespace: world.namespace }))
    resourceVersion = page.resourceVersion;
  const events = (async () => {
    const options = { namespace: world.namespace, resourceVersion, signal: stop.signal };
    for await (const event of watching.watch(resource, options))
      if (event.type === 'MODIFIED') seen.push((event.object['spec'] as { replicas?: number }).replicas);
  })().catch(() => {});
  await eventually(() => adopts(world));
  await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(2));
  stop.abort();
  await events;
  expect(new Set(seen)).toEqual(new Set([3]));
});
