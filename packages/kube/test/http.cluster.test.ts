import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Client, KubeObject, RequestRecord } from '@homeostat/kube';
import { createClient, inClusterConfig, loadKubeconfig } from '@homeostat/kube/http';
import type { ClientOptions, ClusterConfig, HttpClient } from '@homeostat/kube/http';
import { cluster } from '../../../test/support/cluster.ts';
import { makeCertificate, startForwarder, startGateway, startProxy } from './wires.ts';

const test = cluster.test
  /** A folder of this test alone, removed after it. */
  .extend('folder', async ({ namespace }, { onCleanup }): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), `${namespace}-`));
    onCleanup(() => rm(folder, { recursive: true }));
    return folder;
  })
  /** A client of the control plane, its configuration changed, that is closed after the test; and what it sent. */
  .extend(
    'open',
    (
      { kubeconfig },
      { onCleanup },
    ): ((changes?: Partial<ClusterConfig>, options?: ClientOptions) => Promise<Opened>) => {
      const clients: HttpClient[] = [];
      onCleanup(async () => void (await Promise.all(clients.map((client) => client.close()))));
      return async (changes = {}, options = {}) => {
        const sent: RequestRecord[] = [];
        const config = { ...(await loadKubeconfig({ path: kubeconfig })), ...changes };
        const client = createClient(config, { ...options, onRequest: (record) => sent.push(record) });
        clients.push(client);
        return { client, sent };
      };
    },
  );

interface Opened {
  readonly client: HttpClient;
  readonly sent: RequestRecord[];
}

function configMap(namespace: string, name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

const configMaps = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  verbs: [],
  shortNames: [],
  categories: [],
  subresources: [],
};

const version = (client: Client): Promise<unknown> => client.request({ method: 'GET', path: '/version' });

/** A watch that has brought its first event: how it ends. */
async function watching(client: Client, namespace: string): Promise<{ readonly end: Promise<unknown> }> {
  const { object } = await client.create(configMap(namespace, 'watched'));
  const resourceVersion = String(Number(object.metadata.resourceVersion) - 1);
  const events = client.watch(configMaps, { namespace, fieldSelector: 'metadata.name=watched', resourceVersion });
  const watch = events[Symbol.asyncIterator]();
  expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
  const end = watch.next().then(
    () => 'another event',
    (error: unknown) => error,
  );
  return { end };
}

