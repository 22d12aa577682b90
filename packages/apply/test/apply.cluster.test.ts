import { expect } from 'vitest';
import { applyItems, createLimit } from '@homeostat/apply';
import { refOf } from '@homeostat/kube';
import { cluster } from '../../../test/support/cluster.ts';
import {
  annotated,
  configMap,
  definition,
  deployment,
  eventually,
  itemOf,
  namespaceObject,
  portsOn,
  randomName,
  run,
  setIn,
  story,
  updateOf,
  widget,
} from './world.ts';

cluster.test('creates, then changes nothing, then updates', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const web = configMap(namespace, 'web');
  const created = await run([itemOf(web, set)], portsOn(client));
  expect(created.outcomes).toMatchObject([{ action: 'created', ref: { name: 'web' }, warnings: [] }]);

  const live = await client.get(refOf(web));
  if (live === undefined) throw new Error('it was not created');
  const again = await run([updateOf(web, live, set)], portsOn(client));
  expect(again.outcomes).toMatchObject([{ action: 'unchanged', resourceVersion: live.metadata.resourceVersion }]);

  const changed = await run([updateOf(configMap(namespace, 'web', { a: '2' }), live, set)], portsOn(client));
  expect(changed.outcomes).toMatchObject([{ action: 'updated', object: { data: { a: '2' } } }]);
});

cluster.test(
  'a Namespace, a definition, its resources and what lives in the Namespace go out in one run, in whatever order they are given',
  async ({ client, namespace, raw, onTestFinished }) => {
    const set = setIn(namespace);
    const group = `${randomName('g')}.example.com`;
    const home = randomName('home');
    const objects = [
      widget(group, home, 'w'),
      configMap(home, 'web'),
      deployment(home, 'web', { replicas: 0 }),
      definition(group),
      namespaceObject(home),
    ];
    onTestFinished(async () => {
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
      await raw('DELETE', `/api/v1/namespaces/${home}`);
    });
    const ran = await run(
      objects.map((object) => itemOf(object, set)),
      portsOn(client),
    );
    expect(ran.outcomes.map(({ action }) => action)).toEqual(['created', 'created', 'created', 'created', 'created']);
  },
);

cluster.test('an object starts as soon as its own dependencies are ready', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const slow = configMap(namespace, 'slow');
  const quick = configMap(namespace, 'quick');
  const after = (name: string, on: string) =>
    annotated(configMap(namespace, name), { 'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/${on}` });
  const release = Promise.withResolvers<void>();
  const ports = portsOn(client, {
    ready: async ({ name }) => {
      if (name === 'slow') await release.promise;
      return { state: 'Current', reason: '', message: '' };
    },
  });
  const items = [after('after-slow', 'slow'), after('after-quick', 'quick'), slow, quick].map((o) => itemOf(o, set));
  const running = run(items, ports);
  await eventually(() => client.get(refOf(after('after-quick', 'quick'))));
  expect(await client.get(refOf(after('after-slow', 'slow')))).toBeUndefined();
  release.resolve();
  expect(story(await running).at(-1)).toBe(`created ConfigMap ${namespace}/after-slow`);
});

cluster.test('a dependency outside of the run is awaited', async ({ client, namespace, kubectl }) => {
  const set = setIn(namespace);
  const web = annotated(configMap(namespace, 'web'), {
    'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/settings`,
  });
  const running = run([itemOf(web, set)], portsOn(client));
  await kubectl(['create', 'configmap', 'settings', '-n', namespace]);
  expect((await running).outcomes).toMatchObject([{ action: 'created' }]);
});

cluster.test(
  'waves go one after the other, and what fails in one holds all later ones',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const inWave = (wave: number, name: string, data?: Record<string, unknown>) =>
      annotated(configMap(namespace, name, data), { 'homeostat.dev/wave': String(wave) });
    const good = await run(
      [inWave(2, 'c'), inWave(1, 'b'), configMap(namespace, 'a')].map((object) => itemOf(object, set)),
      portsOn(client),
    );
    expect(story(good)).toEqual(['a', 'b', 'c'].map((name) => `created ConfigMap ${namespace}/${name}`));

    const bad = await run(
      [inWave(2, 'f'), inWave(1, 'e', { 'not a key': 'x' }), inWave(1, 'e2'), configMap(namespace, 'd')].map((object) =>
        itemOf(object, set),
      ),
      portsOn(client),
    );
    expect(bad.outcomes).toMatchObject([
      { action: 'blocked', by: { name: 'e' }, reason: expect.stringContaining('failed (invalid)') as string },
      { action: 'failed', code: 'invalid' },
      { action: 'created' },
      { action: 'created' },
    ]);
  },
);

