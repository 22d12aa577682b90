import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { expect, vi } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { startGitServer } from '../../../test/support/git-server.ts';
import { homeostat } from './support/run.ts';

const configMap = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const ref = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });

/** `homeostat sync …` in a process of its own, as somebody runs it. */
function start(args: readonly string[], kubeconfig: string) {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@homeostat/source', main, 'sync', ...args], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const engine = { pid: child.pid ?? 0, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (engine.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (engine.stderr += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    engine,
    kill: (signal: 'SIGKILL' | 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

cluster.test(
  'an engine that is killed is followed by the one that waits; meanwhile a single pass is refused with its name',
  async ({ client, namespace, kubeconfig, onTestFinished }) => {
    const server = await startGitServer();
    onTestFinished(() => server.close());
    const repository = await server.createRepository();
    await repository.commit({ 'a.yaml': configMap('a', { k: '1' }) });
    const set = ['--name', 'shop', '--namespace', namespace];
    const env = { KUBECONFIG: kubeconfig };

    const first = start([repository.url, ...set], kubeconfig);
    onTestFinished(async () => void (await first.kill('SIGKILL')));
    await vi.waitFor(() => expect(first.engine.stdout).toContain('Ready'), { timeout: 60_000 });
    const second = start([repository.url, ...set], kubeconfig);
    onTestFinished(async () => void (await second.kill('SIGKILL')));
    const name = `process ${first.engine.pid} on ${hostname()}`;
    await vi.waitFor(() => expect(second.engine.stderr).toContain(`${name} holds this set`), { timeout: 60_000 });

    const idle = await homeostat(['sync', repository.url, ...set, '--once'], { env });
    expect(idle).toMatchObject({ code: 0, stdout: expect.stringContaining('1 unchanged') as string });
    await repository.commit({ 'a.yaml': configMap('a', { k: 'other' }) }, 'Try something else', { branch: 'other' });
    const refused = await homeostat(['sync', repository.url, ...set, '--ref', 'other', '--once'], { env });
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain(name);
    const forced = await homeostat(['sync', repository.url, ...set, '--once', '--force'], { env });
    expect(forced).toMatchObject({ code: 0, stdout: expect.stringContaining('Ready') as string });
    const destroyed = await homeostat(['destroy', ...set, '--yes'], { env });
    expect(destroyed).toMatchObject({ code: 3, stderr: expect.stringContaining(name) as string });

    await first.kill('SIGKILL');
    const since = performance.now();
    await repository.commit({ 'a.yaml': configMap('a', { k: '2' }) });
    await vi.waitFor(async () => expect(await client.get(ref(namespace, 'a'))).toMatchObject({ data: { k: '2' } }), {
      timeout: 60_000,
      interval: 100,
    });
    const seconds = (performance.now() - since) / 1000;
    console.log(`takeover after kill -9: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(20);
    await vi.waitFor(() => expect(second.engine.stdout).toContain('Ready'), { timeout: 30_000 });

    expect(await second.kill('SIGTERM')).toBe(143);
    const after = await homeostat(['sync', repository.url, ...set, '--once'], { env });
    expect(after).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Ready .*1 unchanged/) as string });
  },
);

cluster.test(
  'suspend, resume, sync-now: what the engine that stays does, and what the command says',
  async ({ client, namespace, kubeconfig, onTestFinished }) => {
    const server = await startGitServer();
    onTestFinished(() => server.close());
    const repository = await server.createRepository();
    await repository.commit({ 'a.yaml': configMap('a', { k: '1' }) });
    const set = ['--name', 'shop', '--namespace', namespace];
    const env = { KUBECONFIG: kubeconfig };
    const ask = (...args: readonly string[]) => homeostat([...args, ...set], { env });
    expect(await ask('suspend')).toMatchObject({ code: 1, stderr: expect.stringContaining('[SET_UNKNOWN]') as string });

    const stop = new AbortController();
    const staying = homeostat(['sync', repository.url, ...set], { env, signal: stop.signal });
    onTestFinished(async () => {
      stop.abort();
      await staying;
    });
    await vi.waitFor(async () => expect((await ask('sync-now', '--timeout', '10s')).stdout).toMatch(/^Ready /), {
      timeout: 60_000,
    });

    expect((await ask('suspend')).code).toBe(0);
    await vi.waitFor(
      async () => expect((await ask('status')).stdout).toMatch(/last report: Suspended[^]*suspended by \S+@\S+/),
      { timeout: 20_000 },
    );
    await repository.commit({ 'a.yaml': configMap('a', { k: '2' }) });
    const unanswered = await ask('sync-now', '--timeout', '500ms');
    expect(unanswered).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/suspended.*\[NOT_ANSWERED\]/) as string,
    });
    expect(await client.get(ref(namespace, 'a'))).toMatchObject({ data: { k: '1' } });

    expect((await ask('resume')).stdout).toMatch(/^resume /);
    const now = await ask('sync-now', '--output', 'json');
    expect(JSON.parse(now.stdout)).toMatchObject({ kind: 'StoredReport', state: 'Ready', objects: 1 });
    expect(await client.get(ref(namespace, 'a'))).toMatchObject({ data: { k: '2' } });
    expect((await ask('sync-now', '--no-wait')).code).toBe(0);
    expect((await ask('sync-now', '--timeout', 'soon')).code).toBe(64);
  },
);

cluster.test(
  'rollback: the engine that stays goes back, status says so, and resume ends it',
  async ({ client, namespace, kubeconfig, onTestFinished }) => {
    const server = await startGitServer();
    onTestFinished(() => server.close());
    const repository = await server.createRepository();
    const first = await repository.commit({ 'a.yaml': configMap('a', { k: '1' }) });
    await repository.commit({ 'a.yaml': configMap('a', { k: '2' }) });
    const set = ['--name', 'shop', '--namespace', namespace];
    const env = { KUBECONFIG: kubeconfig };
    const run = (...args: readonly string[]) => homeostat(args, { env });
    expect((await run('sync', repository.url, ...set, '--once')).code).toBe(0);

    const reason = ['--reason', 'orders fail'];
    const asked = await run('rollback', 'shop', '--namespace', namespace, '--to', `main@sha1:${first}`, ...reason);
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining(`${first} is applied`) as string });
    const back = await run('sync', repository.url, ...set, '--once');
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('[ROLLED_BACK]') as string });
    expect(await client.get(ref(namespace, 'a'))).toMatchObject({ data: { k: '1' } });
    expect((await run('status', ...set)).stdout).toMatch(
      new RegExp(`asked for: rollback to ${first}, by \\S+@\\S+ \\(orders fail\\)[^]*rolled back to ${first} by`),
    );

    expect((await run('resume', ...set)).code).toBe(0);
    expect((await run('sync', repository.url, ...set, '--once')).code).toBe(0);
    expect(await client.get(ref(namespace, 'a'))).toMatchObject({ data: { k: '2' } });

    expect(await run('rollback', ...set, '--to', 'main')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[REVISION_INVALID]') as string,
    });
    expect((await run('rollback', '--to', first)).code).toBe(64);
  },
);

cluster.test(
  'confirm shows what is held, and lets exactly that go',
  async ({ client, namespace, kubeconfig, onTestFinished }) => {
    const server = await startGitServer();
    onTestFinished(() => server.close());
    const repository = await server.createRepository();
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`${i}.yaml`, configMap(`c-${i}`, { k: '1' })]),
    );
    await repository.commit({ ...files, 'stay.yaml': configMap('stay', { k: '1' }) });
    const set = ['--name', 'shop', '--namespace', namespace];
    const env = { KUBECONFIG: kubeconfig };
    const once = () => homeostat(['sync', repository.url, ...set, '--once'], { env });
    const confirm = (...args: readonly string[]) => homeostat(['confirm', ...set, ...args], { env });
    expect((await once()).code).toBe(0);
    expect(await confirm()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is held') as string });

    await repository.commit(Object.fromEntries(Object.keys(files).map((path) => [path, null])));
    const held = await once();
    expect(held.code).toBe(3);
    const digest = /--digest ([0-9a-f]{12}) --yes/.exec(held.stdout)?.[1] ?? '';
    expect((await homeostat(['status', ...set], { env })).stdout).toContain(digest);

    const shown = await confirm();
    expect(shown.code).toBe(3);
    expect(shown.stdout.match(/^held ConfigMap .*\/c-\d+$/gm)).toHaveLength(12);
    expect(shown.stdout).toContain(`pass --digest ${digest} --yes`);
    expect(await confirm('--digest', '0123456789ab', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[NOT_HELD]') as string,
    });
    expect((await once()).code).toBe(3);

    expect(await confirm('--digest', digest, '--yes')).toMatchObject({ code: 0 });
    const done = await once();
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/asked for: confirm, by \S+@\S+/) as string });
    expect(await client.get(ref(namespace, 'c-0'))).toBeUndefined();
    expect(await client.get(ref(namespace, 'stay'))).toBeDefined();
  },
);

cluster.test(
  'where Leases may not be looked at, a single pass says so and goes on',
  async ({ client, namespace, kubeconfig, onTestFinished }) => {
    const server = await startGitServer();
    onTestFinished(() => server.close());
    const repository = await server.createRepository();
    await repository.commit({ 'a.yaml': configMap('a', { k: '1' }) });
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'settings', namespace } };
    await client.create({
      ...rbac,
      kind: 'Role',
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
    });
    await client.create({
      ...rbac,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'settings' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'someone' }],
    });
    const args = ['sync', repository.url, '--name', 'shop', '--namespace', namespace, '--once', '--context', 'someone'];
    const { stdout, stderr } = await homeostat(args, { env: { KUBECONFIG: kubeconfig } });
    expect(stderr).toContain('[NO_LEASE]');
    expect(stdout).toContain('1 created');
  },
);
