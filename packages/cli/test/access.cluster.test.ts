/** How it must behave: as whom a command acts, and what a plan file may and may not be. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { homeostat } from './support/run.ts';

const configMap = (name: string, data: Record<string, string> = { a: '1' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const ref = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });

/** A folder with `deploy/*` and a sync document over it. */
const test = cluster.test.extend('folder', async ({ plane: _plane }, { onCleanup }): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-access-'));
  onCleanup(() => rm(folder, { recursive: true }));
  return folder;
});

describe('as somebody else', () => {
  test('--as makes every request as that user, as kubectl does', async ({ folder, namespace, kubeconfig }) => {
    await writeFile(join(folder, 'a.yaml'), configMap('a'));
    const plan = ['plan', folder, '--directory', '--name', 'shop', '--namespace', namespace];
    const env = { KUBECONFIG: kubeconfig };
    expect((await homeostat(plan, { env })).code).toBe(2);
    const poor = await homeostat([...plan, '--as', 'nobody-in-particular', '--as-group', 'one', '--as-group', 'two'], {
      env,
    });
    expect(poor.stdout).toContain('User "nobody-in-particular" cannot');
    expect(poor.code).toBe(1);
    const odd = await homeostat([...plan, '--as-group', 'one'], { env });
    expect(odd).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--as-group and --as-uid need --as') as string,
    });
    const document = join(folder, 'sync.yml');
    await writeFile(
      document,
      JSON.stringify({ name: 'shop', source: { url: folder, directory: true }, impersonate: { user: 'jane' } }),
    );
    const twice = await homeostat(['plan', '-f', document, '--as', 'somebody'], { env });
    expect(twice.stderr).toMatch(/made as user "somebody" already, who cannot act as "jane"/);
    expect(twice.code).toBe(1);
  });

  test('--default-service-account leaves nothing of the own rights to a document', async ({
    client,
    folder,
    namespace,
    kubeconfig,
  }) => {
    await writeFile(join(folder, 'a.yaml'), configMap('a'));
    const env = { KUBECONFIG: kubeconfig };
    const file = join(folder, 'sync.json');
    const sync = async (more: Record<string, unknown> = {}) => {
      const document = {
        name: 'shop',
        namespace,
        source: { url: folder, directory: true },
        include: ['a.yaml'],
        ...more,
      };
      await writeFile(file, JSON.stringify(document));
      return homeostat(['sync', '-f', file, '--once', '--no-wait', '--default-service-account', 'tenant'], { env });
    };
    const refused = await sync({ impersonate: { user: 'admin' } });
    expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('[IDENTITY_REFUSED]') as string });
    const poor = await sync();
    expect(poor.stdout).toContain(`User "system:serviceaccount:${namespace}:tenant" cannot`);
    expect(await client.get(ref(namespace, 'a'))).toBeUndefined();
    await client.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'deployer', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
    });
    await expect
      .poll(async () => (await sync({ impersonate: { serviceAccount: 'deployer' } })).stdout, { timeout: 20_000 })
      .toMatch(/(created|unchanged) +ConfigMap .*\/a|1 unchanged/);
    expect(await client.get(ref(namespace, 'a'))).toBeDefined();
  });
});

describe('a plan file', () => {
  test('is carried out by whoever holds the set, or with --force', async ({
    client,
    folder,
    namespace,
    kubeconfig,
  }) => {
    await writeFile(join(folder, 'a.yaml'), configMap('a'));
    const env = { KUBECONFIG: kubeconfig };
    const file = join(folder, '..', `${namespace}.plan.json`);
    const source = [folder, '--directory', '--name', 'shop', '--namespace', namespace];
    try {
      await homeostat(['plan', ...source, '--out', file], { env });
      await client.create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'homeostat-shop', namespace },
        spec: {
          holderIdentity: 'engine-7',
          leaseDurationSeconds: 60,
          renewTime: new Date().toISOString().replace('Z', '000Z'),
        },
      });
      const held = await homeostat(['apply', file], { env });
      expect(held).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('engine-7') as string });
      expect(await client.get(ref(namespace, 'a'))).toBeUndefined();
      const forced = await homeostat(['apply', file, '--force'], { env });
      expect(forced).toMatchObject({ code: 0, stdout: expect.stringContaining('1 created') as string });
      const again = await homeostat(['apply', file, '--force'], { env });
      expect(again).toMatchObject({ code: 1, stdout: expect.stringContaining('it is as desired already') as string });
    } finally {
      await rm(file, { force: true });
    }
  });

  test('that was edited, in its actions or in its source, is refused', async ({
    client,
    folder,
    namespace,
    kubeconfig,
  }) => {
    await writeFile(join(folder, 'a.yaml'), configMap('a'));
    const env = { KUBECONFIG: kubeconfig };
    const file = join(folder, '..', `${namespace}.plan.json`);
    try {
      await homeostat(['plan', folder, '--directory', '--name', 'shop', '--namespace', namespace, '--out', file], {
        env,
      });
      const text = await readFile(file, 'utf8');
      const edits: readonly (readonly [from: string, to: string, message: RegExp])[] = [
        ['"adopt": "unowned"', '"adopt": "always"', /was changed after it was made/],
        ['"action": "create"', '"action": "unchanged"', /was changed after it was made/],
        ['"version": 1', '"version": 7', /has format 7, and this program knows 1/],
        [`"url": "${folder}"`, `"url": "${tmpdir()}"`, /names .* as its source by now/],
      ];
      for (const [from, to, message] of edits) {
        expect(text).toContain(from);
        await writeFile(file, text.replace(from, to));
        const { code, stderr } = await homeostat(['apply', file], { env });
        expect(stderr).toMatch(message);
        expect(stderr).toContain('[PLAN_INVALID]');
        expect(code).toBe(1);
      }
      expect(await client.get(ref(namespace, 'a'))).toBeUndefined();
    } finally {
      await rm(file, { force: true });
    }
  });

  test('of a suspended set says so, and is not carried out', async ({ folder, namespace, kubeconfig }) => {
    const env = { KUBECONFIG: kubeconfig };
    const file = join(folder, '..', `${namespace}.plan.json`);
    const source = [folder, '--directory', '--name', 'shop', '--namespace', namespace];
    try {
      await writeFile(join(folder, 'a.yaml'), configMap('a'));
      await homeostat(['sync', ...source, '--once'], { env });
      await homeostat(['suspend', '--name', 'shop', '--namespace', namespace], { env });
      await writeFile(join(folder, 'a.yaml'), configMap('a', { a: '2' }));
      const plan = await homeostat(['plan', ...source, '--out', file], { env });
      expect(plan.stdout).toMatch(
        /shop is suspended \(asked by .*\): no engine carries this out, and neither does apply/,
      );
      const applied = await homeostat(['apply', file], { env });
      expect(applied).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/is suspended.*\[PLAN_STALE\]/s) as string,
      });
    } finally {
      await rm(file, { force: true });
    }
  });
});