cluster.test('a cycle fails its members and what needs them; all others go on', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const on = (name: string, other: string) =>
    annotated(configMap(namespace, name), {
      'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/${other}`,
    });
  const ran = await run(
    [on('a', 'b'), on('b', 'a'), on('c', 'b'), configMap(namespace, 'd')].map((object) => itemOf(object, set)),
    portsOn(client),
  );
  expect(ran.outcomes).toMatchObject([
    { action: 'failed', code: 'invalid', message: expect.stringContaining('wait for one another') as string },
    { action: 'failed', code: 'invalid' },
    { action: 'blocked', by: { name: 'b' } },
    { action: 'created' },
  ]);
});

cluster.test(
  'what fails blocks what needs it at any distance, and each names the object at the root',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const home = randomName('home');
    const on = (name: string, other: string) =>
      annotated(configMap(namespace, name), {
        'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/${other}`,
      });
    const bad = configMap(namespace, 'bad', { 'not a key': 'x' });
    const ran = await run(
      [on('second', 'first'), on('first', 'bad'), bad, configMap(home, 'elsewhere')].map((object) =>
        itemOf(object, set),
      ),
      portsOn(client),
    );
    expect(ran.outcomes).toMatchObject([
      { action: 'blocked', by: { name: 'bad' } },
      { action: 'blocked', by: { name: 'bad' } },
      { action: 'failed', code: 'invalid', ref: { name: 'bad' } },
      { action: 'failed', code: 'missing-namespace', message: expect.stringContaining(`Namespace ${home}`) as string },
    ]);
  },
);

cluster.test(
  'a refused item is only a node: it fails as it was refused, and blocks what needs it',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const web = annotated(configMap(namespace, 'web'), {
      'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/base`,
    });
    const refused = { code: 'invalid', message: 'the dry run said no', retry: 'never' } as const;
    const ran = await run(
      [itemOf(configMap(namespace, 'base'), set, { action: 'refused', refused }), itemOf(web, set)],
      portsOn(client),
    );
    expect(ran.outcomes).toMatchObject([
      { action: 'failed', ...refused },
      { action: 'blocked', by: { name: 'base' } },
    ]);
    expect(await client.get(refOf(web))).toBeUndefined();
  },
);

cluster.test(
  'what does not become ready in time is named, with its state, by what waits for it',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const web = deployment(namespace, 'web', {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { nodeSelector: { no: 'where' }, containers: [{ name: 'web', image: 'web:1' }] },
      },
    });
    const after = annotated(configMap(namespace, 'after'), {
      'homeostat.dev/depends-on': `apps/namespaces/${namespace}/Deployment/web`,
    });
    const ran = await run([itemOf(web, set), itemOf(after, set)], portsOn(client), { waitTimeoutMs: 2_500 });
    expect(ran.outcome(after)).toMatchObject({
      action: 'blocked',
      by: { kind: 'Deployment', name: 'web' },
      reason: expect.stringContaining('did not become ready within 3 s: InProgress') as string,
    });
    expect(ran.events).toContainEqual(
      expect.objectContaining({
        type: 'waiting',
        what: 'ready',
        reason: '0 of 1 updated replicas are available',
      }),
    );
  },
);

