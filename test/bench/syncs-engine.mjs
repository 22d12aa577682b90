import { createGitSource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createEngine, defineSync } from '@homeostat/reconcile';

/**
 * Many syncs of one repository in one engine: a line on stdout when all of them are ready, and then one for every line on stdin, when
 * the next report of any of them has come. usage: syncs-engine.mjs KUBECONFIG URL COUNT NAMESPACES PREFIX
 *
 * Plain JavaScript over the built packages: what Node needs to strip types would count as the engine's.
 *
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
async function main([kubeconfig = '', url = '', count = '', namespaces = '', prefix = '']) {
  const client = createClient(await loadKubeconfig({ path: kubeconfig }));
  const source = createGitSource({ url });
  const holder = `bench/${process.pid}/x`;
  const engine = createEngine({ client, lease: { holder, namespace: `${prefix}-0` } });
  for (let n = 0; n < Number(count); n++) {
    const namespace = `${prefix}-${n % Number(namespaces)}`;
    engine.add(defineSync({ name: `sync-${n}`, namespace, path: `sync-${n}` }), source);
  }
  const left = new Set(Array.from({ length: Number(count) }, (_, n) => `sync-${n}`));
  const events = engine.events();
  const running = engine.run();
  process.stdin.once('end', () => void engine.stop());
  process.stdin.resume();
  for await (const { sync, event } of events) {
    if (event.type === 'degraded') console.error('degraded:', event.message);
    if (event.type !== 'report' || sync === undefined || left.size === 0) continue;
    const { state, failure, objects } = event.report;
    if (state === 'Failed')
      throw new Error(
        `${sync.name} failed: ${failure?.message ?? JSON.stringify(objects.map(({ message }) => message))}`,
      );
    if (state === 'Ready') left.delete(sync.name);
    if (left.size === 0) console.log('ready');
  }
  await running;
  await source.close();
  await client.close();
}

await main(process.argv.slice(2));
