import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import type { Client, KubeObject } from '@homeostat/kube';
import { cluster } from '../../../test/support/cluster.ts';
import { startGitServer } from '../../../test/support/git-server.ts';
import type { TestRepository } from '../../../test/support/git-server.ts';
import { homeostat } from './support/run.ts';

const configMap = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

const ref = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });
const dataOf = (object: KubeObject | undefined): unknown => object?.['data'];

async function repositoryWith(
  files: Record<string, string>,
): Promise<{ repository: TestRepository } & AsyncDisposable> {
  const server = await startGitServer();
  const repository = await server.createRepository();
  await repository.commit(files);
  return { repository, [Symbol.asyncDispose]: () => server.close() };
}

describe('"Sync a repository into your cluster", as the README says it', () => {
  cluster.test('create, no-op, change, drift, prune, destroy', async ({ client, namespace, kubeconfig }) => {
    await using served = await repositoryWith({
      'deploy/settings.yaml': configMap('settings', { color: 'green' }),
      'deploy/more.yaml': configMap('more', { a: '1' }),
    });
    const { repository } = served;
    const set = ['--name', 'shop', '--namespace', namespace];
    const env = { KUBECONFIG: kubeconfig };
    const once = (...more: string[]) =>
      homeostat(['sync', repository.url, ...set, '--path', 'deploy', '--once', ...more], { env });

    const created = await once();
    expect(created.stdout).toMatch(
      new RegExp(
        `^created +ConfigMap ${namespace}/more +deploy/more.yaml:1\ncreated +ConfigMap ${namespace}/settings +deploy/settings.yaml:1\nReady ${namespace}/shop at .*: 2 created`,
      ),
    );
    expect(created.code).toBe(0);

    const settled = await once();
    expect(settled.stdout).toMatch(/^Ready .*: 2 unchanged \(.*\)\n$/);

    await repository.commit({ 'deploy/settings.yaml': configMap('settings', { color: 'blue' }) });
    const plan = await homeostat(['plan', repository.url, ...set, '--path', 'deploy'], { env });
    expect(plan.stdout).toContain('~ .data.color: "green" → "blue"');
    expect(plan.code).toBe(2);
    const diff = await homeostat(['diff', repository.url, ...set, '--path', 'deploy'], { env });
    expect(diff.stdout).toMatch(/^-\s+color: green$/m);
    expect(diff.stdout).toMatch(/^\+\s+color: blue$/m);
    expect(diff.code).toBe(2);
    expect((await once()).stdout).toMatch(/updated +ConfigMap .*\/settings/);
    expect(dataOf(await client.get(ref(namespace, 'settings')))).toEqual({ color: 'blue' });

    await edit(client, namespace, 'settings', 'color', 'red');
    expect((await once()).stdout).toMatch(/updated +ConfigMap .*\/settings/);
    expect(dataOf(await client.get(ref(namespace, 'settings')))).toEqual({ color: 'blue' });

    await repository.commit({ 'deploy/more.yaml': null });
    expect((await once()).stdout).toMatch(/pruned +ConfigMap .*\/more/);
    expect(await client.get(ref(namespace, 'more'))).toBeUndefined();

    const status = await homeostat(['status', ...set], { env });
    expect(status.stdout).toMatch(/ConfigMap .*\/settings +Current/);

    await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'by-hand', namespace } });
    const asked = await homeostat(['destroy', ...set], { env });
    expect(asked.code).toBe(3);
    expect(await client.get(ref(namespace, 'settings'))).toBeDefined();
    expect((await homeostat(['destroy', ...set, '--yes'], { env })).code).toBe(0);
    expect(await client.get(ref(namespace, 'settings'))).toBeUndefined();
    expect(await client.get(ref(namespace, 'shop'))).toBeUndefined();
    expect(await client.get(ref(namespace, 'by-hand'))).toBeDefined();
  });

  cluster.test(
    'it stays, follows Git, repairs drift, and ends cleanly with SIGTERM (143)',
    async ({ client, namespace, kubeconfig }) => {
      await using served = await repositoryWith({ 'a.yaml': configMap('a', { k: '1' }), 'sync.yaml.txt': '' });
      const { repository } = served;
      const child = spawn(
        process.execPath,
        [
          '--conditions=@homeostat/source',
          new URL('../src/main.ts', import.meta.url).pathname,
          'sync',
          repository.url,
          '--name',
          'stay',
          '--namespace',
          namespace,
          '--output',
          'json',
        ],
        { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      try {
        await vi.waitFor(() => expect(out).toContain('"state":"Ready"'), { timeout: 60_000 });
        await edit(client, namespace, 'a', 'k', 'drifted');
        await vi.waitFor(async () => expect(dataOf(await client.get(ref(namespace, 'a')))).toEqual({ k: '1' }), {
          timeout: 30_000,
        });
      } finally {
        child.kill('SIGTERM');
      }
      expect(await exit).toBe(143);
    },
  );
});

cluster.test(
  'a stored plan is carried out as shown, and refused once the cluster has moved',
  async ({ client, namespace, kubeconfig, onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'homeostat-plan-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'plan.json');
    await using served = await repositoryWith({
      'a.yaml': configMap('a', { k: '1' }),
      's.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        stringData: { password: 'correct-horse-battery' },
      }),
    });
    const { repository } = served;
    const env = { KUBECONFIG: kubeconfig };
    const plan = () =>
      homeostat(['plan', repository.url, '--name', 'p', '--namespace', namespace, '--out', file], { env });

    expect((await plan()).code).toBe(2);
    const stored = await readFile(file, 'utf8');
    expect(stored).not.toContain('correct-horse-battery');
    expect(stored).not.toContain(Buffer.from('correct-horse-battery').toString('base64'));
    await repository.commit({ 'a.yaml': configMap('a', { k: 'later' }) });
    const applied = await homeostat(['apply', file], { env });
    expect(applied.stdout + applied.stderr).toMatch(/2 created/);
    expect(dataOf(await client.get(ref(namespace, 'a')))).toEqual({ k: '1' });

    expect((await plan()).code).toBe(2);
    await edit(client, namespace, 'a', 'k', 'by-hand');
    const stale = await homeostat(['apply', file], { env });
    expect(stale.stdout + stale.stderr).toMatch(/ConfigMap .*\/a: moved: \.data\.k \(kubectl-edit\).*\[PLAN_STALE\]/s);
    expect(stale.code).toBe(1);
    expect(dataOf(await client.get(ref(namespace, 'a')))).toEqual({ k: 'by-hand' });
  },
);

async function edit(client: Client, namespace: string, name: string, key: string, value: string): Promise<void> {
  await client.patch(
    ref(namespace, name),
    { type: 'merge', value: { data: { [key]: value } } },
    { manager: 'kubectl-edit' },
  );
}
