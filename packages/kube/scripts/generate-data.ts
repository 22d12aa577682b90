/**
 * Writes src/data/packed.ts from what a Kubernetes API server answers, and from the Go types of the same release (go-fields).
 * The server should be one for trials: an object of every kind is made in it, and deleted.
 *
 *   KUBECONFIG=… node --conditions=@homeostat/source packages/kube/scripts/generate-data.ts
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { GroupVersionData, KubeData } from '../src/data/kube-data.ts';
import { KubeError } from '../src/error.ts';
import { createClient, loadKubeconfig } from '../src/http/index.ts';
import { packedModule } from './packed-module.ts';
import { readServer } from './read-server.ts';
import { tryResource } from './try-server.ts';
import type { Send } from './try-server.ts';

const client = createClient(await loadKubeconfig({}));

const served = await readServer(async (path, accept) => {
  const answer = await client.request({ method: 'GET', path, headers: { accept } });
  if (answer.status !== 200) throw new Error(`${path}: ${String(answer.status)} ${answer.body}`);
  return JSON.parse(answer.body);
});

const send: Send = async (method, path, body) => {
  const headers = { 'content-type': 'application/json' };
  const request = { method, path, ...(body !== undefined && { headers, body: JSON.stringify(body) }) };
  try {
    const answer = await client.request(request);
    return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status === undefined) throw error;
    return { status: error.status, body: { message: error.answer } };
  }
};

const name = `trial-${randomBytes(4).toString('hex')}`;
await send('POST', '/api/v1/namespaces', { metadata: { name } });
const groupVersions: GroupVersionData[] = [];
for (const { resources, ...own } of served.groupVersions) {
  const tried: GroupVersionData['resources'][number][] = [];
  for (const resource of resources)
    tried.push({ ...resource, ...(await tryResource(own, resource, { send, namespace: name, name: `${name}-x` })) });
  groupVersions.push({ ...own, resources: tried });
}
await send('DELETE', `/api/v1/namespaces/${name}`);
await client.close();

const { stdout } = await promisify(execFile)('go', ['run', '.'], {
  cwd: new URL('go-fields', import.meta.url),
  maxBuffer: 2 ** 24,
});
const allFields = JSON.parse(stdout) as KubeData['goFields'];
const goFields = Object.fromEntries(
  Object.entries(allFields).filter(([component]) => Object.hasOwn(served.schemas, component)),
);

await writeFile(
  new URL('../src/data/packed.ts', import.meta.url),
  packedModule({ ...served, groupVersions, goFields }),
);
