import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { createApiServer } from '@homeostat/apiserver';

/**
 * One in-memory API server for the whole run of project `memory`, in place of the control plane: what runs on a real one
 * runs here, through the same fixtures, on a machine that has nothing but Node.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [adminToken, userToken] = ['admin-token', 'user-token'];
  const server = await createApiServer({
    users: [
      { name: 'admin', uid: 'admin', groups: ['system:masters'], token: adminToken },
      { name: 'someone', uid: 'someone', groups: [], token: userToken },
    ],
  });
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-memory-plane-'));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  project.provide('controlPlane', {
    kubeconfig,
    server: server.url,
    adminToken,
    userToken,
    mode: 'owners',
    kubectl: (await findKubectl()) ?? '',
  });
  return async () => {
    await server.close();
    await rm(directory, { recursive: true });
  };
}

/** Any kubectl will do: the server answers them all alike. `undefined` where there is none. */
async function findKubectl(): Promise<string | undefined> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const candidates = [...(assets ? [join(assets, 'kubectl')] : []), 'kubectl'];
  for (const candidate of candidates) {
    const runs = await promisify(execFile)(candidate, ['version', '--client']).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  return undefined;
}
