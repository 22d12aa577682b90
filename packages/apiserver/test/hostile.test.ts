import { connect } from 'node:http2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { World } from './wire.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

let world: World;
beforeAll(async () => {
  world = await startWorld({ eventsKept: 500 });
});
afterAll(() => world[Symbol.asyncDispose]());

function configMap(name: string, data: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** Whatever happened before, it answers. */
async function expectAlive(): Promise<void> {
  expect((await world.ask('/readyz')).text).toBe('ok');
}

test('a body over 3 MiB is refused with 413, whatever it holds', async () => {
  for (const size of [3 * 1024 * 1024, 12 * 1024 * 1024]) {
    const body = configMap('big', { text: 'x'.repeat(size) });
    expect((await world.ask(MAPS, { method: 'POST', body })).body).toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
      code: 413,
    });
  }
  const client = world.server.client();
  const sent = client.create(configMap('big', { text: 'x'.repeat(4 << 20) }) as Parameters<typeof client.create>[0]);
  await expect(sent).rejects.toMatchObject({ code: 'INVALID' });
  await expectAlive();
});

test('JSON that nests 1,000 deep is read; 100,000 deep it is refused with 400', async () => {
  const nested = (depth: number): string =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  expect((await world.ask(`${MAPS}?dryRun=All`, { method: 'POST', body: nested(1_000) })).status).toBe(201);
  expect((await world.ask(MAPS, { method: 'POST', body: nested(100_000) })).body).toMatchObject({
    reason: 'BadRequest',
    code: 400,
  });
  const deepPatch = await world.ask(`${MAPS}/deep`, {
    method: 'PATCH',
    type: 'application/merge-patch+json',
    body: nested(100_000),
  });
  expect(deepPatch.status).toBe(400);
  await expectAlive();
});

test('10,001 operations in a JSON patch are refused with 413', async () => {
  await world.ask(MAPS, { method: 'POST', body: configMap('patched', { a: 'a' }) });
  const operations = Array.from({ length: 10_001 }, () => ({ op: 'add', path: '/data/a', value: 'b' }));
  const type = 'application/json-patch+json';
  const refused = await world.ask(`${MAPS}/patched`, { method: 'PATCH', type, body: operations });
  expect(refused.body).toMatchObject({
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  });
  const taken = await world.ask(`${MAPS}/patched`, { method: 'PATCH', type, body: operations.slice(1) });
  expect(taken.status).toBe(200);
});

test('selectors that cannot be read are refused with 400, in the words of Kubernetes', async () => {
  const of = async (query: string): Promise<unknown> => (await world.ask(`${MAPS}?${query}`)).body['message'];
  expect(await of('labelSelector=a%20b')).toBe(
    "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
  );
  expect(await of('labelSelector=a%20in%20(b')).toBe("unable to parse requirement: found '', expected: ',' or ')'");
  expect(await of(`labelSelector=${'('.repeat(50_000)}`)).toBe(
    "found '(', expected: !, identifier, or 'end of string'",
  );
  expect(await of('fieldSelector=foo')).toBe("invalid selector: 'foo'; can't understand 'foo'");
  expect(await of('fieldSelector=data.a%3Db')).toBe(
    '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
});

test('a continue token that is none, or of another list, does no harm', async () => {
  const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const [text, message] of [
    ['!!', 'illegal base64 data at input byte 0'],
    [token({ v: 'meta.k8s.io/v9', rv: 1, start: 'a' }), 'server does not recognize this encoded version'],
    [token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' }), 'incorrect encoded start resourceVersion'],
    [token({ v: 'meta.k8s.io/v1', rv: 5, start: '' }), 'encoded start key empty'],
    [token({ v: 'meta.k8s.io/v1', rv: -1, start: '../../secrets/a' }), 'continue key is not valid'],
  ] as const) {
    const { body } = await world.ask(`${MAPS}?limit=1&continue=${text}`);
    expect(body).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(body['message']).toContain(message);
  }
  for (const name of ['a', 'b', 'c']) await world.ask(MAPS, { method: 'POST', body: configMap(name) });
  const first = await world.ask(`${MAPS}?limit=1`);
  const { continue: foreign } = first.body['metadata'] as { readonly continue: string };
  const other = await world.ask(`/api/v1/namespaces/kube-system/secrets?limit=1&continue=${foreign}`);
  expect(other.body).toMatchObject({ kind: 'SecretList', items: [] });
});

test('a watch that nobody reads is cut, and holds no more than the log', async () => {
  const { clusters } = JSON.parse(world.server.kubeconfig) as {
    readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }];
  };
  const ca = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64');
  const session = connect(world.server.url, { ca, settings: { initialWindowSize: 1024 } });
  const stream = session.request({ ':path': `${MAPS}?watch=1`, authorization: 'Bearer admin-token' });
  stream.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });
  await new Promise<void>((resolve) => {
    stream.once('response', () => resolve());
  });
  const client = world.server.client();
  for (let i = 0; i < 1_500; i++) {
    await client.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'busy', namespace: 'default' }, data: { n: String(i) } },
      { manager: 'hostile' },
    );
  }
  await closed;
  session.destroy();
  await expectAlive();
});

test('a watch in process that falls behind ends with GONE', async () => {
  const client = world.server.client();
  const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' });
  if (resource === undefined) throw new Error('no ConfigMaps');
  const map = (n: number) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'lagging', namespace: 'default' },
    data: { n: String(n) },
  });
  const { object } = await client.apply(map(0), { manager: 'hostile' });
  const { resourceVersion = '' } = object.metadata;
  const events = client.watch(resource, { namespace: 'default', resourceVersion })[Symbol.asyncIterator]();
  await client.apply(map(1), { manager: 'hostile' });
  expect((await events.next()).value).toMatchObject({ type: 'MODIFIED' });
  for (let i = 2; i < 1_200; i++) await client.apply(map(i), { manager: 'hostile' });
  const rest = async (): Promise<void> => {
    for (;;) if ((await events.next()).done === true) return;
  };
  await expect(rest()).rejects.toMatchObject({ name: 'KubeError' });
});

test('bodies that are no objects are refused with 400', async () => {
  for (const body of ['', '{', '[]', '"x"', 'null', '1', '{"kind":1}', '{"kind":"Secret","apiVersion":"v1"}']) {
    const answer = await world.ask(MAPS, { method: 'POST', body });
    expect([400, 422]).toContain(answer.status);
    expect(answer.body['kind']).toBe('Status');
  }
  await expectAlive();
});

test('what is not there says so by its name', async () => {
  expect((await world.ask('/api/v1/componentstatuses')).body).toMatchObject({ code: 501, reason: 'NotImplemented' });
  await world.ask('/api/v1/namespaces/default/pods', {
    method: 'POST',
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  });
  const exec = await world.ask('/api/v1/namespaces/default/pods/p/exec');
  expect(exec.body).toMatchObject({
    code: 501,
    message: 'the subresource pods/exec is not implemented by this server',
  });
});

test('paths with odd bytes lead nowhere', async () => {
  for (const path of [
    '/api/v1/namespaces/%zz/configmaps',
    '/api/v1/%2e%2e/secrets',
    '//api//v1',
    '/api/v1/namespaces/a%2Fb',
  ]) {
    expect((await world.ask(path)).status).toBeGreaterThanOrEqual(200);
  }
  await expectAlive();
});