describe('requests', () => {
  test('are recorded with verb, resource, status and dry run', async ({ open, namespace }) => {
    const { client, sent } = await open();
    const ref = { group: '', kind: 'ConfigMap', namespace, name: 'a' };
    await client.get(ref);
    await client.apply(configMap(namespace, 'a'), { manager: 'm', dryRun: true });
    await client.apply(configMap(namespace, 'a'), { manager: 'm' });
    await client.patch(ref, { type: 'merge', value: {} });
    await client.delete(ref);
    await version(client);
    expect(
      sent.map(({ durationMs, ...record }) => ({ ...record, timed: durationMs >= 0 && durationMs < 30_000 })),
    ).toEqual(
      [
        { verb: 'discovery', resource: '', status: 200, dryRun: false },
        { verb: 'discovery', resource: '', status: 200, dryRun: false },
        { verb: 'get', resource: '/configmaps', status: 404, dryRun: false },
        { verb: 'apply', resource: '/configmaps', status: 201, dryRun: true },
        { verb: 'apply', resource: '/configmaps', status: 201, dryRun: false },
        { verb: 'patch', resource: '/configmaps', status: 200, dryRun: false },
        { verb: 'delete', resource: '/configmaps', status: 200, dryRun: false },
        { verb: 'raw', resource: '', status: 200, dryRun: false },
      ].map((record) => ({ ...record, timed: true })),
    );
  });

  test('ask for discovery once, whoever is first and however many; asking anew costs two empty answers', async ({
    open,
    namespace,
  }) => {
    const { client, sent } = await open();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.apply(configMap(namespace, `c${index}`), { manager: 'm' })),
    );
    expect(sent.filter(({ verb }) => verb === 'discovery')).toHaveLength(2);
    sent.length = 0;
    const before = await client.resources();
    expect(sent).toEqual([]);
    await client.resources({ refresh: true });
    expect((await client.resources()).all).toEqual(before.all);
    expect(sent.map(({ status }) => status).every((status) => status === 304 || status === 200)).toBe(true);
    expect(sent).toHaveLength(2);
  });

  test('do not ask for discovery again for every object of an unknown kind', async ({ open, namespace }) => {
    const { client, sent } = await open();
    for (let index = 0; index < 20; index++) {
      await expect(
        client.get({ group: 'nobody.example', kind: 'Nothing', namespace, name: 'a' }),
      ).rejects.toMatchObject({ code: 'UNKNOWN_KIND' });
    }
    expect(sent).toHaveLength(2);
  });

  test('start no faster than maxQps', async ({ open }) => {
    const { client, sent } = await open({}, { maxQps: 40 });
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 9 }, () => version(client)));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
    expect(sent).toHaveLength(9);
  });

  test('get large answers compressed, unless the kubeconfig says otherwise', async ({
    plane,
    open,
    namespace,
    client: admin,
  }) => {
    const text = 'all work and no play\n'.repeat(20_000);
    await admin.create(configMap(namespace, 'large', { text }));
    const path = `/api/v1/namespaces/${namespace}/configmaps/large`;
    for (const disableCompression of [true, false]) {
      await using wire = await startForwarder(plane.server);
      const { client } = await open({ server: `https://127.0.0.1:${wire.port}`, disableCompression });
      const { headers, body } = await client.request({ method: 'GET', path });
      expect((JSON.parse(body) as KubeObject)['data']).toEqual({ text });
      expect(headers).not.toHaveProperty('content-encoding');
      expect(wire.received() > text.length).toBe(disableCompression);
    }
  });
});

describe('discovery', () => {
  test('names the group of an API service that is down; its kinds are unknown, not absent, and the others are found', async ({
    open,
    client: admin,
    namespace,
  }) => {
    const group = `${namespace}.example`;
    const name = `v1.${group}`;
    await admin.create({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: {
        group,
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace, name: 'nobody' },
      },
    });
    try {
      const { client } = await open();
      await expect
        .poll(async () => (await client.resources({ refresh: true })).degraded, { timeout: 20_000 })
        .toContain(`${group}/v1`);
      expect((await client.resources()).find({ group: 'apps', kind: 'Deployment' })).toBeDefined();
      const refused = client.get({ group, kind: 'Thing', namespace, name: 'a' });
      await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE', retry: 'backoff' });
      await expect(refused).rejects.toThrow(/repair the API service behind it/);
    } finally {
      await admin.delete({ group: 'apiregistration.k8s.io', kind: 'APIService', namespace: '', name });
    }
  });
});

