import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import type { ClusterConfig, Credentials, ExecPlugin } from '@homeostat/kube/http';
import { createAuthenticator } from '../src/http/authenticator.ts';
import type { Authenticator, AuthenticatorPorts } from '../src/http/authenticator.ts';

const test = base.extend<{ folder: string }>({
  // oxlint-disable-next-line no-empty-pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'kube-credentials-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

const start = Date.parse('2026-11-25T10:00:00Z');

function authenticating(
  credentials: Credentials,
  ports: Partial<AuthenticatorPorts> = {},
): Authenticator & { readonly clock: { now: number } } {
  const clock = { now: start };
  const config: ClusterConfig = {
    server: 'https://kube.example',
    user: 'me',
    insecureSkipTlsVerify: false,
    disableCompression: false,
    credentials,
    warnings: [],
  };
  const authenticator = createAuthenticator(config, {
    now: () => clock.now,
    readFile: (path) => readFile(path, 'utf8'),
    env: process.env,
    interactive: false,
    ...ports,
  });
  return { ...authenticator, clock };
}

/** A real program that answers with what `answer.json` holds, after writing down that it ran and what it was told. */
async function plugin(folder: string, answer: unknown, changes: Partial<ExecPlugin> = {}): Promise<ExecPlugin> {
  const script = join(folder, 'plugin.cjs');
  await writeFile(join(folder, 'answer.json'), typeof answer === 'string' ? answer : JSON.stringify(answer));
  await writeFile(
    script,
    `const { appendFileSync, readFileSync } = require('node:fs');
     const { join } = require('node:path');
     appendFileSync(join(__dirname, 'runs'), JSON.stringify({ info: JSON.parse(process.env.KUBERNETES_EXEC_INFO), args: process.argv.slice(2), profile: process.env.PROFILE }) + '\\n');
     process.stderr.write('log in first\\n');
     process.stdout.write(readFileSync(join(__dirname, 'answer.json')));
     process.exitCode = Number(process.env.EXIT ?? 0);`,
  );
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [script, 'get-token'],
    env: { PROFILE: 'dev' },
    interactiveMode: 'IfAvailable',
    ...changes,
  };
}

function credential(status: Record<string, unknown>, version = 'v1'): unknown {
  return { apiVersion: `client.authentication.k8s.io/${version}`, kind: 'ExecCredential', status };
}

async function runs(folder: string): Promise<unknown[]> {
  const text = await readFile(join(folder, 'runs'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
}

const inMinutes = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();

describe('static credentials', () => {
  test('are handed out as they stand, and a 401 cannot change them', async () => {
    const { current, renew } = authenticating({
      token: { text: 'abc\n' },
      certificate: { cert: { text: 'C' }, key: { text: 'K' } },
    });
    const used = await current();
    expect(used).toEqual({ authorization: 'Bearer abc', certificate: { cert: 'C', key: 'K' } });
    expect(await renew(used)).toBe(false);
  });

  test('that are absent leave the client anonymous', async () => {
    const { current, renew } = authenticating({});
    expect(await current()).toEqual({ authorization: undefined, certificate: undefined });
    expect(await renew(await current())).toBe(false);
  });
});

describe('a token file', () => {
  test('is read again after a minute, or after a 401', async ({ folder }) => {
    const path = join(folder, 'token');
    await writeFile(path, 'one\n');
    const { current, renew, clock } = authenticating({ token: { path } });
    const first = await current();
    expect(first.authorization).toBe('Bearer one');
    await writeFile(path, 'two\n');
    clock.now += 59_999;
    expect(await current()).toEqual(first);
    clock.now += 1;
    const second = await current();
    expect(second.authorization).toBe('Bearer two');
    expect(await renew(first)).toBe(true);
    expect(await renew(second)).toBe(false);
    await writeFile(path, 'three\n');
    expect(await renew(second)).toBe(true);
    expect((await current()).authorization).toBe('Bearer three');
  });

  test('that vanishes later still holds; one that never was is CREDENTIALS with its path', async ({ folder }) => {
    const path = join(folder, 'token');
    await writeFile(path, 'one');
    const { current, clock } = authenticating({ token: { path } });
    await current();
    await rm(path);
    clock.now += 60_000;
    expect((await current()).authorization).toBe('Bearer one');
    const missing = authenticating({ token: { path: join(folder, 'other') } });
    await expect(missing.current()).rejects.toMatchObject({ code: 'CREDENTIALS', retry: 'backoff' });
    await expect(missing.current()).rejects.toThrow(/token cannot be read from .*other; check that the file exists/);
  });
});

describe('a credential plugin', () => {
  test('is told version, cluster and terminal, gets arguments and environment, and is asked once', async ({
    folder,
  }) => {
    const exec = await plugin(folder, credential({ token: 'abc' }), { cluster: { server: 'https://kube.example' } });
    const { current } = authenticating({ exec });
    const answers = await Promise.all([current(), current(), current()]);
    expect(answers.map((answer) => answer.authorization)).toEqual(['Bearer abc', 'Bearer abc', 'Bearer abc']);
    await current();
    expect(await runs(folder)).toEqual([
      {
        info: {
          kind: 'ExecCredential',
          apiVersion: exec.apiVersion,
          spec: { cluster: { server: 'https://kube.example' }, interactive: false },
        },
        args: ['get-token'],
        profile: 'dev',
      },
    ]);
  });

  test('may hand out a client certificate, and speak v1beta1', async ({ folder }) => {
    const status = { clientCertificateData: 'CERT', clientKeyData: 'KEY' };
    const exec = await plugin(folder, credential(status, 'v1beta1'), {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
    });
    const { current } = authenticating({ exec, certificate: { cert: { text: 'C' }, key: { text: 'K' } } });
    expect(await current()).toEqual({ authorization: undefined, certificate: { cert: 'CERT', key: 'KEY' } });
  });

  test('is asked again a minute before its credential expires, or in the last fifth of a short life', async ({
    folder,
  }) => {
    const exec = await plugin(folder, credential({ token: 'one', expirationTimestamp: inMinutes(60) }));
    const { current, clock } = authenticating({ exec });
    await current();
    await plugin(folder, credential({ token: 'two', expirationTimestamp: inMinutes(60) }));
    clock.now = start + 59 * 60_000 - 1;
    expect((await current()).authorization).toBe('Bearer one');
    clock.now += 1;
    expect((await current()).authorization).toBe('Bearer two');
    // The new one has a minute to live: it is good for four fifths of it.
    clock.now += 47_999;
    await current();
    expect(await runs(folder)).toHaveLength(2);
    clock.now += 1;
    await current();
    expect(await runs(folder)).toHaveLength(3);
  });

  test('that fails leaves a credential in use which still holds, until it has expired', async ({ folder }) => {
    const exec = await plugin(folder, credential({ token: 'one', expirationTimestamp: inMinutes(60) }));
    const { current, clock } = authenticating({ exec });
    await current();
    await plugin(folder, 'broken');
    clock.now = start + 59.5 * 60_000;
    expect((await current()).authorization).toBe('Bearer one');
    clock.now = start + 60 * 60_000;
    await expect(current()).rejects.toMatchObject({ code: 'CREDENTIALS' });
  });

  test('is asked once after a 401, however many requests got it', async ({ folder }) => {
    const exec = await plugin(folder, credential({ token: 'one' }));
    const { current, renew } = authenticating({ exec });
    const used = await current();
    await plugin(folder, credential({ token: 'two' }));
    expect(await Promise.all([renew(used), renew(used), renew(used)])).toEqual([true, true, true]);
    expect(await renew(used)).toBe(true);
    expect((await current()).authorization).toBe('Bearer two');
    expect(await runs(folder)).toHaveLength(2);
  });

  test('is not run beside a token', async ({ folder }) => {
    const exec = await plugin(folder, credential({ token: 'one' }));
    expect((await authenticating({ exec, token: { text: 'mine' } }).current()).authorization).toBe('Bearer mine');
    expect(await runs(folder)).toEqual([]);
  });

  test.each<readonly [string, unknown, Partial<ExecPlugin>, RegExp]>([
    [
      'is not installed',
      '',
      { command: 'homeostat-no-such-plugin', installHint: 'brew install it' },
      /"homeostat-no-such-plugin" is not installed; brew install it/,
    ],
    ['fails', '', { env: { EXIT: '3' } }, /failed with exit code 3 \("log in first"\); run it by hand/],
    ['prints something else', 'token: abc-secret', {}, /printed no ExecCredential; update/],
    [
      'answers in another version',
      credential({ token: 'abc-secret' }, 'v1beta1'),
      {},
      /another version than client\.authentication\.k8s\.io\/v1;/,
    ],
    ['hands out nothing', credential({}), {}, /neither a token nor a client certificate/],
    [
      'hands out half a certificate',
      credential({ clientCertificateData: 'abc-secret' }),
      {},
      /neither a token nor a client certificate/,
    ],
    [
      'speaks an old version',
      '',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      /not spoken any more; use client\.authentication\.k8s\.io\/v1 /,
    ],
    [
      'must ask a person, and none is there',
      '',
      { interactiveMode: 'Always' },
      /there is no terminal; run it where there is one/,
    ],
  ])('that %s is CREDENTIALS with the next step', async (_what, answer, changes, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'kube-credentials-'));
    try {
      const { current } = authenticating({ exec: await plugin(folder, answer, changes) });
      await expect(current()).rejects.toMatchObject({ code: 'CREDENTIALS' });
      await expect(current()).rejects.toThrow(message);
      await expect(current()).rejects.not.toThrow(/abc-secret/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('that cannot be executed says so', async ({ folder }) => {
    const command = join(folder, 'plain');
    await writeFile(command, 'no program');
    await chmod(command, 0o600);
    const { current } = authenticating({ exec: await plugin(folder, '', { command }) });
    await expect(current()).rejects.toThrow(/could not be started .*; check that the file is executable/);
  });
});

describe('an auth-provider', () => {
  const jwt = (expires: number): string =>
    ['{}', JSON.stringify({ exp: expires }), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');

  test('gives its id token through client-node', async () => {
    const token = jwt(Date.now() / 1000 + 3600);
    const { current, renew } = authenticating({
      provider: { name: 'oidc', config: { 'id-token': token, 'client-id': 'me' } },
    });
    expect((await current()).authorization).toBe(`Bearer ${token}`);
    expect(await renew(await current())).toBe(false);
  });

  test('that has expired, or is of no known kind, is CREDENTIALS, by name', async () => {
    for (const name of ['oidc', 'unheard-of']) {
      const { current } = authenticating({ provider: { name, config: { 'id-token': jwt(1) } } });
      await expect(current()).rejects.toMatchObject({ code: 'CREDENTIALS' });
      await expect(current()).rejects.toThrow(new RegExp(`auth-provider "${name}" of user "me" .*log in again`));
    }
  });
});
