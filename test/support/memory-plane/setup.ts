import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createApiServer } from '@homeostat/apiserver';

/**
 * One in-memory API server for the whole run of project `memory`, in place of the control plane: what runs on a real one
 * runs here, through the same fixtures, on a machine that has nothing but Node.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [adminToken, userToken] = ['admin-token', 'user-token'];
  const server = await createApiServer({
    simulate: 'workloads',
    users: [
      { name: 'admin', uid: 'admin', groups: ['system:masters'], token: adminToken },
      { name: 'someone', uid: 'someone', groups: [], token: userToken },
    ],
  });
  // Tests run in other processes: whoever asks here makes the server forget.
  const ear = createServer((_, answer) => {
    server.expire();
    answer.end();
  });
  const forget = await new Promise<string>((resolve) => {
    ear.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(ear.address() as AddressInfo).port}/`));
  });
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-memory-plane-'));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  project.provide('controlPlane', {
    kubeconfig,
    server: server.url,
    adminToken,
    userToken,
    mode: 'full',
    kubectl: '',
    forget,
  });
  return async () => {
    ear.close();
    await server.close();
    await rm(directory, { recursive: true });
  };
}
