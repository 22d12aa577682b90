import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { startTestServer } from '@homeostat/apiserver/testing';
import { expect, test } from 'vitest';

const WIDGETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Widget, plural: widgets }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { size: { type: integer, default: 1 } } } }
`;
const WIDGET = `
apiVersion: example.com/v1
kind: Widget
metadata: { name: small }
spec: {}
`;

test('objects come from text, values and files, and kinds are served at once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-testing-'));
  try {
    await writeFile(join(directory, 'crds.yaml'), `# kinds\n---\n${WIDGETS}---\n# nothing more\n`);
    await using world = await startTestServer({
      files: [directory, pathToFileURL(join(directory, 'crds.yaml'))],
      objects: ['apiVersion: v1\nkind: Namespace\nmetadata: { name: demo }\n'],
    });
    const [stored] = await world.apply(WIDGET, { namespace: 'demo' });
    expect(stored).toMatchObject({ spec: { size: 1 }, metadata: { namespace: 'demo' } });
    expect(await world.client.get({ group: 'example.com', kind: 'Widget', namespace: 'demo', name: 'small' })).toEqual(
      stored,
    );
    expect((await world.list('example.com/Widget')).map(({ metadata }) => metadata.name)).toEqual(['small']);
    expect(await world.delete('example.com/Widget demo/small')).toBe(true);
    expect(await world.get('example.com/Widget demo/small')).toBeUndefined();
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('what is written in one go is written in an order that works, and returned as it was given', async () => {
  await using world = await startTestServer();
  const stored = await world.apply([WIDGET, WIDGETS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
  expect(stored.map(({ kind }) => kind)).toEqual(['Widget', 'CustomResourceDefinition', 'ConfigMap']);
});

test('text that is no object is refused with its place', async () => {
  await using world = await startTestServer();
  await expect(world.apply('a: 1')).rejects.toThrow('document 1 of the text is no Kubernetes object');
  await expect(world.apply('kind: [')).rejects.toThrow(/^document 1 of the text cannot be read: yaml: line 1: /);
  const json = '\n\t{ "apiVersion": "v1", "kind": "ConfigMap",\n\t"metadata": { "name": "tabs" } }';
  expect((await world.apply(json)).length).toBe(1);
  await expect(world.get('web')).rejects.toThrow(TypeError);
  await expect(world.list('Web')).rejects.toThrow('the server serves no Web');
});

test('requests are those of the code under test, from any client; faults strike them alone', async () => {
  await using world = await startTestServer();
  world.faults.add({ fault: 'unavailable' });
  await world.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }');
  expect(world.requests.all).toEqual([]);
  const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'web' };
  await expect(world.client.get(ref)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  world.faults.clear();
  await world.client.resources();
  await using other = createClient(
    await loadKubeconfig({ path: 'memory', readFile: async () => world.server.kubeconfig }),
  );
  await other.resources();
  world.requests.clear();
  await world.client.get(ref);
  await other
    .apply((await world.get('ConfigMap default/web'))!, { manager: 'other', dryRun: true })
    .catch(() => undefined);
  await other.delete(ref);
  expect(world.requests.counts()).toEqual({ get: 1, 'dry-run': 1, delete: 1 });
  expect(world.requests.of('get', 'configmaps')).toMatchObject([{ name: 'web', status: 200, userAgent: 'test' }]);
  expect(world.requests.of('get', 'secrets')).toEqual([]);
});

test('namespaces are new each time, with what every namespace has', async () => {
  await using world = await startTestServer();
  const [a, b] = [await world.namespace(), await world.namespace()];
  expect(a).not.toBe(b);
  expect(await world.get(`ServiceAccount ${a}/default`)).toBeDefined();
});

test('time moves when the test moves it, and simulated workloads with it', async () => {
  await using world = await startTestServer({ simulate: 'workloads' });
  const start = world.clock.now();
  let slept = false;
  void world.clock.sleep(500).then(() => (slept = true));
  await world.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: nginx }] } }
`);
  const ready = async (): Promise<unknown> =>
    ((await world.get('apps/Deployment default/web'))?.['status'] as Readonly<Record<string, unknown>> | undefined)?.[
      'readyReplicas'
    ];
  expect([await ready(), slept]).toEqual([undefined, false]);
  await world.elapse(5000);
  expect([await ready(), slept, world.clock.now() - start]).toEqual([2, true, 5000]);
});

test('a sleep ends when its signal is aborted', async () => {
  await using world = await startTestServer();
  const stopping = new AbortController();
  const asleep = world.clock.sleep(60_000, stopping.signal);
  stopping.abort();
  await asleep;
  await world.clock.sleep(60_000, stopping.signal);
});

test('eventually returns what the check does, or throws what it threw last', async () => {
  await using world = await startTestServer();
  let tries = 0;
  expect(await world.eventually(() => ++tries > 2 && tries)).toBe(3);
  const never = world.eventually(() => Promise.reject(new Error(`try ${String(++tries)}`)), { timeoutMs: 20 });
  await expect(never).rejects.toThrow(/^try \d+$/);
  await expect(world.eventually(() => false, { timeoutMs: 0 })).rejects.toThrow('it was still not so after 0 ms');
});

test('two runs of one story are the same to the last uid', async () => {
  const story = async (): Promise<unknown> => {
    await using world = await startTestServer();
    await world.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }');
    return await world.get('ConfigMap default/web');
  };
  expect(await story()).toEqual(await story());
});
