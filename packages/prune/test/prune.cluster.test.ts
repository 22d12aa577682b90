import { expect } from 'vitest';
import { refOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { pruneOrphans } from '@homeostat/prune';
import { cluster } from '../../../test/support/cluster.ts';
import {
  clock,
  configMap,
  joined,
  managers,
  memberOf,
  prune,
  pruneOf,
  randomName,
  read,
  setIn,
  story,
} from './world.ts';

cluster.test(
  'deletes in the reverse order of dependencies, each only when what needs it is gone',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const on = (name: string, other: string) =>
      configMap(namespace, name, {
        annotations: { 'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/${other}` },
      });
    const names = [configMap(namespace, 'a'), on('b', 'a'), on('c', 'b')];
    const lives = await Promise.all(names.map((object) => joined(client, object, set)));
    const ran = await prune(
      client,
      set,
      lives.map((live) => pruneOf(live, set)),
    );
    expect(story(ran)).toEqual(['pruned c', 'pruned b', 'pruned a']);
  },
);

cluster.test('later waves go first', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const inWave = (wave: number, name: string) =>
    configMap(namespace, name, { annotations: { 'homeostat.dev/wave': String(wave) } });
  const objects = [inWave(0, 'a'), inWave(1, 'b'), inWave(2, 'c')];
  const lives = await Promise.all(objects.map((object) => joined(client, object, set)));
  expect(
    story(
      await prune(
        client,
        set,
        lives.map((live) => pruneOf(live, set)),
      ),
    ),
  ).toEqual(['pruned c', 'pruned b', 'pruned a']);
});

cluster.test(
  'what a finalizer holds is named while waiting and when the time is up, and what it needs stays',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const base = await joined(client, configMap(namespace, 'base'), set);
    const held = await joined(
      client,
      configMap(namespace, 'held', {
        finalizers: ['example.com/hold'],
        annotations: { 'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/base` },
      }),
      set,
    );
    const ran = await prune(client, set, [pruneOf(held, set), pruneOf(base, set)], { waitTimeoutMs: 1_500 });
    expect(ran.outcomes).toMatchObject([
      { action: 'failed', code: 'not-gone', message: expect.stringContaining('example.com/hold') as string },
      {
        action: 'kept',
        reason: 'dependents-remain',
        message: `ConfigMap ${namespace}/held needs it and is still there`,
      },
    ]);
    expect(ran.events).toContainEqual(
      expect.objectContaining({ type: 'waiting', reason: 'it waits for its finalizers example.com/hold' }),
    );
    await read(client, refOf(base));

    // The next pass only waits on.
    const again = prune(client, set, [pruneOf(held, set), pruneOf(base, set)]);
    await client.patch(refOf(held), { type: 'merge', value: { metadata: { finalizers: null } } });
    expect((await again).outcomes).toMatchObject([{ action: 'pruned' }, { action: 'pruned' }]);
  },
);

cluster.test(
  'an annotation or a controller that came since the decision keeps the object',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const [annotated, controlled, owner] = await Promise.all(
      ['annotated', 'controlled', 'owner'].map((name) => joined(client, configMap(namespace, name), set)),
    );
    if (annotated === undefined || controlled === undefined || owner === undefined) throw new Error('not created');
    const annotations = { 'homeostat.dev/prune': 'false' };
    await client.patch(refOf(annotated), { type: 'merge', value: { metadata: { annotations } } });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid, controller: true };
    await client.patch(refOf(controlled), { type: 'merge', value: { metadata: { ownerReferences: [reference] } } });
    const { outcomes } = await prune(client, set, [pruneOf(annotated, set), pruneOf(controlled, set)]);
    expect(outcomes).toMatchObject([
      { action: 'kept', reason: 'annotated' },
      { action: 'kept', reason: 'controlled' },
    ]);
  },
);

cluster.needs('controllers')(
  'a Namespace goes with its members, never with anything else',
  async ({ client, raw, namespace, onTestFinished }) => {
    const set = setIn(namespace);
    const homes = [randomName('home'), randomName('home')];
    onTestFinished(async () => {
      for (const home of homes) await raw('DELETE', `/api/v1/namespaces/${home}`);
    });
    const [mine = '', shared = ''] = homes;
    const lives: KubeObject[] = [];
    for (const home of homes) {
      lives.push(await joined(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: home } }, set));
      lives.push(await joined(client, configMap(home, 'inside'), set));
    }
    await client.create(configMap(shared, 'foreign'));
    const { outcomes } = await prune(
      client,
      set,
      lives.map((live) => pruneOf(live, set)),
      { waitTimeoutMs: 1_000 },
    );
    const fates = new Map(
      outcomes.map((outcome) => [`${outcome.ref.kind} ${outcome.ref.namespace}${outcome.ref.name}`, outcome]),
    );
    expect(fates.get(`ConfigMap ${mine}inside`)).toMatchObject({ action: 'pruned' });
    expect(fates.get(`ConfigMap ${shared}inside`)).toMatchObject({ action: 'pruned' });
    // An API service of another test that cannot be reached may hold it longer than this test wants to wait.
    expect(['pruned', 'failed', 'kept']).toContain(fates.get(`Namespace ${mine}`)?.action);
    expect(fates.get(`Namespace ${shared}`)).toMatchObject({ action: 'kept', reason: 'namespace-in-use' });
    await read(client, refOf(configMap(shared, 'foreign')));
  },
);

cluster.test(
  'a definition stays while there are objects of its kind, and goes with them',
  async ({ client, namespace, raw, onTestFinished }) => {
    const set = setIn(namespace);
    const group = `${randomName('g')}.example.com`;
    onTestFinished(async () => {
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
    });
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    const live = await joined(client, definition, set);
    const widget = (name: string) => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name, namespace } });
    const make = async (name: string) => {
      for (;;) {
        try {
          return (await client.create(widget(name))).object;
        } catch {
          await clock.sleep(50);
        }
      }
    };
    await make('foreign');
    expect((await prune(client, set, [pruneOf(live, set)])).outcomes).toMatchObject([
      { action: 'kept', reason: 'definition-in-use', message: `it holds ${group}/Widget ${namespace}/foreign` },
    ]);
    await client.delete(refOf(widget('foreign')));
    const member = await joined(client, widget('ours'), set);
    const ran = await prune(client, set, [pruneOf(live, set), pruneOf(member, set)], { waitTimeoutMs: 60_000 });
    expect(story(ran)).toEqual(['pruned ours', `pruned widgets.${group}`]);
  },
);

cluster.test('a missing right is an outcome, and does not end the others', async ({ client, connect, namespace }) => {
  const set = setIn(namespace);
  const live = await joined(client, configMap(namespace, 'web'), set);
  const someone = await connect({ user: 'someone' });
  expect((await prune(someone, set, [pruneOf(live, set)])).outcomes).toMatchObject([
    { action: 'failed', code: 'FORBIDDEN' },
  ]);
});

cluster.test('cancelling, or leaving early, ends it with no request in flight', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const held = await joined(client, configMap(namespace, 'held', { finalizers: ['example.com/hold'] }), set);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const { outcomes } = await prune(client, set, [pruneOf(held, set)], { signal: controller.signal });
  expect(outcomes).toMatchObject([{ action: 'failed', code: 'cancelled' }]);

  const signal = new AbortController().signal;
  const decision = { decision: 'prune', member: memberOf(held, set) } as const;
  for await (const _ of pruneOrphans([decision], { client, set, managers, clock }, { signal })) break;
  await client.patch(refOf(held), { type: 'merge', value: { metadata: { finalizers: null } } });
});
