/**
 * Invariant 1. Nothing is deleted that is not proven ours (label, identity and managedFields), absent from a *complete* render, and
 * unchanged since we looked (uid and resourceVersion preconditions).
 */
import { expect } from 'vitest';
import { PART_OF_LABEL, refOf, setIdentity } from '@homeostat/kube';
import type { Client } from '@homeostat/kube';
import { annotated, configMap, inNamespace, scenarioTest as story, told } from '../support/scenario.ts';
import type { World } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import { isWrite, tap } from './tap.ts';
import type { Call } from './tap.ts';

const policy = { pruneBudget: { percent: 100, count: 1_000 } };

/** Hands of other people, each on one object that was a member when it stood in Git and stands there no longer, or beside one. */
interface Ground {
  readonly world: World;
  readonly client: Client;
}

const at = (world: World, name: string) => refOf(inNamespace(configMap(name), world.namespace));

async function merge({ world, client }: Ground, name: string, metadata: Readonly<Record<string, unknown>>) {
  await client.patch(at(world, name), { type: 'merge', value: { metadata } });
}

async function recreate({ world, client }: Ground, name: string): Promise<void> {
  await client.delete(at(world, name));
  await client.create(inNamespace(configMap(name, { by: 'a stranger' }), world.namespace), {
    manager: 'kubectl-create',
  });
}

/** By our own manager, as another engine with the same name does it: no conflict tells of it. */
async function takeForAnotherSet({ world, client }: Ground, name: string): Promise<void> {
  const { id } = setIdentity(world.namespace, 'another');
  const theirs = {
    ...configMap(name),
    metadata: { namespace: world.namespace, name, labels: { [PART_OF_LABEL]: id } },
  };
  await client.apply(theirs, { manager: 'homeostat', force: true });
}

/** Label, annotation and managedFields of a member on another object, as a backup that is restored brings them. */
async function copyOf({ world, client }: Ground, member: string, name: string, restored: boolean): Promise<void> {
  const live = await client.get(at(world, member));
  const { labels = {}, annotations = {}, managedFields = [] } = live!.metadata;
  const { object } = await client.create(
    { ...configMap(name), metadata: { namespace: world.namespace, name, labels, annotations } },
    { manager: 'velero' },
  );
  if (restored) await client.update({ ...object, metadata: { ...object.metadata, managedFields } });
}

type Fate = 'goes' | 'stays';

/** What happens to an object after it was applied and before the pass. */
const BEFORE: Readonly<Record<string, { readonly fate: Fate; act(ground: Ground, name: string): Promise<unknown> }>> = {
  'a member': { fate: 'goes', act: () => Promise.resolve() },
  'a member with foreign fields': {
    fate: 'goes',
    act: ({ world }, name) => world.applyAs('somebody', configMap(name, { theirs: '1' })),
  },
  'a member whose label somebody took off': {
    fate: 'stays',
    act: (ground, name) => merge(ground, name, { labels: { [PART_OF_LABEL]: null } }),
  },
  'a member whose managedFields somebody wiped': {
    fate: 'stays',
    act: (ground, name) => merge(ground, name, { managedFields: [{}] }),
  },
  'a member that a controller owns': {
    fate: 'stays',
    act: async (ground, name) => {
      const owner = await ground.client.get(at(ground.world, 'stays'));
      const reference = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'stays',
        uid: owner?.metadata.uid,
        controller: true,
      };
      await merge(ground, name, { ownerReferences: [reference] });
    },
  },
  'a member that asks to be kept': {
    fate: 'stays',
    act: (ground, name) => merge(ground, name, { annotations: { 'homeostat.dev/prune': 'false' } }),
  },
  'a stranger under the name of a member': { fate: 'stays', act: recreate },
  'a member that another set took': { fate: 'stays', act: takeForAnotherSet },
};

/** What happens to a member between the look and the deletion, once. */
const BETWEEN: Readonly<Record<string, { readonly fate: Fate; act(ground: Ground, name: string): Promise<unknown> }>> =
  {
    'somebody edits it': {
      fate: 'goes',
      act: ({ world }, name) => world.applyAs('somebody', configMap(name, { theirs: 'late' })),
    },
    'somebody deletes it and makes another': { fate: 'stays', act: recreate },
    'another set takes it': { fate: 'stays', act: takeForAnotherSet },
    'somebody takes the label off': {
      fate: 'stays',
      act: (ground, name) => merge(ground, name, { labels: { [PART_OF_LABEL]: null } }),
    },
    'somebody asks to keep it': {
      fate: 'stays',
      act: (ground, name) => merge(ground, name, { annotations: { 'homeostat.dev/prune': 'false' } }),
    },
  };

const uidOf = async ({ world, client }: Ground, name: string) => (await client.get(at(world, name)))?.metadata.uid;

