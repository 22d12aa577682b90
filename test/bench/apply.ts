import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gvkOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { findAssets, startControlPlane } from '../support/control-plane/start.ts';
import type { StartedControlPlane } from '../support/control-plane/start.ts';
import { skipReasons } from '../support/skips.ts';
import { buildAll } from './build.ts';
import { homeostat, kubectl, unvalidated } from './contenders.ts';
import type { Contender, Job } from './contenders.ts';
import { apps, configMaps, withChange, withoutOne, writeManifests } from './manifests.ts';
import type { Workload } from './manifests.ts';
import { StayingProcess, cpuOf, measureCommand, median, medianCost } from './measure.ts';
import type { Cost } from './measure.ts';
import { printRequests, readRequests, requestsSince } from './requests.ts';
import type { Requests } from './requests.ts';
import { seconds, table, verdict } from './table.ts';

const runs = 3;

/** In the order in which they are done to one set. */
const fresh = ['first apply', 'no-op, fresh process', 'one change, fresh process', 'one prune, fresh process'] as const;
const warm = ['no-op, warm', 'one change, warm', 'one prune, warm'] as const;
type Work = (typeof fresh)[number] | (typeof warm)[number];

interface Measured extends Cost {
  readonly requests: Requests;
  readonly serverCpuMs: number;
}

type Figures = ReadonlyMap<Work, Measured>;

/**
 * Makes a cluster equal to a folder: first apply, nothing to do, one change, one prune; wall time, CPU, memory and requests
 * of Homeostat and of kubectl, side by side on one control plane (bare, so that no controller adds to the counts), medians
 * of three runs, and the limit of that control plane.
 */
export async function benchApply(): Promise<void> {
  const assets = await findAssets();
  if (assets === undefined) throw new Error(skipReasons.noControlPlane.text);
  await buildAll();
  await using plane = await startControlPlane(assets, { mode: 'bare' });
  for (const workload of [configMaps, apps]) {
    const limitMs = await measureLimit(plane, workload);
    const ours = await measureContender(plane, homeostat, workload);
    const bare = await measureContender(plane, unvalidated, workload, { firstOnly: true });
    const peer = await measureContender(plane, kubectl, workload);
    console.log(`\n### ${workload.title}\n`);
    console.log(`Limit (a bare loop of the same PATCHes, 16 in flight): ${seconds(limitMs)} s\n`);
    const rows = [...rowsOf(homeostat.name, ours), ...rowsOf(unvalidated.name, bare), ...rowsOf(kubectl.name, peer)];
    console.log(table(['Work', 'By', 'Wall s', 'CPU s', 'Peak MiB', 'Server CPU s', 'Requests'], rows));
    console.log(`\n${verdicts(ours, bare, peer, limitMs).join('\n')}`);
  }
}

function rowsOf(name: string, figures: Figures): string[][] {
  return [...figures].map(([work, { wallMs, cpuMs, peakMiB, serverCpuMs, requests }]) => [
    work,
    name,
    seconds(wallMs),
    seconds(cpuMs),
    peakMiB.toFixed(0),
    seconds(serverCpuMs),
    printRequests(requests),
  ]);
}

function verdicts(ours: Figures, bare: Figures, peer: Figures, limitMs: number): string[] {
  const wall = (figures: Figures, work: Work): number => figures.get(work)?.wallMs ?? Number.NaN;
  const peak = Math.max(...[...ours.values()].map(({ peakMiB }) => peakMiB));
  const [first, noop] = fresh;
  return [
    verdict('first apply without validation ÷ limit', wall(bare, first) / limitMs, { atMost: 1.5 }),
    verdict('first apply ÷ kubectl', wall(ours, first) / wall(peer, first), { atMost: 1 }),
    verdict('kubectl ÷ no-op, fresh process', wall(peer, noop) / wall(ours, noop), { atLeast: 5 }),
    verdict('peak MiB', peak, { atMost: 200 }),
  ];
}

