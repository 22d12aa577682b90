import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { createMemorySource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createPorts, defineSync, pass } from '@homeostat/reconcile';

/**
 * The engine over a folder of manifests that it has in memory, in a process of its own. It makes one pass at the start and one for every
 * line `pass` or `change` (which changes one file first) on stdin; `rest` follows the cluster, and waits until what it holds is at
 * rest. Each is answered by a line of JSON, see `scale.ts`. usage: scale-engine.mjs KUBECONFIG FOLDER NAMESPACE NAME
 *
 * Plain JavaScript over the built packages: what Node needs to strip types would count as the engine's.
 *
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
async function main([kubeconfig = '', folder = '', namespace = '', name = '']) {
  let requests = 0;
  const config = await loadKubeconfig({ path: kubeconfig });
  const client = createClient(config, { onRequest: () => (requests += 1) });
  const sync = defineSync({ name, namespace, policy: { validate: 'none' } });
  const files = await filesOf(folder);
  const source = createMemorySource(files);
  const ports = createPorts(sync, { client, source });
  const onePass = async () => {
    requests = 0;
    const cpu = process.cpuUsage();
    const began = performance.now();
    const running = pass(sync, ports);
    let step = await running.next();
    while (step.done !== true) step = await running.next();
    const wallMs = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    const { state, failure, counts } = step.value;
    if (state === 'Failed') throw new Error(`the pass failed: ${failure?.message ?? JSON.stringify(counts)}`);
    return { wallMs, cpuMs: (user + system) / 1000, requests };
  };
  const paths = Object.keys(files);
  let changes = 0;
  /** @type {Readonly<Record<string, () => Promise<object>>>} */
  const works = {
    pass: onePass,
    change: async () => {
      const path = paths[(changes += 997) % paths.length] ?? '';
      source.write({ [path]: (files[path] ?? '').replace('as it was', `changed ${String(changes)}`) });
      return await onePass();
    },
    rest: async () => {
      ports.live.follow();
      await new Promise((resolve) => setTimeout(resolve, restMs(ports.live.list().length)));
      globalThis.gc?.();
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      return { rssMB: rss / 1e6, heldMB: (heapUsed + external) / 1e6 };
    },
  };
  console.log(JSON.stringify(await onePass()));
  for await (const line of createInterface(process.stdin)) console.log(JSON.stringify(await works[line]?.()));
  await ports.live.close();
  await client.close();
}

/** Entries of the live view become smaller 5 s after they came, some hundred at a time. */
function restMs(/** @type {number} */ members) {
  return 6000 + members / 5;
}

/**
 * @param {string} folder
 * @returns {Promise<Record<string, string>>}
 */
async function filesOf(folder) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path)] = await readFile(path, 'utf8');
  }
  return files;
}

await main(process.argv.slice(2));
