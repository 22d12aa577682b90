import { describe, expect, test } from 'vitest';
import { inClusterConfig, loadKubeconfig, printableUrl } from '@homeostat/kube/http';
import type { ClusterConfig } from '@homeostat/kube/http';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Loads from files in memory; paths are absolute. */
function load(
  files: Readonly<Record<string, string>>,
  options: { env?: Record<string, string>; path?: string; context?: string } = {},
): Promise<ClusterConfig> {
  return loadKubeconfig({
    env: { HOME: '/home/me', ...options.env },
    ...(options.path !== undefined && { path: options.path }),
    ...(options.context !== undefined && { context: options.context }),
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
  });
}

/** A kubeconfig with one context; `cluster` and `user` are YAML in flow style. */
function kubeconfig({
  cluster = 'server: "https://kube.example:6443"',
  user = 'token: secret-token',
  context = '',
} = {}): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: ctx, context: {cluster: c, user: u${context}}}]
current-context: ctx
`;
}

const home = '/home/me/.kube/config';
const one = (parts: Parameters<typeof kubeconfig>[0], env?: Record<string, string>): Promise<ClusterConfig> =>
  load({ [home]: kubeconfig(parts), '/home/me/.kube/ca.pem': 'CA' }, env && { env });

describe('a kubeconfig', () => {
  test('gives server, namespace and token of its current context', async () => {
    expect(await one({ context: ', namespace: demo' })).toEqual({
      server: 'https://kube.example:6443',
      insecureSkipTlsVerify: false,
      disableCompression: false,
      namespace: 'demo',
      context: 'ctx',
      user: 'u',
      credentials: { token: { text: 'secret-token' } },
      warnings: [],
    });
  });

  test('may be JSON', async () => {
    const json = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'http://localhost:8001/' } }],
      contexts: [{ name: 'x', context: { cluster: 'c' } }],
      'current-context': 'x',
    });
    expect(await load({ [home]: json })).toMatchObject({ server: 'http://localhost:8001', credentials: {} });
  });

  test('names its files relative to itself', async () => {
    const config = await one({
      cluster: 'server: "https://kube.example", certificate-authority: ca.pem',
      user: 'tokenFile: ../token, client-certificate: my.crt, client-key: /keys/my.key',
    });
    expect(config).toMatchObject({
      ca: 'CA',
      credentials: {
        token: { path: '/home/me/token' },
        certificate: { cert: { path: '/home/me/.kube/my.crt' }, key: { path: '/keys/my.key' } },
      },
    });
  });

  test('takes data before files, and a token file before a token', async () => {
    const config = await one({
      cluster: `server: "https://kube.example", certificate-authority: missing.pem, certificate-authority-data: ${base64('CA DATA')}`,
      user: `token: t, tokenFile: /t, client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}, client-key: missing`,
    });
    expect(config).toMatchObject({
      ca: 'CA DATA',
      credentials: { token: { path: '/t' }, certificate: { cert: { text: 'CERT' }, key: { text: 'KEY' } } },
    });
  });

  test('warns where nobody verifies the certificate', async () => {
    const config = await one({
      cluster: 'server: "https://kube.example", insecure-skip-tls-verify: true, tls-server-name: other',
    });
    expect(config).toMatchObject({ insecureSkipTlsVerify: true, tlsServerName: 'other' });
    expect(config.warnings).toEqual([expect.stringContaining('insecure-skip-tls-verify')]);
  });

  test('may leave the scheme out, as kubectl allows, and never keeps userinfo', async () => {
    expect((await one({ cluster: 'server: "kube.example:8080"' })).server).toBe('http://kube.example:8080');
    expect((await one({ cluster: 'server: "kube.example", certificate-authority: ca.pem' })).server).toBe(
      'https://kube.example',
    );
    expect((await one({ cluster: 'server: "https://me:pw@kube.example/k8s/clusters/c1/"' })).server).toBe(
      'https://kube.example/k8s/clusters/c1',
    );
  });

  test('goes through its proxy-url, else the proxy of the environment', async () => {
    const env = { HTTPS_PROXY: 'http://proxy:1' };
    expect((await one({}, env)).proxyUrl).toBe('http://proxy:1');
    expect((await one({}, { ...env, NO_PROXY: 'kube.example' })).proxyUrl).toBe(undefined);
    expect(
      (await one({ cluster: 'server: "https://kube.example", proxy-url: "socks5://other:2"' }, env)).proxyUrl,
    ).toBe('socks5://other:2');
  });

  test('can impersonate', async () => {
    const user = 'token: t, as: jane, as-uid: "7", as-groups: [a, b], as-user-extra: {"example.com/team": [x]}';
    expect((await one({ user })).impersonate).toEqual({
      user: 'jane',
      uid: '7',
      groups: ['a', 'b'],
      extra: { 'example.com/team': ['x'] },
    });
    await expect(one({ user: 'token: t, as-groups: [a]' })).rejects.toMatchObject({ code: 'KUBECONFIG' });
  });

  test('tells a credential plugin what it needs, and about the cluster when it wants to know', async () => {
    const exec =
      'apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [get-token], env: [{name: PROFILE, value: dev}], interactiveMode: Never, installHint: "get it"';
    const cluster = `server: "https://kube.example", certificate-authority: ca.pem, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]`;
    expect((await one({ cluster, user: `exec: {${exec}, provideClusterInfo: true}` })).credentials.exec).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/home/me/.kube/bin/login',
      args: ['get-token'],
      env: { PROFILE: 'dev' },
      interactiveMode: 'Never',
      installHint: 'get it',
      cluster: {
        server: 'https://kube.example',
        'certificate-authority-data': base64('CA'),
        config: { audience: 'a' },
      },
    });
    const plain = await one({ user: 'exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}' });
    expect(plain.credentials.exec).toMatchObject({ command: 'login', interactiveMode: 'IfAvailable' });
    expect(plain.credentials.exec?.cluster).toBe(undefined);
  });

  test('names an auth-provider', async () => {
    const user = 'auth-provider: {name: oidc, config: {client-id: me}}';
    expect((await one({ user })).credentials).toEqual({ provider: { name: 'oidc', config: { 'client-id': 'me' } } });
  });

  test('with user name and password is refused: Kubernetes does not accept them any more', async () => {
    const refused = one({ user: 'username: me, password: hunter2' });
    await expect(refused).rejects.toMatchObject({ code: 'CREDENTIALS' });
    await expect(refused).rejects.toThrow(/user "u" has a user name and password.*; use a token/);
    await expect(refused).rejects.not.toThrow(/hunter2/);
  });

  test.each([
    ['no context', { [home]: 'clusters: []' }, {}, /no current context is set; it has none; choose one/],
    ['an unknown context', { [home]: kubeconfig() }, { context: 'nope' }, /no context "nope"; it has ctx; correct/],
    [
      'an unknown cluster',
      { [home]: kubeconfig().replace('cluster: c,', 'cluster: d,') },
      {},
      /no cluster "d", which context "ctx" names; it has c/,
    ],
    [
      'an unknown user',
      { [home]: kubeconfig().replace('user: u}', 'user: v}') },
      {},
      /no user "v", which context "ctx" names/,
    ],
    [
      'a broken file',
      { [home]: 'users: [{token: secret-token' },
      {},
      /\.kube\/config: is not valid YAML \(line \d+, column \d+\); correct it there/,
    ],
    ['a list at its top', { [home]: '[secret-token]' }, {}, /holds no mapping/],
    [
      'a name that stands twice',
      { [home]: kubeconfig().replace('users: [', 'users: [{name: u}, ') },
      {},
      /users holds "u" twice/,
    ],
    [
      'a token that is a number',
      { [home]: kubeconfig({ user: 'token: 12345678' }) },
      {},
      /token of "u" is no text; put it in quotes/,
    ],
    [
      'a certificate without its key',
      { [home]: kubeconfig({ user: 'client-certificate: a.crt' }) },
      {},
      /without its key/,
    ],
    ['no server', { [home]: kubeconfig({ cluster: '' }) }, {}, /cluster "c" has no server/],
    [
      'a server that is no URL',
      { [home]: kubeconfig({ cluster: 'server: "ftp://kube"' }) },
      {},
      /no http or https URL/,
    ],
    [
      'an authority that is ignored',
      {
        [home]: kubeconfig({
          cluster: `server: "https://k", insecure-skip-tls-verify: true, certificate-authority-data: ${base64('CA')}`,
        }),
      },
      {},
      /both a certificate-authority and insecure-skip-tls-verify/,
    ],
    [
      'an authority that is missing',
      { [home]: kubeconfig({ cluster: 'server: "https://k", certificate-authority: other.pem' }) },
      {},
      /cannot be read from \/home\/me\/\.kube\/other\.pem/,
    ],
    ['no file', {}, {}, /no kubeconfig at \/home\/me\/\.kube\/config; name one with --kubeconfig or KUBECONFIG/],
    ['no file where one is named', { [home]: kubeconfig() }, { path: '/else' }, /no kubeconfig at \/else/],
  ] as const)(
    'with %s is KUBECONFIG, with place and next step, and no secret',
    async (_what, files, options, message) => {
      const refused = load(files, options);
      await expect(refused).rejects.toMatchObject({ code: 'KUBECONFIG', retry: 'never' });
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.not.toThrow(/secret-token|12345678/);
    },
  );
});

describe('KUBECONFIG', () => {
  const files = {
    '/a': 'current-context: ""\nusers: [{name: u, user: {token: first}}]\n',
    '/b/config': kubeconfig({ user: 'tokenFile: token' }),
    '/c': kubeconfig({ cluster: 'server: "https://other"' }).replace('ctx', 'third'),
  };

  test('lists files: the first that has an entry wins, entries are taken whole, missing files are passed over', async () => {
    const config = await load(files, { env: { KUBECONFIG: '/a:/missing::/b/config:/a:/c' } });
    expect(config).toMatchObject({
      server: 'https://kube.example:6443',
      context: 'ctx',
      credentials: { token: { text: 'first' } },
    });
    const other = await load(files, { env: { KUBECONFIG: '/b/config:/a' } });
    expect(other.credentials).toEqual({ token: { path: '/b/token' } });
  });

  test('is passed over when a path is given', async () => {
    expect((await load(files, { env: { KUBECONFIG: '/a' }, path: '/c', context: 'third' })).server).toBe(
      'https://other',
    );
  });
});

describe('a pod', () => {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const files = { [`${account}/ca.crt`]: 'CA', [`${account}/namespace`]: 'demo\n', [`${account}/token`]: 'token' };

  test('uses its service account when there is no kubeconfig', async () => {
    expect(await load(files, { env })).toEqual({
      server: 'https://10.0.0.1:443',
      ca: 'CA',
      insecureSkipTlsVerify: false,
      disableCompression: false,
      namespace: 'demo',
      credentials: { token: { path: `${account}/token` } },
      warnings: [],
    });
    expect((await load({ ...files, [home]: kubeconfig() }, { env })).server).toBe('https://kube.example:6443');
    expect((await load(files, { env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' } })).server).toBe(
      'https://[fd00::1]:443',
    );
  });

  test('without one, and a process outside a pod, are KUBECONFIG', async () => {
    await expect(load({}, { env })).rejects.toThrow(/no service account at .*; set automountServiceAccountToken/);
    await expect(inClusterConfig({ env: {} })).rejects.toMatchObject({ code: 'KUBECONFIG' });
  });
});

test('a URL is printed without userinfo', () => {
  expect(printableUrl('https://me:pw@kube.example:6443/')).toBe('https://kube.example:6443');
  expect(printableUrl('https://kube.example/k8s/c1')).toBe('https://kube.example/k8s/c1');
  expect(printableUrl('me:pw@kube')).not.toContain('pw');
});
