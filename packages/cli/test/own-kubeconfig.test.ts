import { chmod, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOwnKubeconfig } from '../src/own-kubeconfig.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'homeostat-own-'));
});
afterAll(() => rm(root, { recursive: true }));

const place = async (): Promise<string> => join(await mkdtemp(join(root, 'case-')), 'kubeconfig');
const config = (port: number, changes: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'homeostat', cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: 'admin', user: { token: 't' } }],
    contexts: [{ name: 'admin', context: { cluster: 'homeostat', user: 'admin' } }],
    'current-context': 'admin',
    ...changes,
  });
/** What one run leaves behind when it is killed, with what somebody made of it. */
const leftBehind = async (path: string, edit: (value: Record<string, unknown[]>) => void = () => {}) => {
  await writeOwnKubeconfig(path, config(1));
  const value = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown[]>;
  edit(value);
  await writeFile(path, JSON.stringify(value));
};

test('its owner alone may read it, and it goes with the server', async () => {
  const path = await place();
  {
    await using written = await writeOwnKubeconfig(path, config(1));
    expect(written.path).toBe(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ 'current-context': 'admin' });
  }
  expect(await readdir(join(path, '..'))).toEqual([]);
});

test('what an earlier run left is replaced, with rights for its owner alone', async () => {
  const path = await place();
  await leftBehind(path);
  await chmod(path, 0o644);
  await using _ = await writeOwnKubeconfig(path, config(2));
  expect(await readFile(path, 'utf8')).toContain('https://127.0.0.1:2');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('an empty file, as mktemp makes it, is filled', async () => {
  const path = await place();
  await writeFile(path, '');
  await using _ = await writeOwnKubeconfig(path, config(1));
  expect(await readFile(path, 'utf8')).toContain('https://127.0.0.1:1');
});

test('a namespace that somebody chose is no reason to keep an old file', async () => {
  const path = await place();
  await leftBehind(path, ({ contexts }) => {
    (contexts as { context: { namespace?: string } }[])[0]!.context.namespace = 'shop';
  });
  await using _ = await writeOwnKubeconfig(path, config(2));
  expect(await readFile(path, 'utf8')).toContain('https://127.0.0.1:2');
});

const cluster = { name: 'prod', cluster: { server: 'https://prod.example.com' } };

test.each<[string, (value: Record<string, unknown[]>) => void]>([
  ['another cluster', ({ clusters }) => clusters!.push(cluster)],
  ['another user', ({ users }) => users!.push({ name: 'me', user: { token: 'mine' } })],
  ['another context', ({ contexts }) => contexts!.push({ name: 'me', context: { cluster: 'prod', user: 'me' } })],
  ['an entry without a name', ({ users }) => users!.push({ user: { token: 'mine' } })],
  ['our cluster with another server', ({ clusters }) => clusters!.splice(0, 1, { ...cluster, name: 'homeostat' })],
  ['no mark', (value) => delete value['extensions']],
])('%s in it: it is left alone', async (_what, edit) => {
  const path = await place();
  await leftBehind(path, edit);
  const before = await readFile(path, 'utf8');
  await expect(writeOwnKubeconfig(path, config(2))).rejects.toMatchObject({ code: 'KUBECONFIG' });
  expect(await readFile(path, 'utf8')).toBe(before);
  expect(await readdir(join(path, '..'))).toEqual(['kubeconfig']);
});

test.each([
  ["a person's own", config(1, { clusters: [cluster] })],
  ['one that looks like ours', config(1)],
  ['no kubeconfig at all', '- not: [yaml'],
])('%s is left alone', async (_what, text) => {
  const path = await place();
  await writeFile(path, text);
  await expect(writeOwnKubeconfig(path, config(2))).rejects.toThrow(/left alone; name another file/);
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('a link is not followed, nor replaced', async () => {
  const path = await place();
  await leftBehind(`${path}.target`);
  const before = await readFile(`${path}.target`, 'utf8');
  await symlink(`${path}.target`, path);
  await expect(writeOwnKubeconfig(path, config(2))).rejects.toMatchObject({ code: 'KUBECONFIG' });
  expect(await readFile(path, 'utf8')).toBe(before);
});

test('a file that somebody has changed meanwhile stays at the end', async () => {
  const path = await place();
  {
    await using _ = await writeOwnKubeconfig(path, config(1));
    await writeFile(path, config(1, { clusters: [cluster] }));
  }
  expect(await readFile(path, 'utf8')).toContain('prod.example.com');
});

test('a folder that is not there: the message names the file', async () => {
  const path = join(await place(), 'deeper');
  await expect(writeOwnKubeconfig(path, config(1))).rejects.toThrow(`kubeconfig ${path} cannot be written`);
});
