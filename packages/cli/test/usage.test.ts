import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeostat } from './support/run.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeostat-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const kubeconfig = async (server: string): Promise<string> => {
  const path = join(folder, 'kubeconfig');
  await writeFile(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return path;
};

describe('a wrong command line ends with 64 and says what is right', () => {
  test.each([
    [['syncc'], /unknown command 'syncc'/],
    [['sync', '--frce'], /unknown option '--frce'/],
    [['status'], /--name/],
    [['sync', 'repo', '--output', 'xml'], /text, json/],
    [['apply', '/nonexistent/plan.json'], /cannot be read/],
  ])('%j', async (args, message) => {
    const { code, stderr } = await homeostat(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(64);
  });

  test('no name: the message says why it is needed', async () => {
    const { code, stderr } = await homeostat([
      'sync',
      'repo',
      '--once',
      '--kubeconfig',
      await kubeconfig('https://127.0.0.1:1'),
    ]);
    expect(stderr).toMatch(/--name is missing: it is the identity of the set/);
    expect(code).toBe(64);
  });

  test('an unknown key of a sync document is refused, not ignored', async () => {
    const file = join(folder, 'sync.yaml');
    await writeFile(file, 'name: a\nsource: {url: repo}\npolicy: {prun: false, poll: often}\n');
    const { code, stderr } = await homeostat([
      'sync',
      '-f',
      file,
      '--kubeconfig',
      await kubeconfig('https://127.0.0.1:1'),
    ]);
    expect(stderr).toMatch(/policy\.prun is no key that is known here/);
    expect(stderr).toMatch(/policy\.poll must be a duration/);
    expect(code).toBe(64);
  });
});

test('help is no error', async () => {
  const { code, stdout } = await homeostat(['--help']);
  expect(stdout).toMatch(/sync .*plan .*apply .*diff .*render .*status .*destroy /s);
  expect(code).toBe(0);
});

test('an API server that cannot be reached: the code, and what to look at', async () => {
  await writeFile(join(folder, 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
  const { code, stdout, stderr } = await homeostat([
    'sync',
    folder,
    '--directory',
    '--name',
    'a',
    '--once',
    '--kubeconfig',
    await kubeconfig('https://127.0.0.1:1'),
  ]);
  expect(stdout + stderr).toMatch(/\[UNREACHABLE\]/);
  expect(code).toBe(1);
});

test('a kubeconfig that is not there', async () => {
  const { code, stderr } = await homeostat(['status', '--name', 'a', '--kubeconfig', join(folder, 'nope')]);
  expect(stderr).toMatch(/nope.*\[KUBECONFIG\]/s);
  expect(code).toBe(1);
});

test('render prints what the source wants, with places, and no Secret value', async () => {
  const manifests = await mkdtemp(join(folder, 'manifests-'));
  await writeFile(
    join(manifests, 'all.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: "1"}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: correct-horse}\n',
  );
  const { code, stdout, stderr } = await homeostat(['render', manifests, '--directory', '--namespace', 'shop']);
  expect(stdout).toContain('# all.yaml:1');
  expect(stdout).toContain('namespace: shop');
  expect(stdout + stderr).not.toContain('correct-horse');
  expect(code).toBe(0);
});
