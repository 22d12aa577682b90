import { randomInt } from 'node:crypto';
import type { Client, Clock, KubeObject, SetIdentity } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { expect, onTestFinished } from 'vitest';
import { createLiveCache } from '../src/index.ts';
import { seeded } from './history.ts';
import {
  applyMember,
  configMap,
  counter,
  PATIENCE,
  record,
  refTo,
  resourceOf,
  setIn,
  soon,
  test,
  unlabel,
  valuesOf,
} from './world.ts';

/** Retries at once: what is tested is that it retries, not how long it waits. */
const QUICK = { minMs: 5, maxMs: 50 };

async function membersNow(client: Client, set: SetIdentity): Promise<readonly KubeObject[]> {
  const labelSelector = `applyset.kubernetes.io/part-of=${set.id}`;
  const objects: KubeObject[] = [];
  for await (const page of client.list(await resourceOf(client, 'ConfigMap'), { labelSelector }))
    objects.push(...page.items);
  return objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

test('1. a watch that the server closes is resumed without a list and without loss, under continuous writes', async ({
  client,
  connect,
  namespace,
  open,
}) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  console.log(`SEED=${seed}`);
  const pick = seeded(seed);
  const set = setIn(namespace);
  const { onRequest, count } = counter();
  const counted = await connect({ onRequest });
  const cache = open({ client: counted, set, watchTimeoutMs: 1_000, backoff: QUICK });
  await cache.load([await resourceOf(counted, 'ConfigMap')]);
  cache.follow();

  const alive = new Set<string>();
  const write = async (step: number): Promise<void> => {
    const name = `c${pick(8)}`;
    const choice = alive.has(name) ? pick(4) : 0;
    if (choice === 2) await client.delete(refTo(namespace, name));
    else if (choice === 3) await unlabel(client, refTo(namespace, name)).catch(() => undefined); // it has none: nothing to take
    else await applyMember(client, set, configMap(namespace, name, { value: String(step) }));
    if (choice === 2) alive.delete(name);
    else alive.add(name);
  };
  // Four watches end in the meantime.
  for (let step = 0; count('watch') < 4; step += 1) await write(step);

  await applyMember(client, set, configMap(namespace, 'last'));
  await cache.until(refTo(namespace, 'last'), (entry) => entry !== undefined, { signal: soon() });
  const fresh = await membersNow(client, set);
  expect(cache.members(set.id).map((entry) => entry.object())).toEqual(fresh);
  expect(count('list')).toBe(1);
});

test('2. when the server has forgotten that far back, it lists again and finds what it missed', async ({
  client,
  connect,
  namespace,
  forgetHistory,
  open,
}) => {
  const set = setIn(namespace);
  // Watches of Events are answered from etcd, without a cache that would remember.
  const note = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { namespace },
    reason: 'Test',
    type: 'Normal',
  });
  const refOfNote = (name: string) => ({ group: '', kind: 'Event', namespace, name });
  await applyMember(client, set, note('missed'));
  await applyMember(client, set, note('stays'));
  const { onRequest, count } = counter();
  const counted = await connect({ onRequest });
  const cache = open({ client: counted, set, backoff: QUICK });
  await cache.load([await resourceOf(counted, 'Event')]);
  const { names } = record(cache);

  await client.delete(refOfNote('missed'));
  const latest = await applyMember(client, set, note('new'));
  await forgetHistory(latest.metadata.resourceVersion);
  cache.follow();
  await cache.until(refOfNote('new'), (entry) => entry !== undefined, { signal: soon() });
  await expect.poll(names, PATIENCE).toEqual(['changed new', 'gone missed', 'synced Event']);
  expect(cache.members(set.id).map(({ ref }) => ref.name)).toEqual(['new', 'stays']);
  expect(count('list')).toBe(2);

  await applyMember(client, set, note('later'));
  await cache.until(refOfNote('later'), (entry) => entry !== undefined, { signal: soon() });
  expect(count('list')).toBe(2);
});

const RULES = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }];

