/** How it must behave: each guard of pruning, one story each, in the order in which they are asked. */
import { describe, expect } from 'vitest';
import { PART_OF_LABEL, MANAGED_ANNOTATION, refOf, setIdentity } from '@homeostat/kube';
import type { KubeObject, Propagation } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  inNamespace,
  namespaceObject,
  randomName,
  scenarioTest as story,
  service,
  told,
} from '../../../test/support/scenario.ts';

const claim: KubeObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
};

describe('an object that is asked to be kept', () => {
  story('stays, in the set, by the annotation of any tool', async ({ scenario }) => {
    const world = await scenario();
    const asks: Readonly<Record<string, Record<string, string>>> = {
      ours: { 'homeostat.dev/prune': 'false' },
      flux: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
      argo: { 'argocd.argoproj.io/sync-options': 'Prune=false' },
      helm: { 'helm.sh/resource-policy': 'keep' },
    };
    const kept = Object.entries(asks).map(([name, annotations]) => annotated(configMap(name), annotations));
    await world.commit({ 'a.yaml': configMap('a'), 'kept.yaml': kept });
    await world.reconcile();
    await world.commit({ 'kept.yaml': null });
    expect(told(await world.reconcile())).toEqual([
      ...['argo', 'flux', 'helm', 'ours'].map((name) => `kept ConfigMap ${name} (annotated)`),
      'unchanged ConfigMap a',
    ]);
    for (const object of kept) await world.expectLive(object);
  });

  story('is set free, with all its values, by those that mean to let go', async ({ scenario }) => {
    const world = await scenario();
    const asks: Readonly<Record<string, Record<string, string>>> = {
      detach: { 'client.lifecycle.config.k8s.io/deletion': 'detach' },
      kpt: { 'cli-utils.sigs.k8s.io/on-remove': 'keep' },
    };
    const freed = Object.entries(asks).map(([name, annotations]) => annotated(configMap(name), annotations));
    await world.commit({ 'a.yaml': configMap('a'), 'freed.yaml': freed });
    await world.reconcile();
    await world.commit({ 'freed.yaml': null });
    expect(told(await world.reconcile())).toEqual([
      'released ConfigMap detach',
      'released ConfigMap kpt',
      'unchanged ConfigMap a',
    ]);
    for (const object of freed) {
      const live = await world.expectLive(object);
      expect(live['data']).toEqual({ a: '1' });
      expect(live.metadata.labels ?? {}).not.toHaveProperty([PART_OF_LABEL]);
      expect(live.metadata.annotations ?? {}).not.toHaveProperty([MANAGED_ANNOTATION]);
      expect(live.metadata.managedFields?.some(({ manager }) => manager === 'homeostat') ?? false).toBe(false);
    }
    // It is nobody's now: it comes back into the set as any object that is there.
    await world.commit({ 'freed.yaml': freed });
    expect(told(await world.reconcile())).toContain('adopted ConfigMap detach');
  });

  story(
    'by an annotation that somebody added by hand: Git names it no longer, so that counts',
    async ({ scenario, client }) => {
      const world = await scenario();
      await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
      await world.reconcile();
      const annotations = { 'homeostat.dev/prune': 'false' };
      const b = refOf(inNamespace(configMap('b'), world.namespace));
      await client.patch(b, { type: 'merge', value: { metadata: { annotations } } });
      await world.commit({ 'b.yaml': null });
      expect(told(await world.reconcile())).toContain('kept ConfigMap b (annotated)');
    },
  );
});

story('a claim stays unless the policy names its kind', async ({ scenario }) => {
  const world = await scenario({ policy: { wait: false } });
  await world.commit({ 'a.yaml': configMap('a'), 'data.yaml': claim });
  await world.reconcile();
  await world.commit({ 'data.yaml': null });
  expect(told(await world.reconcile())).toContain('kept PersistentVolumeClaim data (protected-kind)');
  expect(told(await world.reconcile({ pruneKinds: ['PersistentVolumeClaim'] }))).toContain(
    'pruned PersistentVolumeClaim data',
  );
});

