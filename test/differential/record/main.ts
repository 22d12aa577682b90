/**
 * Records what kubectl and our engine ask a real server, for telling it again: see the README beside.
 *
 *     node --conditions=@homeostat/source test/differential/record/main.ts --real KUBECONFIG \
 *       --kubectl kubectl-1.37=PATH --kubectl kubectl-1.32=PATH
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reuseControlPlane } from '../../support/control-plane/start.ts';
import { Connection } from '../wire.ts';
import type { Server } from '../wire.ts';
import { tellEngineStory } from './engine-session.ts';
import { kubectlAt, kubectlStories } from './kubectl-session.ts';
import { startRecordingProxy } from './proxy.ts';
import { toSteps } from './to-steps.ts';

const { values } = parseArgs({
  options: { real: { type: 'string' }, kubectl: { type: 'string', multiple: true, default: [] } },
});
if (values.real === undefined) throw new Error('--real names the kubeconfig of a control plane in mode "owners"');
const plane = await reuseControlPlane(values.real, undefined);
const real: Server = { name: 'real', url: plane.server, adminToken: plane.adminToken, userToken: plane.userToken };

for (const given of values.kubectl) {
  const [name = '', binary = ''] = given.split('=');
  for (const story of kubectlStories)
    await record(`${name}: ${story.name}`, (url, ns, home) => story.tell(kubectlAt(binary, url, ns, home)));
}
await record('engine: from a first sync to the end', tellEngineStory);

async function record(name: string, tell: (url: string, ns: string, home: string) => Promise<void>): Promise<void> {
  // No part of either may stand in anything else that is sent.
  const names = { ns: `recorded-${randomBytes(6).toString('hex')}`, id: randomBytes(6).toString('hex') };
  const home = await mkdtemp(join(tmpdir(), 'homeostat-record-'));
  using connection = new Connection(real);
  const admin = (method: string, path: string, body?: unknown) =>
    connection.send({
      method,
      path,
      headers: { authorization: `Bearer ${real.adminToken}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  await admin('POST', '/api/v1/namespaces', { metadata: { name: names.ns } });
  while ((await admin('GET', `/api/v1/namespaces/${names.ns}/serviceaccounts/default`)).status !== 200);
  try {
    await using proxy = await startRecordingProxy(real);
    await tell(proxy.url, names.ns, home);
    const steps = toSteps(proxy.exchanges, names);
    const text = `[\n${steps.map((step) => JSON.stringify(step)).join(',\n')}\n]\n`;
    const file = `${name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-')}.json`;
    await writeFile(join(import.meta.dirname, '../recorded', file), text);
    console.log(`${name}: ${steps.length} steps`);
  } finally {
    await admin('DELETE', `/api/v1/namespaces/${names.ns}`);
    await rm(home, { recursive: true });
  }
}
