import { once } from 'node:events';
import { createApiServer } from '@homeostat/apiserver';
import { applyAll, appliesPerSecond, eventsPerSecond } from './apiserver-load.ts';

/**
 * A fresh process of the bench `apiserver`, on what is built. usage: apiserver-process.ts start | applies | events | memory,
 * each of which prints a figure, or serve: prints a kubeconfig on one line and stays until its stdin ends.
 */
async function main([what = '']: readonly string[]): Promise<void> {
  const began = performance.now();
  await using server = await createApiServer();
  const client = server.client();
  await client.request({ method: 'GET', path: '/api/v1/namespaces/default' });
  switch (what) {
    case 'start':
      console.log(performance.now() - began);
      break;
    case 'applies':
      console.log(await appliesPerSecond(client, 'default', 5000));
      break;
    case 'events':
      console.log(await eventsPerSecond(client, 'default', { watchers: 100, changes: 1000 }));
      break;
    case 'memory': {
      await applyAll(client, 'default', 1, 'a');
      const before = heldMB();
      await applyAll(client, 'default', 10_000, 'b');
      console.log(heldMB() - before);
      break;
    }
    case 'serve':
      console.log(JSON.stringify(server.kubeconfig));
      process.stdin.resume();
      await once(process.stdin, 'end');
      break;
    default:
      throw new TypeError(`nothing is called "${what}"`);
  }
}

/** What the process holds in memory after garbage collection, but for code. */
function heldMB(): number {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

await main(process.argv.slice(2));