describe('a Namespace that the policy allows to be pruned', () => {
  const policy = { pruneKinds: ['Namespace'] };

  story('stays if its name is kube-*', async ({ scenario, raw, onTestFinished }) => {
    const name = randomName('kube-test');
    onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${name}`)));
    const world = await scenario({ policy });
    await world.commit({ 'a.yaml': configMap('a'), 'home.yaml': namespaceObject(name) });
    await world.reconcile();
    await world.commit({ 'home.yaml': null });
    expect(told(await world.reconcile())).toContain(`kept Namespace ${name} (protected-namespace)`);
  });

  story(
    'stays while an object in it is desired, or is somebody else’s, and says which',
    async ({ scenario, raw, client, onTestFinished }) => {
      const name = randomName('home');
      onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${name}`)));
      const world = await scenario({ policy });
      const inside = inNamespace(configMap('inside'), name);
      const foreign = inNamespace(configMap('foreign'), name);
      await world.commit({
        'a.yaml': configMap('a'),
        'home.yaml': namespaceObject(name),
        'inside.yaml': inside,
      });
      await world.reconcile();
      await client.create(foreign);

      await world.commit({ 'home.yaml': null });
      const desired = await world.reconcile();
      expect(told(desired)).toContain(`kept Namespace ${name} (namespace-in-use)`);
      expect(desired.orphans[0]?.message).toContain(`ConfigMap ${name}/inside`);

      await world.commit({ 'inside.yaml': null });
      const shared = await world.reconcile();
      expect(told(shared)).toEqual([
        `kept Namespace ${name} (namespace-in-use)`,
        'pruned ConfigMap inside',
        'unchanged ConfigMap a',
      ]);
      expect(shared.orphans.find(({ ref }) => ref.kind === 'Namespace')?.message).toContain(
        `ConfigMap ${name}/foreign`,
      );
      await world.expectLive(foreign);

      await client.delete(refOf(foreign));
      expect(told(await world.reconcile())).toContain(`pruned Namespace ${name}`);
      await world.expectGone(namespaceObject(name));
    },
  );

  story('is not gone in time: whatever in it holds it is named', async ({ scenario, raw, client, onTestFinished }) => {
    const name = randomName('home');
    const held = inNamespace(configMap('held'), name);
    const free = { type: 'merge', value: { metadata: { finalizers: null } } } as const;
    onTestFinished(async () => {
      await client.patch(refOf(held), free).catch(() => {});
      await raw('DELETE', `/api/v1/namespaces/${name}`);
    });
    const world = await scenario({ policy: { ...policy, waitTimeout: 500 } });
    await world.commit({ 'a.yaml': configMap('a'), 'home.yaml': namespaceObject(name) });
    await world.reconcile();
    const controller = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x', controller: true };
    const metadata = { ...held.metadata, finalizers: ['example.com/hold'], ownerReferences: [controller] };
    // What a controller made counts as nobody's, so the Namespace may go, and then waits for it.
    await client.create({ ...held, metadata });
    await world.commit({ 'home.yaml': null });
    // What is left in it is told by its controller, in its own time.
    await eventually(async () => {
      const report = await world.reconcile();
      expect(told(report)).toContain(`failed Namespace ${name} (not-gone)`);
      expect(report.orphans[0]?.message).toContain('example.com/hold');
    });
    await client.patch(refOf(held), free);
    expect((await world.reconcile({ waitTimeout: 60_000 })).state).toBe('Ready');
    await world.expectGone(namespaceObject(name));
  });
});

story('an object that another set has taken meanwhile is not even looked at', async ({ scenario }) => {
  const theirs = await scenario({ name: 'theirs' });
  await theirs.commit({ 'web.yaml': configMap('web'), 'rest.yaml': configMap('rest') });
  const process = await theirs.process();
  await process.reconcile();
  const ours = await scenario({ name: 'ours', policy: { adopt: 'always' } });
  await ours.commit({ 'web.yaml': configMap('web') });
  await ours.reconcile();
  await theirs.commit({ 'web.yaml': null });
  // Its view may be older than that: then the look before the deletion tells.
  expect(['kept ConfigMap web (other-set)', 'unchanged ConfigMap rest']).toContain(
    told(await process.reconcile()).find((line) => line.includes('web')) ?? 'unchanged ConfigMap rest',
  );
  await ours.expectLive(configMap('web'));
});

story('an object that a controller owns stays', async ({ scenario, client }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await world.reconcile();
  const a = await world.expectLive(configMap('a'));
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: a.metadata.uid, controller: true };
  const b = refOf(inNamespace(configMap('b'), world.namespace));
  await client.patch(b, { type: 'merge', value: { metadata: { ownerReferences: [owner] } } });
  await world.commit({ 'b.yaml': null });
  expect(told(await world.reconcile())).toContain('kept ConfigMap b (controlled)');
  await world.expectLive(configMap('b'));
});

