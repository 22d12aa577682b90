import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { homeostat } from './support/run.ts';
import type { Ran } from './support/run.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;

interface Running {
  readonly introduction: string;
  /** As SIGTERM does. */
  stop(): Promise<Ran>;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Starts one and waits until it has said where it is. */
async function start(...args: string[]): Promise<Running> {
  const stopping = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const running = homeostat(['apiserver', ...args], { signal: stopping.signal, onStdout: resolve });
  const stop = (): Promise<Ran> => {
    stopping.abort();
    return running;
  };
  onTestFinished(async () => void (await stop()));
  void running.then(({ stderr }) => resolve(stderr));
  return { introduction: await promise, stop };
}

interface Introduced {
  readonly url: string;
  readonly kubeconfig: string;
}

test('it serves until it is stopped, and its kubeconfig goes with it', async () => {
  const server = await start('--output', 'json');
  const { url, kubeconfig, ...rest } = JSON.parse(server.introduction) as Introduced;
  expect(rest).toEqual({ kind: 'ApiServer', version: 1, simulate: false });
  expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600);

  const config = await loadKubeconfig({ path: kubeconfig, env: {} });
  expect(config).toMatchObject({ server: url, insecureSkipTlsVerify: false });
  {
    await using client = createClient(config);
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    expect(await client.get({ group: '', kind: 'Namespace', namespace: '', name: 'shop' })).toBeDefined();
  }

  expect((await server.stop()).code).toBe(0);
  await expect(stat(kubeconfig)).rejects.toMatchObject({ code: 'ENOENT' });
  await using late = createClient(config);
  await expect(late.get({ group: '', kind: 'Namespace', namespace: '', name: 'shop' })).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
});

test('for people it says where it is and what to type', async () => {
  const kubeconfig = join(await temporaryFolder(), 'kubeconfig');
  const server = await start('--simulate', '--kubeconfig', kubeconfig);
  expect(server.introduction).toMatch(
    new RegExp(
      [
        '^A Kubernetes API server, in memory, with workloads simulated',
        '  url         https://127\\.0\\.0\\.1:\\d+',
        `  kubeconfig  ${kubeconfig}`,
        '',
        `  export KUBECONFIG=${kubeconfig}`,
        '  kubectl get namespaces',
        '',
        'Ctrl-C ends it, and all that is in it is gone.\n$',
      ].join('\n'),
    ),
  );
});

test('a simulated Deployment becomes ready', async () => {
  const server = await start('--simulate', '--output', 'json');
  const { kubeconfig } = JSON.parse(server.introduction) as Introduced;
  await using client = createClient(await loadKubeconfig({ path: kubeconfig, env: {} }));
  const labels = { app: 'web' };
  await client.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  const ref = { group: 'apps', kind: 'Deployment', namespace: 'default', name: 'web' };
  await vi.waitFor(async () => expect(await client.get(ref)).toMatchObject({ status: { readyReplicas: 2 } }), {
    timeout: 20_000,
  });
});

test("a person's kubeconfig is left alone: 1, and what to do", async () => {
  const kubeconfig = join(await temporaryFolder(), 'config');
  await writeFile(kubeconfig, 'apiVersion: v1\nkind: Config\nclusters: []\n');
  const { code, stdout, stderr } = await homeostat(['apiserver', '--kubeconfig', kubeconfig]);
  expect(stderr).toMatch(/left alone; name another file, or none \[KUBECONFIG\]/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(await readFile(kubeconfig, 'utf8')).toBe('apiVersion: v1\nkind: Config\nclusters: []\n');
});

test('a port that is taken: 1, and what to do', async () => {
  const server = await start('--output', 'json');
  const { port } = new URL((JSON.parse(server.introduction) as Introduced).url);
  const { code, stderr } = await homeostat(['apiserver', '--port', port]);
  expect(stderr).toBe(
    `error: port ${port} of 127.0.0.1 is taken; without --port it takes one that is free [EADDRINUSE]\n`,
  );
  expect(code).toBe(1);
});

test.each(['-1', '65536', '0x1', 'http'])('--port %s: 64', async (port) => {
  const { code, stderr } = await homeostat(['apiserver', '--port', port]);
  expect(stderr).toMatch(/It is a number up to 65535/);
  expect(code).toBe(64);
});

test('no other command loads a server', () => {
  const tell = 'registerHooks({ load: (url, context, next) => (console.error(url), next(url, context)) });';
  const hooks = `data:text/javascript,import { registerHooks } from 'node:module'; ${tell}`;
  const args = ['--conditions=@homeostat/source', '--import', hooks, main, '--help'];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toContain('packages/cli/src/program.ts');
  expect(stderr).not.toMatch(/packages\/apiserver|commands\/apiserver/);
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('as a process it ends with %s: %d, and leaves nothing behind', async (signal, expected) => {
  const child = spawn(process.execPath, ['--conditions=@homeostat/source', main, 'apiserver', '--output', 'json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [line] = await child.stdout.take(1).toArray();
  const { kubeconfig } = JSON.parse(String(line)) as Introduced;
  child.kill(signal);
  expect(await exit).toBe(expected);
  await expect(stat(kubeconfig)).rejects.toMatchObject({ code: 'ENOENT' });
});