async function grant(client: Client, namespace: string): Promise<void> {
  const metadata = { name: 'read', namespace };
  const api = 'rbac.authorization.k8s.io';
  await client.apply({ apiVersion: `${api}/v1`, kind: 'Role', metadata, rules: RULES }, { manager: 'test' });
  const roleRef = { apiGroup: api, kind: 'Role', name: 'read' };
  const subjects = [{ apiGroup: api, kind: 'User', name: 'someone' }];
  await client.apply(
    { apiVersion: `${api}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects },
    { manager: 'test' },
  );
}

test('3. a kind that may be read in some namespaces only is read there; what may not be read is reported and holds up nothing', async ({
  client,
  connect,
  namespace,
  kubectl,
  open,
}) => {
  const set = setIn(namespace);
  const other = `${namespace}-b`;
  await kubectl(['create', 'namespace', other]);
  onTestFinished(async () => void (await kubectl(['delete', 'namespace', other, '--wait=false'])));
  await grant(client, namespace);
  await applyMember(client, set, configMap(namespace, 'a', { value: '1' }));
  await applyMember(client, set, configMap(other, 'hidden'));

  const { onRequest, count } = counter();
  const someone = await connect({ user: 'someone', onRequest });
  const cache = open({ client: someone, set, watchTimeoutMs: 1_000, backoff: QUICK });
  const kinds = [
    await resourceOf(client, 'Secret'),
    await resourceOf(client, 'ConfigMap'),
    await resourceOf(client, 'Namespace'),
  ];
  // RBAC is read through a cache of the server's own.
  await expect
    .poll(
      async () =>
        (await cache.load(kinds, { namespaces: [namespace, other] })).degraded.map(
          ({ resource, namespace: where, error }) => `${resource.kind} ${where}: ${error.code}`,
        ),
      PATIENCE,
    )
    .toEqual([
      `ConfigMap ${other}: FORBIDDEN`,
      'Namespace : FORBIDDEN',
      `Secret ${namespace}: FORBIDDEN`,
      `Secret ${other}: FORBIDDEN`,
    ]);
  expect(valuesOf(cache, set)).toEqual(['a: 1']);

  const { names } = record(cache);
  cache.follow([kinds[1]!]);
  await applyMember(client, set, configMap(namespace, 'a', { value: '2' }));
  await expect.poll(() => valuesOf(cache, set), PATIENCE).toEqual(['a: 2']);
  await expect.poll(names, PATIENCE).toContain('degraded ConfigMap FORBIDDEN');

  await grant(client, other);
  await expect.poll(names, PATIENCE).toContain('changed hidden');
  const before = count('list');
  expect(await cache.load([kinds[1]!], { namespaces: [namespace, other] })).toEqual({ degraded: [] });
  expect(count('list')).toBe(before);
  expect(await cache.load([kinds[0]!])).toMatchObject({ degraded: [{ namespace: '', error: { code: 'FORBIDDEN' } }] });
});

test('4. rights that are taken away take nothing out of the view, and it catches up when they are back', async ({
  client,
  connect,
  namespace,
  open,
}) => {
  const set = setIn(namespace);
  await grant(client, namespace);
  await applyMember(client, set, configMap(namespace, 'a', { value: '1' }));
  const someone = await connect({ user: 'someone' });
  const cache = open({ client: someone, set, watchTimeoutMs: 1_000, backoff: QUICK });
  const configMaps = await resourceOf(client, 'ConfigMap');
  await expect.poll(() => cache.load([configMaps], { namespaces: [namespace] }), PATIENCE).toEqual({ degraded: [] });
  cache.follow();
  const { names } = record(cache);
  const role = { group: 'rbac.authorization.k8s.io', kind: 'Role', namespace, name: 'read' };
  await client.delete(role);
  await expect.poll(names, PATIENCE).toEqual(['degraded ConfigMap FORBIDDEN']);
  expect(await cache.load([configMaps], { namespaces: [namespace] })).toMatchObject({
    degraded: [{ namespace, error: { code: 'FORBIDDEN' } }],
  });
  expect(valuesOf(cache, set)).toEqual(['a: 1']);

  await applyMember(client, set, configMap(namespace, 'a', { value: '2' }));
  await grant(client, namespace);
  await expect.poll(() => valuesOf(cache, set), PATIENCE).toEqual(['a: 2']);
  await expect.poll(names, PATIENCE).toContain('synced ConfigMap');
  expect(names().filter((name) => name.startsWith('degraded'))).toHaveLength(1);
});

test('5. a server that cannot be reached degrades every kind, and is tried a few times', async ({
  kubeconfig,
  client,
  namespace,
  open,
}) => {
  const config = await loadKubeconfig({ path: kubeconfig, context: 'admin' });
  const { onRequest, count } = counter();
  const nowhere = createClient({ ...config, server: 'https://127.0.0.1:1' }, { onRequest });
  onTestFinished(() => nowhere.close());
  const cache = open({ client: nowhere, set: setIn(namespace), backoff: QUICK });
  const kinds = [await resourceOf(client, 'Secret'), await resourceOf(client, 'ConfigMap')];
  expect(await cache.load(kinds)).toMatchObject({
    degraded: [
      { resource: { kind: 'ConfigMap' }, error: { code: 'UNREACHABLE' } },
      { resource: { kind: 'Secret' }, error: { code: 'UNREACHABLE' } },
    ],
  });
  expect(count('list')).toBe(6);
});

test('6. a watch that says nothing for three minutes is opened again where it stood', async ({
  client,
  connect,
  namespace,
  open,
}) => {
  const set = setIn(namespace);
  const { onRequest, count } = counter();
  const counted = await connect({ onRequest });
  const alarms = new Set<() => void>();
  let now = Date.now();
  const clock: Clock = {
    now: () => now,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        alarms.add(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  const cache = open({ client: counted, set, clock });
  await cache.load([await resourceOf(counted, 'ConfigMap')]);
  cache.follow();
  await applyMember(client, set, configMap(namespace, 'a'));
  await cache.until(refTo(namespace, 'a'), (entry) => entry !== undefined, { signal: soon() });
  expect(count('watch')).toBe(0); // counted when they end

  now += 180_000;
  for (const ring of alarms) ring();
  await expect.poll(() => count('watch'), PATIENCE).toBe(1);
  await applyMember(client, set, configMap(namespace, 'b'));
  await cache.until(refTo(namespace, 'b'), (entry) => entry !== undefined, { signal: soon() });
  expect(count('list')).toBe(2); // one of them of a single item, to see whether the server was set back
});

test('7. a kind that is no longer served ends; when it comes back it is loaded anew', async ({
  client,
  namespace,
  raw,
  open,
}) => {
  const set = setIn(namespace);
  const group = `${namespace}.example.com`;
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
  const definitionRef = {
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    namespace: '',
    name: `widgets.${group}`,
  };
  onTestFinished(
    async () =>
      void (await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definitionRef.name}`)),
  );
  const widget: KubeObject = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'w', namespace } };
  const install = async (): Promise<void> => {
    await client.create(definition);
    await expect
      .poll(async () => (await client.resources({ refresh: true })).find({ group, kind: 'Widget' }), PATIENCE)
      .toBeDefined();
    await expect
      .poll(
        () =>
          applyMember(client, set, widget).then(
            () => 'applied',
            () => 'not yet',
          ),
        PATIENCE,
      )
      .toBe('applied');
  };

  await install();
  const widgets = await resourceOf(client, 'Widget', group);
  const cache = open({ client, set, backoff: QUICK });
  expect(await cache.load([widgets])).toEqual({ degraded: [] });
  expect(cache.members(set.id)).toHaveLength(1);
  cache.follow();
  const { names } = record(cache);

  await client.delete(definitionRef);
  await expect.poll(names, PATIENCE).toContain('ended Widget');
  expect(names()).toContain('gone w');
  expect(names().filter((name) => name.startsWith('ended'))).toHaveLength(1);
  expect(cache.members(set.id)).toEqual([]);
  await expect.poll(() => client.get(definitionRef), PATIENCE).toBeUndefined();
  expect(await cache.load([widgets])).toMatchObject({ degraded: [{ error: { code: 'UNKNOWN_KIND' } }] });
  expect(names().filter((name) => name.startsWith('ended'))).toHaveLength(1);

  await install();
  expect(await cache.load([widgets])).toEqual({ degraded: [] });
  expect(cache.members(set.id)).toHaveLength(1);
});

test('8. nothing runs after close', async ({ client, connect, namespace }) => {
  const { onRequest, count } = counter();
  const counted = await connect({ onRequest });
  const cache = createLiveCache({ client: counted, set: setIn(namespace) });
  const kinds = [await resourceOf(client, 'Secret'), await resourceOf(client, 'ConfigMap')];
  await cache.load(kinds);
  cache.follow();
  await cache.close();
  const [lists, watches] = [count('list'), count('watch')];
  await cache.close();
  expect([count('list'), count('watch')]).toEqual([lists, watches]);
  expect(lists).toBe(2);
});
