import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createClient } from '@homeostat/kube/http';
import type { ClusterConfig } from '@homeostat/kube/http';
import { createPace } from '../src/http/pace.ts';
import { secretRedactor } from '../src/http/secrets.ts';

const config: ClusterConfig = {
  server: 'https://127.0.0.1:1',
  insecureSkipTlsVerify: false,
  disableCompression: false,
  credentials: {},
  warnings: [],
};

/** A port of the loopback on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a server that cannot be reached', () => {
  test('is UNREACHABLE with where and the next step, for every kind of call', async () => {
    const server = `https://127.0.0.1:${await freePort()}`;
    await using client = createClient({ ...config, server });
    const ref = { group: '', kind: 'ConfigMap', namespace: 'demo', name: 'a' };
    await expect(client.get(ref)).rejects.toMatchObject({ name: 'KubeError', code: 'UNREACHABLE', retry: 'backoff' });
    await expect(client.request({ method: 'GET', path: '/version' })).rejects.toThrow(
      `GET /version at ${server} got no answer: connection refused; start the API server, or correct the server URL in the kubeconfig`,
    );
    const resource = {
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
    await expect(Array.fromAsync(client.list(resource))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(Array.fromAsync(client.watch(resource, { resourceVersion: '1' }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  test('with a name that nobody knows says so', async () => {
    await using client = createClient({ ...config, server: 'https://kube.invalid:6443' });
    await expect(client.resources()).rejects.toThrow(
      /kube\.invalid.* got no answer: its host name cannot be resolved; correct the server URL/,
    );
  });

  test('because a certificate or authority is no PEM says so', async () => {
    const certificate = { cert: { text: 'nonsense' }, key: { text: 'nonsense' } };
    await using client = createClient({ ...config, credentials: { certificate } });
    await expect(client.resources()).rejects.toMatchObject({ code: 'UNREACHABLE', retry: 'never' });
    await expect(client.resources()).rejects.toThrow(/TLS failed .*; check the client certificate and key/);
  });
});

describe('a call', () => {
  test('that is cancelled before it starts, or while it waits, rejects with CANCELLED', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const address = silent.address();
    try {
      await using client = createClient({
        ...config,
        server: `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
      });
      await expect(client.resources({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
      const signal = AbortSignal.timeout(50);
      await expect(client.request({ method: 'GET', path: '/version', signal })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      await expect(client.request({ method: 'GET', path: '/version', timeoutMs: 50 })).rejects.toMatchObject({
        code: 'TIMEOUT',
        retry: 'backoff',
      });
    } finally {
      silent.close();
    }
  });

  test('of a closed client rejects with CANCELLED', async () => {
    const client = createClient(config);
    await client.close();
    await expect(client.resources()).rejects.toMatchObject({ code: 'CANCELLED' });
    await client.close();
  });

  test('that HTTP cannot carry is INVALID', async () => {
    await using client = createClient({ ...config, credentials: { token: { text: 'a\nb' } } });
    await expect(client.request({ method: 'GET', path: '/version' })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(client.request({ method: 'GET', path: '/version' })).rejects.not.toThrow(/a\nb/);
  });
});

test('the server is named without userinfo', async () => {
  await using client = createClient({ ...config, server: 'https://me:pw@127.0.0.1:1' });
  expect(client.server).toBe('https://127.0.0.1:1');
});

describe('maxQps', () => {
  test('spaces requests evenly, in order of asking, and saves nothing up', () => {
    const pace = createPace(10);
    expect([pace.next(0), pace.next(0), pace.next(50), pace.next(1000), pace.next(1000)]).toEqual([
      0, 100, 150, 0, 100,
    ]);
    expect(createPace(undefined).next(0)).toBe(0);
    expect(() => createPace(0)).toThrow(/maxQps is 0/);
  });
});

describe('values of a Secret', () => {
  const ref = { group: '', kind: 'Secret', namespace: 'demo', name: 's' };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { a: 'aHVudGVyMg==' },
    stringData: { b: 'correct horse', c: 4711 },
    type: 'Opaque',
  };
  const clean = (body: unknown, text: string): string | undefined =>
    secretRedactor(ref, body)?.(text).replaceAll(/<redacted [0-9a-f]{8}>/g, '#');

  test('are taken out of a text, plain and as base64, and nothing else is', () => {
    expect(clean(secret, 'got hunter2, aHVudGVyMg==, correct horse, 4711, Y29ycmVjdCBob3JzZQ== for Opaque')).toBe(
      'got #, #, #, #, # for Opaque',
    );
  });

  test('are taken out wherever a schema error quotes them, short or in another spelling', () => {
    const text = '.stringData.pin: expected string, got &value.valueUnstructured{Value:1.5e+10}';
    expect(clean({ ...secret, stringData: { pin: 15_000_000_000 } }, text)).toBe(
      '.stringData.pin: expected string, got &value.valueUnstructured{Value:<redacted>}',
    );
  });

  test('are found in patches too', () => {
    const json = [
      { op: 'add', path: '/data/a', value: 'aHVudGVyMg==' },
      { op: 'add', path: '/metadata/labels/x', value: 'keep' },
    ];
    expect(clean(json, 'aHVudGVyMg== keep add')).toBe('# keep add');
    expect(clean({ data: { a: 'aHVudGVyMg==' } }, 'hunter2')).toBe('#');
  });

  test('are the business of Secrets alone', () => {
    expect(secretRedactor({ ...ref, kind: 'ConfigMap' }, secret)).toBe(undefined);
    expect(secretRedactor({ ...ref, group: 'example.com' }, secret)).toBe(undefined);
  });
});
