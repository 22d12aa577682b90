/** What stands elsewhere in a repository has nothing to do with a sync of one folder. */
import { expect } from 'vitest';
import { createGitSource } from '@homeostat/git';
import { createPorts, defineSync, drive, reconcileOnce } from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';
import { configMap, scenarioTest as story } from '../../../test/support/scenario.ts';
import { startGitServer } from '../../../test/support/git-server.ts';

story('a submodule beside the folder leaves the set complete, one in it does not', async ({ connect, namespace }) => {
  await using git = await startGitServer();
  const repository = await git.createRepository();
  const submodule = { mode: '160000', content: '1'.repeat(40) } as const;
  await repository.commit({
    'apps/a.yaml': toYaml(configMap('a')),
    'other/b.yaml': toYaml(configMap('b')),
    'other/vendor': submodule,
    vendor: submodule,
  });
  const client = await connect();
  const source = createGitSource({ url: repository.url });
  const reconcile = async (path: string) => {
    const sync = defineSync({ name: path, namespace, path });
    const ports = createPorts(sync, { client, source });
    const report = await drive(reconcileOnce(sync, ports));
    await ports.live.close();
    return report;
  };
  expect(await reconcile('apps')).toMatchObject({ state: 'Ready', findings: [] });
  const report = await reconcile('other');
  expect(report).toMatchObject({ state: 'Failed', counts: { created: 1 } });
  const codes = report.findings.map(({ code, origin }) => `${code} ${origin?.path ?? ''}`);
  expect(codes).toContain('SUBMODULE other/vendor');
  expect(codes).not.toContain('SUBMODULE vendor');
  await source.close();
});
