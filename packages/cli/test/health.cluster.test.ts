import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { definition, eventually, randomName, widget } from '../../../test/support/scenario.ts';
import { homeostat } from './support/run.ts';

cluster.test(
  'a health rule in the sync document: waited for, told, failed, refused',
  async ({ client, raw, namespace, kubeconfig, onTestFinished }) => {
    const group = `${randomName('g')}.example.com`;
    const folder = await mkdtemp(join(tmpdir(), 'health-'));
    onTestFinished(async () => {
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
      await rm(folder, { recursive: true });
    });
    const kind = definition(group);
    const spec = kind['spec'] as { readonly versions: readonly object[] };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await raw('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        ...kind,
        spec: { ...spec, versions: spec.versions.map((version) => ({ ...version, schema })) },
      },
    });
    await eventually(async () => {
      const found = (await client.resources({ refresh: true })).find({ group, kind: 'Widget' });
      if (found === undefined) throw new Error('the kind is not served yet');
    });
    await writeFile(join(folder, 'one.json'), JSON.stringify(widget(group, 'one', { parts: 2 })));
    const document = async (rule: object): Promise<string> => {
      const file = join(folder, 'sync.yaml.txt');
      const policy = { waitTimeout: '20s', health: [{ group, kind: 'Widget', ...rule }] };
      const source = { url: folder, directory: true };
      await writeFile(file, JSON.stringify({ name: 'site', namespace, source, include: ['*.json'], policy }));
      return file;
    };
    const run = (...args: string[]) => homeostat(args, { env: { KUBECONFIG: kubeconfig } });
    const status = (value: object) =>
      client.patch({ group, kind: 'Widget', namespace, name: 'one' }, { type: 'merge', value: { status: value } });

    const wrong = await run('sync', '-f', await document({ current: 'statos.parts == 2' }), '--once');
    expect(wrong.code).toBe(64);
    expect(wrong.stderr).toContain(`policy.health.0.current (Widget.${group}): Unknown variable: statos, at column 1`);

    const file = await document({ current: 'status.parts == spec.parts', failed: 'has(status.broken)' });
    const waiting = run('sync', '-f', file, '--once');
    await eventually(() => status({ parts: 1 }));
    await status({ parts: 2 });
    const done = await waiting;
    expect(done.stdout).toMatch(/^created +\S+Widget .*\nReady /);
    expect(done.code).toBe(0);

    await status({ parts: 1 });
    const behind = await run('status', '-f', file);
    expect(behind.stdout).toMatch(
      /^\S+Widget \S+\/one +InProgress for [0-9.]+ \w+ +not current yet by the health rule of Widget/,
    );

    await status({ broken: true });
    const failed = await run('sync', '-f', file, '--once');
    expect(failed.stdout).toContain(`failed by the health rule of Widget.${group}`);
    expect(failed.code).toBe(1);
  },
);

cluster.test(
  'status shows ten that are not ready, worst first, then what is',
  async ({ client, raw, namespace, kubeconfig, onTestFinished }) => {
    const group = `${randomName('g')}.example.com`;
    const folder = await mkdtemp(join(tmpdir(), 'health-'));
    onTestFinished(async () => {
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
      await rm(folder, { recursive: true });
    });
    await raw('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition(group) });
    await eventually(async () => {
      const found = (await client.resources({ refresh: true })).find({ group, kind: 'Widget' });
      if (found === undefined) throw new Error('the kind is not served yet');
    });
    const names = Array.from({ length: 12 }, (_, index) => `w${index + 10}`);
    for (const name of names) {
      await writeFile(join(folder, `${name}.json`), JSON.stringify(widget(group, name, { broken: name === 'w17' })));
    }
    await writeFile(
      join(folder, 'a.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
    );
    const file = join(folder, 'sync.yaml.txt');
    const health = [{ group, failed: 'spec.broken == true', current: 'false' }];
    const source = { url: folder, directory: true };
    await writeFile(file, JSON.stringify({ name: 'site', namespace, source, include: ['*.json'], policy: { health } }));
    const env = { KUBECONFIG: kubeconfig };
    expect((await homeostat(['sync', '-f', file, '--once'], { env })).code).toBe(1);

    const { stdout, code } = await homeostat(['status', '-f', file], { env });
    expect(code).toBe(1);
    const shown = ['w17', 'w10', 'w11', 'w12', 'w13', 'w14', 'w15', 'w16', 'w18', 'w19'];
    expect(
      stdout
        .split('\n')
        .map((line) => /^\S*(?:Widget|ConfigMap) \S+\/(\S+) +(\S+)/.exec(line)?.slice(1).join(' ') ?? line),
    ).toEqual(
      expect.arrayContaining(['w17 Failed', 'and 2 more that are not ready: see them all with -o json', 'a Current']),
    );
    expect([...stdout.matchAll(/Widget \S+\/(w\d+) /g)].map(([, name]) => name)).toEqual(shown);
    expect(stdout).toMatch(new RegExp(`\n${namespace}/site: 13 objects, Failed\n$`));
  },
);