cluster.test(
  'a kind that nobody brings fails at once; one that an operator installs later is waited for',
  async ({ client, namespace, raw, onTestFinished }) => {
    const set = setIn(namespace);
    const group = `${randomName('g')}.example.com`;
    const alone = await run(
      [itemOf(widget(group, namespace, 'w'), set), itemOf(configMap(namespace, 'a'), set)],
      portsOn(client),
    );
    expect(alone.outcomes).toMatchObject([
      { action: 'failed', code: 'not-found-kind', message: expect.stringContaining('Widget') as string },
      { action: 'created' },
    ]);

    const operator = deployment(namespace, 'operator', { replicas: 0 });
    const running = run([itemOf(widget(group, namespace, 'w'), set), itemOf(operator, set)], portsOn(client));
    await eventually(() => client.get(refOf(operator)));
    // What the operator would do.
    await client.create(definition(group));
    onTestFinished(async () => {
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
    });
    expect((await running).outcomes).toMatchObject([{ action: 'created' }, { action: 'created' }]);
  },
);

cluster.test(
  'stop: once an object has failed, what has not been started is left alone',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const objects = [
      configMap(namespace, 'a'),
      configMap(namespace, 'b', { 'not a key': 'x' }),
      configMap(namespace, 'c'),
      configMap(namespace, 'd'),
    ];
    const ran = await run(
      objects.map((object) => itemOf(object, set)),
      portsOn(client, { limit: createLimit({ start: 1, max: 1 }) }),
      { onError: 'stop' },
    );
    expect(ran.outcomes).toMatchObject([
      { action: 'created' },
      { action: 'failed' },
      { action: 'skipped', reason: 'stopped' },
      { action: 'skipped', reason: 'stopped' },
    ]);
  },
);

cluster.test(
  'one request at a time: the order of requests is the order of application',
  async ({ connect, namespace }) => {
    const set = setIn(namespace);
    const resources: string[] = [];
    const client = await connect({
      onRequest: ({ verb, resource }) => void (verb === 'apply' && resources.push(resource)),
    });
    const objects = [
      deployment(namespace, 'web', { replicas: 0 }),
      configMap(namespace, 'web'),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace } },
    ];
    const ran = await run(
      objects.map((object) => itemOf(object, set)),
      portsOn(client, { limit: createLimit({ start: 1, max: 1 }) }),
    );
    expect(resources).toEqual(['/serviceaccounts', '/configmaps', 'apps/deployments']);
    expect(ran.outcomes.map(({ ref }) => ref.kind)).toEqual(['Deployment', 'ConfigMap', 'ServiceAccount']);
  },
);

cluster.test(
  'cancelling ends the run at once: nothing new is started, and every item has an outcome',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const controller = new AbortController();
    const after = annotated(configMap(namespace, 'after'), {
      'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/never`,
    });
    const running = run([itemOf(configMap(namespace, 'a'), set), itemOf(after, set)], portsOn(client), {
      signal: controller.signal,
    });
    await eventually(() => client.get(refOf(configMap(namespace, 'a'))));
    controller.abort();
    const ran = await running;
    expect(ran.outcomes).toMatchObject([{ action: 'created' }, { action: 'failed', code: 'cancelled' }]);
    expect(await client.get(refOf(after))).toBeUndefined();
  },
);

cluster.test(
  'leaving the iteration early ends the run, with no request in flight afterwards',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const after = annotated(configMap(namespace, 'after'), {
      'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/never`,
    });
    const limit = portsOn(client).limit;
    for await (const _ of applyItems(
      [itemOf(configMap(namespace, 'a'), set), itemOf(after, set)],
      portsOn(client, { limit }),
    ))
      break;
    expect(limit.running).toBe(0);
  },
);