describe('credentials', () => {
  test('that are wrong are UNAUTHORIZED, after one request', async ({ open }) => {
    const { client, sent } = await open({ credentials: { token: { text: 'nobody' } } });
    await expect(version(client)).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401, retry: 'never' });
    await expect(version(client)).rejects.toThrow(/log in again or renew them/);
    await expect(version(client)).rejects.not.toThrow(/nobody/);
    expect(sent).toHaveLength(3);
  });

  test('from a file that was renewed are taken after a 401, with one more request, for a watch too', async ({
    open,
    folder,
    namespace,
    client: admin,
  }) => {
    const path = join(folder, 'token');
    const { object } = await admin.create(configMap(namespace, 'a'));
    for (const call of ['request', 'watch'] as const) {
      await writeFile(path, 'expired\n');
      const { client, sent } = await open({ credentials: { token: { path } } });
      await expect(version(client)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
      await writeFile(path, 'admin-token\n');
      sent.length = 0;
      if (call === 'request') await version(client);
      else
        await Array.fromAsync(
          client.watch(configMaps, {
            namespace,
            resourceVersion: object.metadata.resourceVersion ?? '',
            timeoutMs: 1_000,
          }),
        );
      expect(sent.map(({ status }) => status)).toEqual([401, 200]);
    }
  });

  test('from a plugin are renewed once for many requests that were refused', async ({ open, folder }) => {
    const script = join(folder, 'plugin.cjs');
    await writeFile(
      script,
      `const { appendFileSync, readFileSync } = require('node:fs');
       appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x');
       const token = readFileSync(${JSON.stringify(join(folder, 'runs'))}, 'utf8').length === 1 ? 'expired' : 'admin-token';
       console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }));`,
    );
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [script],
      env: {},
      interactiveMode: 'Never' as const,
    };
    const { client, sent } = await open({ credentials: { exec } });
    await Promise.all(Array.from({ length: 10 }, () => version(client)));
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('xx');
    expect(sent.map(({ status }) => status).toSorted((a, b) => b - a)).toEqual([
      ...Array(10).fill(401),
      ...Array(10).fill(200),
    ]);
  });

  test('of a pod are its service account', async ({ plane, kubeconfig, open }) => {
    const { hostname, port } = new URL(plane.server);
    const account: Readonly<Record<string, string>> = {
      'ca.crt': await readFile(join(dirname(kubeconfig), 'certs', 'apiserver.crt'), 'utf8'),
      namespace: 'demo',
      token: plane.adminToken,
    };
    const readAccount = async (path: string): Promise<string> => {
      const text = account[path.slice('/var/run/secrets/kubernetes.io/serviceaccount/'.length)];
      if (text === undefined) throw new Error(`there is no ${path}`);
      return text;
    };
    const pod = await inClusterConfig({
      env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      readFile: readAccount,
    });
    const { client } = await open(pod, { readFile: readAccount });
    expect((await client.get({ group: '', kind: 'Namespace', namespace: '', name: 'default' }))?.metadata.name).toBe(
      'default',
    );
  });
});

