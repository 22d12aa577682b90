import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { cluster } from '../support/cluster.ts';
import { skipReasons } from '../support/skips.ts';
import { compare } from './compare.ts';
import { findKubectl } from './kubectl.ts';
import type { KubectlVersion, Story } from './story.ts';
import { tell } from './tell.ts';
import type { Server } from './tell.ts';

const versions: readonly KubectlVersion[] = ['1.37', '1.32'];

const test = cluster
  .needs('controllers')
  /** Both, for as long as a file's tests take: what kubectl learns about a server it keeps. */
  .extend(
    'servers',
    { scope: 'file' },
    async (_fixtures, { onCleanup }): Promise<{ memory: Server; caches: string }> => {
      const directory = await mkdtemp(join(tmpdir(), 'homeostat-kubectl-servers-'));
      const server = await createApiServer({
        simulate: 'workloads',
        users: [
          { name: 'admin', uid: 'admin', groups: ['system:masters'] },
          { name: 'someone', uid: 'someone', groups: [] },
        ],
      });
      onCleanup(async () => {
        await server.close();
        await rm(directory, { recursive: true });
      });
      const kubeconfig = join(directory, 'kubeconfig');
      await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
      const memory = { name: 'memory', kubeconfig, cluster: 'homeostat', cache: join(directory, 'memory') } as const;
      return { memory, caches: directory };
    },
  );

/** One test per story and kubectl: it prints the same about either server, apart from the list and the table. */
export function tellBoth(stories: readonly Story[]): void {
  for (const story of stories)
    for (const version of versions) {
      if (story.only !== undefined && story.only.kubectl !== version) continue;
      test(`kubectl ${version}: ${story.name}`, async ({ plane, servers: { memory, caches }, skip }) => {
        const kubectl =
          (await findKubectl(version, plane.kubectl)) ??
          skip((version === '1.32' ? skipReasons.noOldKubectl : skipReasons.noKubectl).text);
        const server: Server = {
          name: 'real',
          kubeconfig: plane.kubeconfig,
          cluster: 'test',
          cache: join(caches, 'real'),
        };
        const random = randomBytes(4).toString('hex');
        const names = { ns: `k-${random}`, id: `x${random}` };
        const [real, ours] = await Promise.all([
          tell(story, server, kubectl, names),
          tell(story, memory, kubectl, names),
        ]);
        const compared = compare(story, version, { real, ours });
        expect(compared.ours).toBe(compared.real);
        expect(compared.outdated).toEqual([]);
      });
    }
}
