import { createInterface } from 'node:readline';
import { createMemorySource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createPorts, defineSync, pass } from '@homeostat/reconcile';

/**
 * The engine over many ConfigMaps of 300 bytes, a file each, in a process of its own. It makes one pass at the start and
 * one for every line `pass` or `change` (which changes one file first) on stdin; `rest` watches, and waits until what it holds is at
 * rest. Each is answered by a line of JSON: CPU and wall time of the pass, the requests that it sent, and memory held.
 * usage: scale-engine.mjs KUBECONFIG MEMBERS NAMESPACE NAME
 *
 * Plain JavaScript over the built packages: what Node needs to strip types would count as the engine's.
 *
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
async function main([kubeconfig = '', members = '', namespace = '', name = '']) {
  let requests = 0;
  const config = await loadKubeconfig({ path: kubeconfig });
  const client = createClient(config, { onRequest: () => (requests += 1) });
  const sync = defineSync({ name, namespace, policy: { validate: 'none', deadline: 600_000 } });
  const source = createMemorySource(filesOf(Number(members), namespace));
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
    return { wallMs, cpuMs: (user + system) / 1000, requests, counts };
  };
  let changes = 0;
  /** @type {Readonly<Record<string, () => Promise<object>>>} */
  const works = {
    pass: onePass,
    change: async () => {
      const at = (changes += 997) % Number(members);
      source.write({ [pathOf(at)]: manifest(at, namespace, `changed ${String(changes)}`) });
      return await onePass();
    },
    rest: async () => {
      ports.live.follow();
      await new Promise((resolve) => setTimeout(resolve, restMs(Number(members))));
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
 * @param {number} members
 * @param {string} namespace
 */
function filesOf(members, namespace) {
  return Object.fromEntries(
    Array.from({ length: members }, (_, at) => [pathOf(at), manifest(at, namespace, 'as it was')]),
  );
}

function pathOf(/** @type {number} */ at) {
  return `team-${Math.floor(at / 100)}/config-${at}.yaml`;
}

/**
 * @param {number} at
 * @param {string} namespace
 * @param {string} note
 */
function manifest(at, namespace, note) {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: config-${at}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/name: config-${at}
    app.kubernetes.io/part-of: shop
data:
  mode: production
  note: ${note}
  app.properties: |
    id=${at}
    level=info
    retries=3
    endpoint=https://backend-${at % 7}.example.com/api
`;
}

await main(process.argv.slice(2));