async function measureContender(
  plane: StartedControlPlane,
  contender: Contender,
  workload: Workload,
  options: { readonly firstOnly?: boolean } = {},
): Promise<Figures> {
  const figures = new Map<Work, Measured[]>();
  const measure = async (work: Work, step: () => Promise<Cost>): Promise<void> => {
    const before = await readRequests(plane);
    const serverCpu = cpuOf(plane.pids['kube-apiserver'] ?? 0);
    const cost = await step();
    const serverCpuMs = cpuOf(plane.pids['kube-apiserver'] ?? 0) - serverCpu;
    const requests = requestsSince(before, await readRequests(plane));
    figures.set(work, [...(figures.get(work) ?? []), { ...cost, requests, serverCpuMs }]);
  };
  for (let run = 0; run < runs; run++) {
    await withJob(plane, workload, async (job, write) => {
      await contender.prepare?.(job);
      const pass = (): Promise<Cost> => measureCommand(contender.once(job));
      const [first, noop, change, prune] = fresh;
      await measure(first, pass);
      if (options.firstOnly === true) return;
      await measure(noop, pass);
      await write(withChange);
      await measure(change, pass);
      await write(withoutOne);
      await measure(prune, pass);
    });
    const { stay } = contender;
    if (stay === undefined) continue;
    await withJob(plane, workload, async (job, write) => {
      await using staying = await StayingProcess.start(stay(job));
      const pass = (): Promise<Cost> => staying.pass();
      const [noop, change, prune] = warm;
      await measure(noop, pass);
      await write(withChange);
      await measure(change, pass);
      await write(withoutOne);
      await measure(prune, pass);
    });
  }
  return new Map([...figures].map(([work, measured]) => [work, summarize(measured)]));
}

/** The requests are those of the last run: they are the same every time, but for what discovery finds in its cache. */
function summarize(measured: readonly Measured[]): Measured {
  return {
    ...medianCost(measured),
    requests: measured.at(-1)?.requests ?? new Map(),
    serverCpuMs: median(measured.map(({ serverCpuMs }) => serverCpuMs)),
  };
}

type Write = (
  change: (manifests: ReturnType<Workload['manifests']>) => ReturnType<Workload['manifests']>,
) => Promise<void>;

/** Fresh namespaces and a fresh folder of manifests; each `write` builds on the one before. */
async function withJob(
  plane: StartedControlPlane,
  workload: Workload,
  work: (job: Job, write: Write) => Promise<void>,
): Promise<void> {
  const prefix = `bench-${randomBytes(4).toString('hex')}`;
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  const folder = join(scratch, 'manifests');
  let manifests = workload.manifests(prefix);
  try {
    const namespaces = await createNamespaces(plane, workload.namespaces(prefix));
    const write: Write = async (change) => {
      manifests = change(manifests);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await writeManifests(folder, manifests);
    };
    await write((same) => same);
    await work({ plane, folder, name: prefix, namespace: namespaces[0] ?? 'default' }, write);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function createNamespaces(plane: StartedControlPlane, names: readonly string[]): Promise<readonly string[]> {
  await using client = createClient(await loadKubeconfig({ path: plane.kubeconfig }));
  for (const name of names) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return names;
}

async function measureLimit(plane: StartedControlPlane, workload: Workload): Promise<number> {
  const walls: number[] = [];
  for (let run = 0; run < runs; run++) {
    const prefix = `limit-${randomBytes(4).toString('hex')}`;
    await createNamespaces(plane, workload.namespaces(prefix));
    const objects = [...workload.manifests(prefix).values()].flat();
    const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
    const file = join(scratch, 'patches');
    await writeFile(file, (await patchesOf(plane, objects)).map((patch) => `${JSON.stringify(patch)}\n`).join(''));
    const script = join(import.meta.dirname, 'raw-limit.ts');
    const printed = await promisify(execFile)(process.execPath, [script, plane.server, plane.adminToken, file]);
    walls.push(Number(printed.stdout));
    await rm(scratch, { recursive: true, force: true });
  }
  return median(walls);
}

/** Where each object is sent to. */
async function patchesOf(plane: StartedControlPlane, objects: readonly KubeObject[]): Promise<readonly object[]> {
  await using client = createClient(await loadKubeconfig({ path: plane.kubeconfig }));
  const resources = await client.resources();
  return objects.map((body) => {
    const plural = resources.find(gvkOf(body))?.plural;
    const root = body.apiVersion === 'v1' ? '/api/v1' : `/apis/${body.apiVersion}`;
    return { path: `${root}/namespaces/${body.metadata.namespace}/${plural}/${body.metadata.name}`, body };
  });
}
