import { text } from 'node:stream/consumers';
import { createMemorySource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createLoop, createPorts, destroySet, drive, reconcileOnce } from '@homeostat/reconcile';
import type { Sync } from '@homeostat/reconcile';

/** What an engine in a process of its own is to do; it comes as JSON on standard input. */
export interface EngineTask {
  readonly kubeconfig: string;
  readonly sync: Sync;
  readonly files: Readonly<Record<string, string>>;
  /** `loop`: it stays, with the Lease, until its first report says that all is well. */
  readonly work: 'once' | 'loop' | 'delete' | 'orphan';
}

const { kubeconfig, sync, files, work } = JSON.parse(await text(process.stdin)) as EngineTask;
await using client = createClient(
  await loadKubeconfig({ path: 'kubeconfig', readFile: () => Promise.resolve(kubeconfig) }),
);
const ports = createPorts(sync, { client, source: createMemorySource(files) });

switch (work) {
  case 'once':
    await drive(reconcileOnce(sync, ports));
    break;
  case 'delete':
  case 'orphan':
    await drive(destroySet(sync, ports, { mode: work }));
    break;
  case 'loop': {
    const loop = createLoop(sync, ports, { lease: { holder: `engine/${String(process.pid)}` } });
    const events = loop.events();
    const running = loop.run();
    for await (const event of events) if (event.type === 'report' && event.report.state === 'Ready') break;
    await loop.stop();
    await running;
    break;
  }
}
await ports.live.close();
