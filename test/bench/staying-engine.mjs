import { createInterface } from 'node:readline';
import { createDirectorySource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createPorts, defineSync, pass } from '@homeostat/reconcile';

/**
 * The engine embedded in a process that stays: one pass at the start, then one for every line on stdin; a line on stdout
 * when each is done, with the milliseconds from the rendered objects to the last answer of the server.
 * usage: staying-engine.mjs KUBECONFIG FOLDER NAMESPACE NAME VALIDATE
 *
 * Plain JavaScript over the built packages: what Node needs to strip types would count as the engine's memory.
 *
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
async function main([kubeconfig = '', folder = '', namespace = '', name = '', validate = 'server']) {
  const client = createClient(await loadKubeconfig({ path: kubeconfig }));
  const sync = defineSync({ name, namespace, policy: { validate: validate === 'none' ? 'none' : 'server' } });
  const ports = createPorts(sync, { client, source: createDirectorySource(folder) });
  const onePass = async () => {
    const running = pass(sync, ports);
    let [began, ended] = [0, 0];
    let step = await running.next();
    while (step.done !== true) {
      if (step.value.type === 'rendered') began = performance.now();
      if (step.value.type === 'apply') ended = performance.now();
      step = await running.next();
    }
    ports.live.follow();
    const { state, failure } = step.value;
    if (state === 'Failed') throw new Error(`the pass failed: ${failure?.message ?? JSON.stringify(step.value)}`);
    return Math.max(0, ended - began);
  };
  console.log('ready', await onePass());
  for await (const line of createInterface(process.stdin)) console.log(line, await onePass());
  await ports.live.close();
  await client.close();
}

await main(process.argv.slice(2));
