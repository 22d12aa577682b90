import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { findAssets, startControlPlane } from '../support/control-plane/start.ts';
import { skipReasons } from '../support/skips.ts';
import { appliesPerSecond, eventsPerSecond } from './apiserver-load.ts';
import { buildAll } from './build.ts';
import { median } from './measure.ts';
import { startMemoryServer } from './memory-server.ts';
import { table, verdict } from './table.ts';

const RUNS = 3;
const STARTS = 11;
/** Of each kind; a real server takes some seconds for them. */
const APPLIES = 1000;
const FAN_OUT = { watchers: 100, changes: 200 };
const SCRIPT = join(import.meta.dirname, 'apiserver-process.ts');

/**
 * The in-memory API server: its start, server-side applies, watches and memory, each in a fresh process of what is built;
 * and over HTTPS, in a process of its own, beside a real kube-apiserver with the same client. Medians of three turns.
 */
export async function benchApiServer(): Promise<void> {
  const assets = await findAssets();
  if (assets === undefined) throw new Error(skipReasons.noControlPlane.text);
  await buildAll();
  const startMs = median(Array.from({ length: STARTS }, () => figureOf('start')));
  const memoryMB = median(Array.from({ length: RUNS }, () => figureOf('memory')));
  const inProcess = {
    applies: median(Array.from({ length: RUNS }, () => figureOf('applies'))),
    events: median(Array.from({ length: RUNS }, () => figureOf('events'))),
  };

  const began = performance.now();
  await using plane = await startControlPlane(assets, { mode: 'bare' });
  await using real = createClient(await loadKubeconfig({ path: plane.kubeconfig }));
  await real.request({ method: 'GET', path: '/api/v1/namespaces/default' });
  const realStartMs = performance.now() - began;
  await using memory = await startMemoryServer();
  const { kubeconfig } = memory;
  await using client = createClient(await loadKubeconfig({ path: 'memory', readFile: async () => kubeconfig }));
  const ours: Rates[] = [];
  const theirs: Rates[] = [];
  // In turns, so that what else the machine does meets both.
  for (let run = 0; run < RUNS; run++) {
    ours.push(await measureRates(client));
    theirs.push(await measureRates(real));
  }
  const https = medians(ours);
  const kube = medians(theirs);

  const row = (name: string, start: number | undefined, { applies, events }: Rates): string[] => [
    name,
    start?.toFixed(0) ?? '',
    applies.toFixed(0),
    events.toFixed(0),
  ];
  console.log();
  console.log(
    table(
      ['Server', 'Start to first answer, ms', 'Applies / s', `Events / s to ${String(FAN_OUT.watchers)} watchers`],
      [
        row('@homeostat/apiserver, in process', startMs, inProcess),
        row('@homeostat/apiserver, over HTTPS', undefined, https),
        row('kube-apiserver and etcd, over HTTPS', realStartMs, kube),
      ],
    ),
  );
  console.log();
  console.log(verdict('start to first answer, ms', startMs, { atMost: 50 }));
  console.log(verdict('applies / s in process', inProcess.applies, { atLeast: 5000 }));
  console.log(verdict('applies over HTTPS ÷ those of kube-apiserver', https.applies / kube.applies, { atLeast: 1 }));
  console.log(verdict('MB for 10,000 ConfigMaps of 300 bytes', memoryMB, { atMost: 60 }));
}

interface Rates {
  readonly applies: number;
  readonly events: number;
}

function medians(rates: readonly Rates[]): Rates {
  return { applies: median(rates.map(({ applies }) => applies)), events: median(rates.map(({ events }) => events)) };
}

async function measureRates(client: Client): Promise<Rates> {
  const namespaces = ['applies', 'events'].map((name) => `bench-${name}-${randomBytes(4).toString('hex')}`);
  for (const name of namespaces) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const [forApplies = '', forEvents = ''] = namespaces;
  const applies = await appliesPerSecond(client, forApplies, APPLIES);
  const events = await eventsPerSecond(client, forEvents, FAN_OUT);
  return { applies, events };
}

/** What one fresh process prints. */
function figureOf(what: 'start' | 'applies' | 'events' | 'memory'): number {
  return Number(execFileSync(process.execPath, ['--expose-gc', SCRIPT, what], { encoding: 'utf8' }));
}
