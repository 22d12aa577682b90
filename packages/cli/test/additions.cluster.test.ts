/** What others added to our objects, and plans without the rights to write, as people see them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { homeostat } from './support/run.ts';

async function folderWith(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'homeostat-additions-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const settings = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { color: 'green' },
});

cluster.test(
  'additions are told, shown before they go, and gone afterwards',
  async ({ client, namespace, kubeconfig }) => {
    await using source = await folderWith({ 'settings.json': settings });
    const env = { KUBECONFIG: kubeconfig };
    const document = (additions: string) =>
      JSON.stringify({ name: 'shop', namespace, source: { url: source.path, directory: true }, policy: { additions } });
    await using sync = await folderWith({ 'report.json': document('report'), 'remove.json': document('remove') });
    const run = (command: string, mode: string, ...more: string[]) =>
      homeostat([command, '-f', join(sync.path, `${mode}.json`), ...more], { env });
    expect((await run('sync', 'report', '--once')).code).toBe(0);

    const ref = { group: '', kind: 'ConfigMap', namespace, name: 'settings' };
    await client.patch(ref, { type: 'merge', value: { data: { size: 'huge' } } }, { manager: 'kubectl-edit' });
    const told = await run('sync', 'report', '--once');
    expect(told.stdout).toMatch(
      /unchanged ConfigMap .*settings .*\n +! \.data\.size: "huge" {2}\(added by kubectl-edit at /,
    );
    expect(told.code).toBe(0);

    const plan = await run('plan', 'remove');
    expect(plan.stdout).toMatch(
      /update +ConfigMap .*settings.*\n +- \.data\.size: "huge" {2}\(added by kubectl-edit at /,
    );
    expect(plan.code).toBe(2);
    const diff = await run('diff', 'remove');
    expect(diff.stdout).toMatch(/^--- before take away from ConfigMap .*settings$/m);
    expect(diff.stdout).toMatch(/^- {2}size: huge$/m);
    expect(diff.stdout).not.toMatch(/^\+ /m);

    const done = await run('sync', 'remove', '--once', '--output', 'json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      objects: [{ action: 'updated', additions: [{ path: '.data.size', action: 'removed' }] }],
    });
    expect((await client.get(ref))?.['data']).toEqual({ color: 'green' });
    expect((await run('plan', 'remove')).code).toBe(0);
  },
);

cluster.test('whoever may only look plans too', async ({ client, namespace, kubeconfig, kubectl }) => {
  await using source = await folderWith({ 'settings.json': settings });
  const set = ['--directory', '--name', 'shop', '--namespace', namespace];
  const env = { KUBECONFIG: kubeconfig };
  expect((await homeostat(['sync', source.path, ...set, '--once'], { env })).code).toBe(0);
  const admitted = await kubectl([
    'create',
    'rolebinding',
    'view',
    '-n',
    namespace,
    '--clusterrole=view',
    '--user=someone',
  ]);
  expect(admitted.code).toBe(0);
  await writeFile(join(source.path, 'settings.json'), settings.replace('green', 'blue'));

  const looking = [...set, '--context', 'someone'];
  const plan = await homeostat(['plan', source.path, ...looking], { env });
  expect(plan.stdout).toMatch(
    /update +ConfigMap .*settings +settings\.json:1 {2}not validated\n +~ \.data\.color: "green" → "blue"/,
  );
  expect(plan.code).toBe(2);
  const diff = await homeostat(['diff', source.path, ...looking], { env });
  expect(diff.stdout).toMatch(/^--- before update ConfigMap .*settings \(not validated\)$/m);
  expect(diff.stdout.match(/^[-+] .*$/gm)).toEqual(['-  color: green', '+  color: blue']);

  const sync = await homeostat(['sync', source.path, ...looking, '--once'], { env });
  expect(sync.code).toBe(1);
  expect(sync.stdout).toContain('[forbidden]');
  const ref = { group: '', kind: 'ConfigMap', namespace, name: 'settings' };
  expect((await client.get(ref))?.['data']).toEqual({ color: 'green' });
});

cluster.test(
  'what somebody adds to a Secret is named by no command with its value',
  async ({ client, namespace, kubeconfig }) => {
    const key = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { password: 'quoteamine' } };
    await using source = await folderWith({ 'key.json': JSON.stringify(key), 'settings.json': settings });
    const set = { name: 'shop', namespace, source: { url: source.path, directory: true } };
    await using sync = await folderWith({ 'sync.json': JSON.stringify({ ...set, policy: { additions: 'remove' } }) });
    const run = (...args: string[]) =>
      homeostat([...args, '-f', join(sync.path, 'sync.json')], { env: { KUBECONFIG: kubeconfig } });
    expect((await run('sync', '--once')).code).toBe(0);
    const added = Buffer.from('zanzibarwind').toString('base64');
    const refTo = (kind: string, name: string) => ({ group: '', kind, namespace, name });
    await client.patch(refTo('Secret', 'key'), { type: 'merge', value: { data: { extra: added } } }, { manager: 'm' });
    const copy = { data: { copy: 'it is quoteamine' } };
    await client.patch(refTo('ConfigMap', 'settings'), { type: 'merge', value: copy }, { manager: 'm' });

    const printed: string[] = [];
    for (const args of [
      ['plan'],
      ['plan', '--output', 'json'],
      ['diff'],
      ['diff', '--output', 'json'],
      ['sync', '--once'],
    ]) {
      const { stdout, stderr } = await run(...args);
      printed.push(stdout, stderr);
    }
    expect(printed.join('')).toContain('.data.extra');
    expect(printed.join('')).not.toMatch(/quoteamine|zanzibarwind/);
    expect(printed.join('')).not.toContain(added);
  },
);