story('one object that Git names through another group now is not deleted', async ({ scenario }) => {
  const world = await scenario({ policy: { wait: false } });
  const time = '2026-11-25T10:00:00.000000Z';
  const about = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' });
  const common = { metadata: { name: 'moved' }, reason: 'Moved', action: 'Move', type: 'Normal' };
  const core: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    ...common,
    involvedObject: about(world.namespace),
    eventTime: time,
    reportingComponent: 'example.com/mover',
    reportingInstance: 'one',
  };
  const events: KubeObject = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    ...common,
    regarding: about(world.namespace),
    eventTime: time,
    reportingController: 'example.com/mover',
    reportingInstance: 'one',
  };
  await world.commit({ 'a.yaml': configMap('a'), 'event.yaml': core });
  expect(told(await world.reconcile())).toContain('created Event moved');
  const { metadata } = await world.expectLive(core);
  await world.commit({ 'event.yaml': events });
  const report = await world.reconcile();
  expect(told(report)).toEqual([
    'adopted Event moved',
    'kept Event moved (applied-elsewhere)',
    'unchanged ConfigMap a',
  ]);
  expect((await world.expectLive(events)).metadata.uid).toBe(metadata.uid);
  expect(told(await world.reconcile())).not.toContain('pruned Event moved');
});

story(
  'labels that a controller copies from ours make no member, and are not worth a word',
  async ({ scenario, client }) => {
    const world = await scenario({ policy: { wait: false } });
    const slice = (name: string): KubeObject => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name },
      addressType: 'IPv4',
      endpoints: [],
      ports: [],
    });
    await world.commit({ 'web.yaml': service('web', { app: 'web' }), 'slice.yaml': slice('ours') });
    await world.reconcile();
    // As the controller does: the labels of the Service, and the Service as owner.
    const live = await world.expectLive(service('web', { app: 'web' }));
    const { id } = setIdentity(world.namespace, 'site');
    const owner = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: live.metadata.uid!, controller: true };
    await client.create({
      ...slice('copy'),
      metadata: {
        name: 'copy',
        namespace: world.namespace,
        labels: { [PART_OF_LABEL]: id, 'kubernetes.io/service-name': 'web' },
        ownerReferences: [owner],
      },
    });
    expect(told(await world.reconcile())).toEqual(['unchanged EndpointSlice ours', 'unchanged Service web']);
    expect(await world.live(slice('copy'))).toBeDefined();
  },
);

describe('what depends on a pruned object', () => {
  const dependent = (owner: KubeObject): KubeObject => ({
    ...configMap('dependent'),
    metadata: {
      name: 'dependent',
      namespace: owner.metadata.namespace!,
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid! }],
    },
  });

  story('goes with it, or stays with Orphan, as the policy says', async ({ scenario, client }) => {
    const fates: [Propagation, 'gone' | 'stays'][] = [
      ['Background', 'gone'],
      ['Foreground', 'gone'],
      ['Orphan', 'stays'],
    ];
    for (const [propagation, fate] of fates) {
      const world = await scenario({ name: `site-${propagation.toLowerCase()}`, policy: { propagation } });
      await world.commit({ 'a.yaml': configMap('a'), 'owner.yaml': configMap('owner') });
      await world.reconcile();
      const made = dependent(await world.expectLive(configMap('owner')));
      await client.create(made);
      await world.commit({ 'owner.yaml': null });
      expect(told(await world.reconcile())).toContain('pruned ConfigMap owner');
      if (fate === 'gone') await eventually(() => world.expectGone(configMap('dependent')));
      else
        await eventually(async () => {
          const { metadata } = await world.expectLive(configMap('dependent'));
          expect(metadata.ownerReferences ?? []).toEqual([]);
        });
      await client.delete(refOf(made));
      await world.commit({ 'a.yaml': null });
      await world.reconcile({ allowEmpty: true });
    }
  });
});

story(
  'the end of a set with a Namespace of its own takes all of it, contents first',
  async ({ scenario, raw, onTestFinished }) => {
    const name = randomName('home');
    onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${name}`)));
    const world = await scenario({ policy: { pruneKinds: ['Namespace'] } });
    const contents = [inNamespace(configMap('a'), name), inNamespace(deployment('web'), name)];
    await world.commit({ 'home.yaml': namespaceObject(name), 'all.yaml': contents });
    expect((await world.reconcile()).state).toBe('Ready');
    const process = await world.process();
    const report = await process.destroy('delete');
    expect(report).toMatchObject({ state: 'Ready', counts: { pruned: 3 } });
    const order = process.events.flatMap((event) =>
      event.type === 'prune' && event.event.type === 'outcome' ? [event.event.outcome.ref.kind] : [],
    );
    expect(order.at(-1)).toBe('Namespace');
    await world.expectGone(namespaceObject(name));
    await world.expectGone(configMap('site'));
  },
);