describe('TLS', () => {
  test('refuses a certificate that nobody vouches for, and says what to set', async ({ open }) => {
    const { client } = await open({ insecureSkipTlsVerify: false });
    await expect(version(client)).rejects.toMatchObject({ code: 'UNREACHABLE', retry: 'never' });
    await expect(version(client)).rejects.toThrow(
      /certificate is not trusted .*; set the cluster's certificate-authority/,
    );
  });

  test('shows a client certificate to a gateway, below its path prefix and under another name, over HTTP/1.1', async ({
    plane,
    folder,
    open,
    namespace,
  }) => {
    const certificate = await makeCertificate(folder, 'gateway.example');
    const me = await makeCertificate(folder, 'me.example');
    await using gateway = await startGateway(plane.server, {
      prefix: '/k8s/clusters/c1',
      certificate,
      clients: [me.cert],
      token: plane.adminToken,
    });
    const through = {
      server: `https://127.0.0.1:${gateway.port}/k8s/clusters/c1`,
      ca: certificate.cert,
      tlsServerName: 'gateway.example',
      insecureSkipTlsVerify: false,
      credentials: { certificate: { cert: { path: join(folder, 'me.example.crt') }, key: { text: me.key } } },
    };
    const { client } = await open(through);
    expect(await client.apply(configMap(namespace, 'a'), { manager: 'm' })).toMatchObject({ created: true });
    // HTTP/1.1: one connection per request at a time, and used again.
    const before = gateway.count();
    for (let index = 0; index < 5; index++) await version(client);
    expect(gateway.count()).toBe(before);

    const { tlsServerName: _, ...unnamed } = through;
    await expect(version((await open(unnamed)).client)).rejects.toThrow(
      /certificate is for another name; correct the host in the server URL, or set tls-server-name/,
    );
    await expect(version((await open({ ...through, credentials: {} })).client)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    const elsewhere = await open({ ...through, server: `https://127.0.0.1:${gateway.port}/k8s/clusters/c2` });
    await expect(version(elsewhere.client)).rejects.toMatchObject({ code: 'PROTOCOL', status: 404 });
  });
});

describe('a proxy', () => {
  test('is used when the kubeconfig names one; its password stays out of errors', async ({ open }) => {
    await using proxy = await startProxy('me:pass-word');
    const { client } = await open({ proxyUrl: `http://me:pass-word@127.0.0.1:${proxy.port}` });
    await version(client);
    expect(proxy.count()).toBe(1);
    const refused = await open({ proxyUrl: `http://me:wrong-word@127.0.0.1:${proxy.port}` });
    await expect(version(refused.client)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(version(refused.client)).rejects.toThrow(
      /407.*; check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY/,
    );
    await expect(version(refused.client)).rejects.not.toThrow(/wrong-word/);
  });
});

describe('a connection', () => {
  test('carries every request and watch at once over HTTP/2', async ({ plane, open, namespace }) => {
    await using wire = await startForwarder(plane.server);
    const { client } = await open({ server: `https://127.0.0.1:${wire.port}` });
    const { end } = await watching(client, namespace);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => client.apply(configMap(namespace, `c${index}`), { manager: 'm' })),
    );
    expect(wire.count()).toBe(1);
    await client.close();
    expect(await end).toMatchObject({ code: 'CANCELLED' });
  });

  test('that is cut ends a watch with UNREACHABLE, and the next call makes another', async ({
    plane,
    open,
    namespace,
  }) => {
    await using wire = await startForwarder(plane.server);
    for (const protocol of ['auto', 'http1'] as const) {
      const { client } = await open({ server: `https://127.0.0.1:${wire.port}` }, { protocol });
      const { end } = await watching(client, namespace);
      wire.cut();
      expect(await end).toMatchObject({ code: 'UNREACHABLE', retry: 'backoff' });
      await version(client);
      await client.delete({ group: '', kind: 'ConfigMap', namespace, name: 'watched' });
    }
  });

  test('that is half-open is noticed, though the watch is quiet, and replaced', async ({ plane, open, namespace }) => {
    await using wire = await startForwarder(plane.server);
    const { client } = await open({ server: `https://127.0.0.1:${wire.port}` }, { probeIntervalMs: 1_000 });
    const { end } = await watching(client, namespace);
    // Alive, it stays open for more probes than may go unanswered: one.
    // A shorter interval would be missed by a machine that is busy.
    await client.create(configMap(namespace, 'other'));
    await expect(Promise.race([end, new Promise((resolve) => setTimeout(resolve, 2_500, 'quiet'))])).resolves.toBe(
      'quiet',
    );
    wire.freeze();
    expect(await end).toMatchObject({ code: 'UNREACHABLE', retry: 'backoff' });
    await version(client);
    expect(wire.count()).toBe(2);
  });

  // What goes wrong here ends the process: the test library tells of it after the run.
  test('that is closed in the end has forgotten no call that was cancelled in the very turn that sent it', async ({
    open,
  }) => {
    const { client } = await open();
    await version(client);
    for (let turns = 0; turns < 60; turns++) {
      const controller = new AbortController();
      const cancelled = client
        .request({ method: 'GET', path: '/version', signal: controller.signal })
        .catch((error: unknown) => error);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      controller.abort();
      expect(await cancelled).toMatchObject({ code: 'CANCELLED' });
      // An idle connection sends at once; a busy one waits for its turn.
      await new Promise((resolve) => {
        setTimeout(resolve, 1);
      });
    }
    await client.close();
  });

  test('of a closed client is gone, and a running watch with it', async ({ open, namespace }) => {
    const { client } = await open();
    const { end } = await watching(client, namespace);
    await client.close();
    expect(await end).toMatchObject({ code: 'CANCELLED' });
    await expect(version(client)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
