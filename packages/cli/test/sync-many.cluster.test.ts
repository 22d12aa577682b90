/** How it must behave: several sync documents in one command. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { eventually } from '../../../test/support/scenario.ts';
import { homeostat } from './support/run.ts';

interface Ground extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file of the plain directory that all documents name as their source. */
  source(path: string, text: string): Promise<void>;
  file(name: string, text: string): Promise<string>;
}

async function ground(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-many-'));
  const write = async (path: string, text: string): Promise<string> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
    return join(folder, path);
  };
  return {
    folder,
    source: async (path, text) => void (await write(`manifests/${path}`, text)),
    file: (name, text) => write(`syncs/${name}`, text),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

function document(folder: string, namespace: string, name: string, dependsOn: readonly string[] = []): string {
  return JSON.stringify({
    name,
    namespace,
    source: { url: join(folder, 'manifests'), directory: true },
    path: name,
    policy: { poll: '1h' },
    ...(dependsOn.length > 0 && { dependsOn: dependsOn.map((one) => ({ name: one })) }),
  });
}

cluster.test(
  'a directory of documents is one run: reports in the order of dependencies, the worst exit code',
  async ({ namespace, kubeconfig }) => {
    await using place = await ground();
    const { folder } = place;
    const env = { KUBECONFIG: kubeconfig };
    for (const name of ['a', 'b', 'c']) await place.source(`${name}/all.yaml`, configMap(`of-${name}`));
    const both = [document(folder, namespace, 'a', ['b']), document(folder, namespace, 'b')].join('\n---\n');
    await place.file('two.yaml', both);
    await place.file('three.json', document(folder, namespace, 'c'));
    await place.file('notes.txt', 'not a document');

    const created = await homeostat(['sync', '-f', join(folder, 'syncs'), '--once'], { env });
    const tagged = (name: string) => `[${namespace}/${name}] `;
    const lines = created.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, tagged('a').length))).toEqual(['b', 'b', 'c', 'c', 'a', 'a'].map(tagged));
    expect(lines[0]).toContain('created   ConfigMap');
    expect(created.code).toBe(0);

    await place.source('b/all.yaml', '{ broken');
    const failed = await homeostat(['sync', '-f', join(folder, 'syncs'), '--once', '--output', 'json'], { env });
    const reports = JSON.parse(failed.stdout) as readonly { readonly sync: { name: string }; readonly state: string }[];
    expect(reports.map(({ sync, state }) => `${sync.name} ${state}`)).toEqual(['b Failed', 'c Ready', 'a Failed']);
    expect(failed.code).toBe(1);
  },
);

cluster.test(
  'it stays with several, and each line says which it is about',
  async ({ client, namespace, kubeconfig }) => {
    await using place = await ground();
    const { folder } = place;
    for (const name of ['a', 'b']) await place.source(`${name}/all.yaml`, configMap(`of-${name}`));
    const files = [
      await place.file('a.yaml', document(folder, namespace, 'a')),
      await place.file('b.yaml', document(folder, namespace, 'b', ['a'])),
    ];
    const stop = new AbortController();
    let out = '';
    const args = ['sync', ...files.flatMap((file) => ['-f', file])];
    const running = homeostat(args, {
      env: { KUBECONFIG: kubeconfig },
      signal: stop.signal,
      onStdout: (text) => void (out += text),
    });
    await eventually(() => expect(out).toMatch(new RegExp(`^\\[${namespace}/b\\] .*Ready ${namespace}/b`, 'm')));
    expect(out).toMatch(new RegExp(`^\\[${namespace}/b\\] .*waits for ${namespace}/a since`, 'm'));

    const second = await homeostat(['sync', ...files.flatMap((file) => ['-f', file]), '--once'], {
      env: { KUBECONFIG: kubeconfig },
    });
    expect(second.code).toBe(0);
    await client.delete({ group: '', kind: 'ConfigMap', namespace, name: 'of-a' });
    await eventually(async () =>
      expect(await client.get({ group: '', kind: 'ConfigMap', namespace, name: 'of-a' })).toBeDefined(),
    );
    // The engine does not look at its source for an hour, so a single pass would be the first to write.
    await place.source('b/more.yaml', configMap('other'));
    const held = await homeostat([...args, '--once'], { env: { KUBECONFIG: kubeconfig } });
    expect(held.stderr).toMatch(new RegExp(`process ${process.pid} on .* keeps ${namespace}/b in sync`));
    expect(held.stdout).not.toContain(`[${namespace}/b] `);
    expect(held.code).toBe(3);
    stop.abort();
    expect((await running).code).toBe(0);
    expect(
      await client.get({ group: 'coordination.k8s.io', kind: 'Lease', namespace, name: 'homeostat-a' }),
    ).toBeUndefined();
  },
);

cluster.test(
  'what is about one sync is refused with several, and two of one name are no two',
  async ({ kubeconfig }) => {
    await using place = await ground();
    const { folder } = place;
    const env = { KUBECONFIG: kubeconfig };
    const file = await place.file(
      'two.yaml',
      ['a', 'a'].map((name) => document(folder, 'default', name)).join('\n---\n'),
    );
    const named = await homeostat(['sync', '-f', file, '--name', 'x', '--once'], { env });
    expect(named.stderr).toContain('--name is about one sync, and there are 2');
    expect(named.code).toBe(64);
    const twice = await homeostat(['sync', '-f', file, '--once'], { env });
    expect(twice.stderr).toContain('two syncs default/a');
    expect(twice.code).toBe(64);
    const plan = await homeostat(['plan', '-f', file], { env });
    expect(plan.stderr).toContain('one sync document is expected');
  },
);
