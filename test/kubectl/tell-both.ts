import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { cluster } from '../support/cluster.ts';
import { skipReasons } from '../support/skips.ts';
import { compare } from './compare.ts';
import { findKubectl } from './kubectl.ts';
import type { KubectlVersion, Story } from './story.ts';
import { tell } from './tell.ts';
import type { Server } from './tell.ts';

const versions: readonly KubectlVersion[] = ['1.37', '1.32'];
const test = cluster.needs('controllers');

/** One test per story and kubectl: it prints the same about either server, apart from the list and the table. */
export function tellBoth(stories: readonly Story[]): void {
  let memory: Omit<Server, 'cache'>;
  let caches: string;

  beforeAll(async () => {
    caches = await mkdtemp(join(tmpdir(), 'homeostat-kubectl-servers-'));
    const server = await createApiServer({
      simulate: 'workloads',
      users: [
        { name: 'admin', uid: 'admin', groups: ['system:masters'] },
        { name: 'someone', uid: 'someone', groups: [] },
      ],
    });
    const kubeconfig = join(caches, 'kubeconfig');
    await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
    memory = { kubeconfig, cluster: 'homeostat' };
    return async () => {
      await server.close();
      await rm(caches, { recursive: true });
    };
  });

  for (const story of stories)
    for (const version of versions)
      // The real control plane is no clockwork: a controller that is slower than a step lets a story be told once more.
      test(`kubectl ${version}: ${story.name}`, { retry: 1 }, async ({ plane, skip }) => {
        const kubectl =
          (await findKubectl(version, plane.kubectl)) ??
          skip((version === '1.32' ? skipReasons.noOldKubectl : skipReasons.noKubectl).text);
        const real = { kubeconfig: plane.kubeconfig, cluster: 'test', cache: join(caches, `real-${version}`) };
        const ours = { ...memory, cache: join(caches, `memory-${version}`) };
        const random = randomBytes(4).toString('hex');
        const names = { ns: `k-${random}`, id: `x${random}` };
        const told = await Promise.all([tell(story, real, kubectl, names), tell(story, ours, kubectl, names)]);
        const compared = compare(story, version, { real: told[0], ours: told[1] });
        expect(compared.ours).toBe(compared.real);
        expect(compared.outdated).toEqual([]);
      });
}
