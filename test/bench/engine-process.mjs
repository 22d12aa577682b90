import { createInterface } from 'node:readline';
import { createDirectorySource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';

/**
 * The engine as it stays: the loop of one sync. A line on stdout when its first report is Ready; then it answers each line
 * on stdin with what it holds in memory (after garbage collection, where that was exposed), as JSON.
 * usage: engine-process.mjs KUBECONFIG FOLDER NAMESPACE NAME
 *
 * Plain JavaScript over the built packages: what Node needs to strip types would count as the engine's memory.
 *
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
async function main([kubeconfig = '', folder = '', namespace = '', name = '']) {
  const client = createClient(await loadKubeconfig({ path: kubeconfig }));
  const sync = defineSync({ name, namespace, policy: { wait: false } });
  const ports = createPorts(sync, { client, source: createDirectorySource(folder) });
  const loop = createLoop(sync, ports);
  const events = loop.events();
  const running = loop.run();
  for await (const event of events) {
    if (event.type !== 'report') continue;
    if (event.report.state !== 'Ready')
      throw new Error(`the pass failed: ${JSON.stringify(event.report).slice(0, 2000)}`);
    break;
  }
  console.log('ready');
  for await (const _ of createInterface(process.stdin)) {
    globalThis.gc?.();
    globalThis.gc?.();
    console.log(JSON.stringify(process.memoryUsage()));
  }
  await loop.stop();
  await running;
  await ports.live.close();
  await client.close();
}

await main(process.argv.slice(2));
