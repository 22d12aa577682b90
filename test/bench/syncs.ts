import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { KubeObject } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { toYaml } from '@homeostat/render';
import { findAssets, startControlPlane } from '../support/control-plane/start.ts';
import { startGitServer } from '../support/git-server.ts';
import { skipReasons } from '../support/skips.ts';
import { buildAll } from './build.ts';
import { cpuOf, StayingProcess } from './measure.ts';
import { printRequests, readRequests, requestsSince } from './requests.ts';
import { seconds, table, verdict } from './table.ts';

const syncs = 1000;
const namespaces = 20;
/** What arrived last is deflated some seconds later: that belongs to the first sync. */
const settleMs = 15_000;
const idleMs = 20_000;

/**
 * A thousand syncs of one repository, four objects each, in one process: from its start until all of them are ready, and then what it
 * costs to have nothing to do.
 */
export async function benchSyncs(): Promise<void> {
  const assets = await findAssets();
  if (assets === undefined) throw new Error(skipReasons.noControlPlane.text);
  await buildAll();
  await using plane = await startControlPlane(assets, { mode: 'bare' });
  const git = await startGitServer();
  try {
    const repository = await git.createRepository();
    const prefix = `bench-${randomBytes(3).toString('hex')}`;
    await using client = createClient(await loadKubeconfig({ path: plane.kubeconfig }));
    for (let n = 0; n < namespaces; n++)
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${prefix}-${n}` } });
    const files = Array.from({ length: syncs }, (_, n): [string, string] => {
      const objects = objectsOf(`${prefix}-${n % namespaces}`, `sync-${n}`);
      return [`sync-${n}/all.yaml`, objects.map((object) => toYaml(object)).join('---\n')];
    });
    await repository.commit(Object.fromEntries(files));

    const server = plane.pids['kube-apiserver'] ?? 0;
    const before = await readRequests(plane, { leases: true });
    const serverBefore = cpuOf(server);
    const began = performance.now();
    await using engine = await StayingProcess.start({
      command: process.execPath,
      args: [
        join(import.meta.dirname, 'syncs-engine.mjs'),
        plane.kubeconfig,
        repository.url,
        String(syncs),
        String(namespaces),
        prefix,
      ],
    });
    const wallMs = performance.now() - began;
    const first = engine.usage();
    const firstServer = cpuOf(server) - serverBefore;
    const firstRequests = requestsSince(before, await readRequests(plane, { leases: true }));

    await sleep(settleMs);
    const idleBefore = await readRequests(plane, { leases: true });
    const settled = engine.usage();
    const serverIdle = cpuOf(server);
    await sleep(idleMs);
    const idle = engine.usage();
    const idleServer = cpuOf(server) - serverIdle;
    const idleRequests = requestsSince(idleBefore, await readRequests(plane, { leases: true }));

    const row = (
      work: string,
      wall: number,
      cpu: number,
      peak: number,
      cpuOfServer: number,
      requests: string,
    ): string[] => [work, seconds(wall), seconds(cpu), peak.toFixed(0), seconds(cpuOfServer), requests];
    console.log(`\n${syncs} syncs × 4 objects in ${namespaces} namespaces\n`);
    console.log(
      table(
        ['Work', 'Wall s', 'CPU s', 'Peak MiB', 'Server CPU s', 'Requests'],
        [
          row('first sync', wallMs, first.cpuMs, first.peakMiB, firstServer, printRequests(firstRequests)),
          row('idle', idleMs, idle.cpuMs - settled.cpuMs, idle.peakMiB, idleServer, printRequests(idleRequests)),
        ],
      ),
    );
    console.log(
      `\n${[
        verdict('first sync, s', wallMs / 1000, { atMost: 30 }),
        verdict('idle, % of a core', ((idle.cpuMs - settled.cpuMs) / idleMs) * 100, { atMost: 1 }),
      ].join('\n')}`,
    );
  } finally {
    await git.close();
  }
}

/** Kinds that are ready as soon as they are there, because nothing runs in a bare control plane. */
function objectsOf(namespace: string, name: string): readonly KubeObject[] {
  const metadata = { namespace, name: `${name}-app`, labels: { app: name } };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { config: `name: ${name}\n${'# a line of settings\n'.repeat(10)}` },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: [`${name}-app`] }],
    },
  ];
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