story(
  `1. nothing is deleted but what is proven ours, and only as it was looked at (SEED=${SEED})`,
  async ({ scenario, client }) => {
    const { between, pick, shuffle } = draw();
    const kinds = { before: shuffle(Object.keys(BEFORE)), between: shuffle(Object.keys(BETWEEN)) };
    for (let round = 0; round < 4; round += 1) {
      const world = await scenario({ name: `site-${round}`, policy });
      const ground = { world, client };
      const names = Array.from({ length: between(6, 14) }, (_, i) => `r${round}-${i}`);
      const stories = new Map(
        // Each story is told at least once, whatever is drawn.
        names.map((name, i) => {
          const late = i % 2 === 1;
          const list = late ? kinds.between : kinds.before;
          const title = i < 6 ? list[(round * 3 + (i >> 1)) % list.length]! : pick(list);
          return [name, { late, title, ...(late ? BETWEEN[title]! : BEFORE[title]!) }] as const;
        }),
      );
      await world.commit({ 'stays.yaml': configMap('stays'), 'all.yaml': names.map((name) => configMap(name)) });
      expect((await world.reconcile({ adopt: 'always' })).counts.failed).toBe(0);
      await client.create(
        {
          ...inNamespace(configMap(`r${round}-label`), world.namespace),
          metadata: {
            namespace: world.namespace,
            name: `r${round}-label`,
            labels: { [PART_OF_LABEL]: setIdentity(world.namespace, world.sync.name).id },
          },
        },
        { manager: 'kubectl-create' },
      );
      await copyOf(ground, names[0]!, `r${round}-copy`, false);
      await copyOf(ground, names[0]!, `r${round}-restored`, true);
      for (const [name, { late, act }] of stories) if (!late) await act(ground, name);

      const process = await world.process();
      const pending = new Set([...stories].flatMap(([name, { late }]) => (late ? [name] : [])));
      const survivors = new Map<string, string | undefined>();
      const calls = tap(process, {
        async before({ verb, name }: Call) {
          if (verb !== 'delete' || !pending.delete(name)) return;
          await stories.get(name)!.act(ground, name);
        },
      });
      await world.commit({ 'all.yaml': null });
      const report = await process.reconcile();
      for (const name of names) survivors.set(name, await uidOf(ground, name));

      const deletions = calls.filter(({ verb }) => verb === 'delete');
      for (const { name, preconditions } of deletions) {
        expect(preconditions, name).toEqual({
          uid: expect.any(String) as string,
          resourceVersion: expect.any(String) as string,
        });
        expect(names, `a deletion of ${name}, which was never ours`).toContain(name);
      }
      const deleted = new Set(deletions.flatMap(({ name, answer }) => (answer === 'ok' ? [name] : [])));
      const about = JSON.stringify(told(report), undefined, 1);
      for (const [name, { fate, title, late }] of stories) {
        const what = `${title} (${late ? 'between look and deletion' : 'before the pass'}) ${fate}: ${name}\n${about}`;
        expect(deleted.has(name), what).toBe(fate === 'goes');
        expect(survivors.get(name) === undefined, what).toBe(fate === 'goes');
      }
      for (const name of [`r${round}-label`, `r${round}-copy`, `r${round}-restored`])
        expect(await uidOf(ground, name), name).toBeDefined();
      // The next rounds share the namespace.
      expect(pending.size, 'every late story was told').toBe(0);
    }
  },
);

story(
  `1. nothing is deleted because it is missing from a render that is not complete (SEED=${SEED})`,
  async ({ scenario }) => {
    const { shuffle, between } = draw();
    const breaks: Readonly<Record<string, Parameters<World['commit']>[0]>> = {
      'a YAML error': { 'broken.yaml': 'a: [' },
      'a document that is no object': { 'broken.yaml': 'kind: ConfigMap\nmetadata: {name: x}\n' },
      'a kustomization that names a missing file': { 'kustomization.yaml': 'resources: [missing.yaml]\n' },
    };
    for (const [round, title] of shuffle(Object.keys(breaks)).entries()) {
      const world = await scenario({ name: `site-${round}`, policy });
      const names = Array.from({ length: between(1, 5) }, (_, i) => `r${round}-${i}`);
      await world.commit({
        'stays.yaml': configMap(`stays-${round}`),
        'all.yaml': names.map((name) => configMap(name)),
      });
      await world.reconcile();
      await world.commit({ ...breaks[title], 'all.yaml': null });
      const process = await world.process();
      const calls = tap(process);
      expect((await process.reconcile()).state, title).toBe('Failed');
      expect(
        calls.filter((call) => call.verb === 'delete' && isWrite(call)),
        title,
      ).toEqual([]);
      for (const name of names) await world.expectLive(configMap(name));
      await world.commit(Object.fromEntries(Object.keys(breaks[title]!).map((path) => [path, null])));
      expect((await world.reconcile()).counts.pruned, 'and once it is, it goes').toBe(names.length);
    }
  },
);

story(
  '1. what changes at every look is left after some, and told, and never deleted by its name alone',
  async ({ scenario }) => {
    const world = await scenario({ policy });
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': annotated(configMap('b'), {}) });
    await world.reconcile();
    await world.commit({ 'b.yaml': null });
    const process = await world.process();
    let edits = 0;
    const calls = tap(process, {
      async before({ verb }: Call) {
        if (verb !== 'delete') return;
        edits += 1;
        await world.applyAs('somebody', configMap('b', { edits: `${edits}` }));
      },
    });
    const report = await process.reconcile();
    expect(told(report)).toEqual(['failed ConfigMap b (stale)', 'unchanged ConfigMap a']);
    const asked = calls.filter(({ verb }) => verb === 'delete');
    expect(asked.length).toBeLessThanOrEqual(10);
    expect(new Set(asked.map(({ preconditions }) => preconditions?.resourceVersion)).size).toBe(asked.length);
    await world.expectLive(configMap('b', { edits: `${edits}` }));
  },
);
