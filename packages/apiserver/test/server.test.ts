import { request } from 'node:https';
import { createApiServer, manualClock, seededRandom } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { expect, test } from 'vitest';
import { startWorld } from './wire.ts';

function configMap(name: string, data: Readonly<Record<string, string>> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

test('a kubeconfig leads to the server, over TLS that it vouches for', async () => {
  await using server = await createApiServer();
  const config = await loadKubeconfig({ path: 'memory', readFile: async () => server.kubeconfig });
  expect(config).toMatchObject({ server: server.url, insecureSkipTlsVerify: false });
  expect(new URL(server.url).hostname).toBe('127.0.0.1');
  await using client = createClient(config);
  expect(await client.get({ group: '', kind: 'Namespace', namespace: '', name: 'default' })).toMatchObject({
    status: { phase: 'Active' },
  });
});

test('it begins with what a bare server has', async () => {
  await using world = await startWorld({ controllers: false });
  const names = async (path: string): Promise<string[]> => {
    const { items } = (await world.ask(path)).body as { readonly items: { metadata: { name: string } }[] };
    return items.map(({ metadata }) => metadata.name);
  };
  expect(await names('/api/v1/namespaces')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  expect(await names('/api/v1/services')).toEqual(['kubernetes']);
  expect(await names('/apis/rbac.authorization.k8s.io/v1/clusterroles')).toEqual([
    'admin',
    'cluster-admin',
    'edit',
    'system:basic-user',
    'system:discovery',
    'system:public-info-viewer',
    'view',
  ]);
});

test('an admission hook refuses, changes and warns, for dry runs as well', async () => {
  await using world = await startWorld({
    admit: ({ operation, resource, object, name }) => {
      if (resource !== 'configmaps' || object === undefined) return undefined;
      if (name.startsWith('no-')) return { deny: 'names must not begin with "no-"' };
      if (name === 'teapot') return { deny: 'short and stout', code: 418 };
      if (operation === 'UPDATE') return { warnings: ['think twice'] };
      const { metadata } = object;
      return { object: { ...object, metadata: { ...metadata, labels: { ...metadata.labels, seen: 'yes' } } } };
    },
  });
  const maps = '/api/v1/namespaces/default/configmaps';
  const post = (name: string, query = '') =>
    world.ask(`${maps}${query}`, { method: 'POST', body: { metadata: { name } } });
  expect((await post('no-way', '?dryRun=All')).body).toMatchObject({
    code: 403,
    message: 'configmaps "no-way" is forbidden: names must not begin with "no-"',
  });
  expect((await post('teapot')).status).toBe(418);
  expect((await post('fine')).body).toMatchObject({ metadata: { labels: { seen: 'yes' } } });
  const type = 'application/merge-patch+json';
  const patched = await world.ask(`${maps}/fine`, { method: 'PATCH', type, body: { data: { a: 'b' } } });
  expect(patched.headers['warning']).toBe('299 - "think twice"');
});

test('a warning beyond ASCII is UTF-8 in a header of HTTP/1.1, whatever the body is', async () => {
  await using server = await createApiServer({
    users: [{ name: 'admin', groups: ['system:masters'], token: 'admin-token' }],
    controllers: false,
  });
  const headers = { authorization: 'Bearer admin-token', 'content-type': 'application/json' };
  const url = `${server.url}/api/v1/namespaces/default/configmaps`;
  const warning = await new Promise<unknown>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.headers['warning']);
    });
    sent.once('error', reject);
    sent.end('{"metadata":{"name":"a"},"ä":1}');
  });
  // Node reads headers byte by byte.
  expect(Buffer.from(String(warning), 'latin1').toString('utf8')).toBe('299 - "unknown field \\"ä\\""');
});

test('two writers in turn, with a slow hook between them: nobody writes over the other', async () => {
  let wait: (() => void) | undefined;
  await using server = await createApiServer({
    admit: async ({ name, operation, object }) => {
      const isSlow = name === 'shared' && operation === 'UPDATE' && (object?.['data'] as object | undefined);
      if (isSlow && 'slow' in isSlow && wait === undefined) {
        await new Promise<void>((resolve) => {
          wait = resolve;
        });
      }
      return undefined;
    },
  });
  const client = server.client();
  await client.create(configMap('shared'));
  const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'shared' };
  const slow = client.patch(ref, { type: 'merge', value: { data: { slow: '1' } } });
  await client.patch(ref, { type: 'merge', value: { data: { quick: '1' } } });
  wait?.();
  expect((await slow).object['data']).toEqual({ slow: '1', quick: '1' });
});

test('requests are counted as the real server counts them', async () => {
  await using world = await startWorld({ controllers: false });
  const client = world.server.client();
  await client.apply(configMap('a'), { manager: 'm' });
  await client.apply(configMap('a'), { manager: 'm', dryRun: true });
  await world.ask('/api/v1/configmaps');
  await world.ask('/api/v1/namespaces/default/configmaps/none');
  const { text } = await world.ask('/metrics');
  for (const line of [
    'code="201",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="APPLY",version="v1"} 1',
    'code="200",component="apiserver",dry_run="All",group="",resource="configmaps",scope="resource",subresource="",verb="APPLY",version="v1"} 1',
    'code="200",component="apiserver",dry_run="",group="",resource="configmaps",scope="cluster",subresource="",verb="LIST",version="v1"} 1',
    'code="404",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"} 1',
  ]) {
    expect(text).toContain(`apiserver_request_total{${line}\n`);
  }
});

test('the same clock and the same seed make the same run', async () => {
  const run = async (): Promise<string> => {
    const random = seededRandom(7);
    await using server: ApiServer = await createApiServer({ clock: manualClock(), random, controllers: false });
    const client = server.client();
    await client.apply(configMap('a', { k: '1' }), { manager: 'm' });
    await client.create({ ...configMap(''), metadata: { name: '', generateName: 'made-', namespace: 'default' } });
    await client.apply(configMap('a', { k: '2' }), { manager: 'm' });
    await client.delete({ group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' });
    const events: unknown[] = [];
    const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' });
    if (resource === undefined) throw new Error('no ConfigMaps');
    for await (const event of client.watch(resource, { resourceVersion: '2' })) if (events.push(event) === 5) break;
    return JSON.stringify(events);
  };
  const first = await run();
  expect(first).toContain('made-');
  expect(await run()).toBe(first);
});

test('closing it ends what its clients wait for', async () => {
  const server = await createApiServer();
  const client = server.client();
  const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' });
  if (resource === undefined) throw new Error('no ConfigMaps');
  const watching = client.watch(resource, { resourceVersion: '1000' })[Symbol.asyncIterator]().next();
  const ended = expect(watching).rejects.toMatchObject({ code: 'CANCELLED' });
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await server.close();
  await ended;
  await expect(client.resources({ refresh: true })).rejects.toMatchObject({ code: 'CANCELLED' });
});
