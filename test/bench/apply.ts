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
import type { Command, Cost } from './measure.ts';
import { printRequests, readRequests, requestsSince } from './requests.ts';
import type { Requests } from './requests.ts';
import { seconds, table, verdict } from './table.ts';

const runs = 3;

type Work = 'first apply' | `${'no-op' | 'one change' | 'one prune'}, ${'fresh process' | 'warm'}`;

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
    const limits: number[] = [];
    const inProcess = { server: [] as number[], none: [] as number[] };
    const [ours, bare, peer] = [new Ledger(plane), new Ledger(plane), new Ledger(plane)];
    // In turns, so that what else the machine does meets all of them.
    for (let run = 0; run < runs; run++) {
      limits.push(await measureLimit(plane, workload));
      await measureFresh(homeostat, workload, ours);
      await measureWarm(homeostat.stay, workload, ours);
      await measureFirst(unvalidated, workload, bare);
      for (const validate of ['server', 'none'] as const)
        inProcess[validate].push(await measureInProcess(plane, workload, validate));
      await measureFresh(kubectl, workload, peer);
    }
    const limitMs = median(limits);
    console.log(`\n### ${workload.title}\n`);
    console.log(`Limit (a bare loop of the same PATCHes, 16 in flight): ${seconds(limitMs)} s\n`);
    const figures = { ours: ours.figures(), bare: bare.figures(), peer: peer.figures() };
    const rows = [
      ...rowsOf(homeostat.name, figures.ours),
      ...rowsOf(unvalidated.name, figures.bare),
      ...rowsOf(kubectl.name, figures.peer),
    ];
    console.log(table(['Work', 'By', 'Wall s', 'CPU s', 'Peak MiB', 'Server CPU s', 'Requests'], rows));
    const [validated, straight] = [median(inProcess.server), median(inProcess.none)];
    console.log(
      `\nfirst apply in process, from the rendered objects to the last answer: ${seconds(validated)} s, without validation ${seconds(straight)} s`,
    );
    console.log(`\n${verdicts(figures, limitMs).join('\n')}`);
    console.log(verdict('first apply in process without validation ÷ limit', straight / limitMs, { atMost: 1.2 }));
    console.log(verdict('first apply in process ÷ limit', validated / limitMs, { atMost: 2.2 }));
  }
}

/** What each work cost one contender, run after run, with what the API server saw of it. */
class Ledger {
  readonly plane: StartedControlPlane;
  readonly #measured = new Map<Work, Measured[]>();

  constructor(plane: StartedControlPlane) {
    this.plane = plane;
  }

  async measure(work: Work, step: () => Promise<Cost>): Promise<void> {
    const server = this.plane.pids['kube-apiserver'] ?? 0;
    const before = await readRequests(this.plane);
    const cpuBefore = cpuOf(server);
    const cost = await step();
    const serverCpuMs = cpuOf(server) - cpuBefore;
    const requests = requestsSince(before, await readRequests(this.plane));
    this.#measured.set(work, [...(this.#measured.get(work) ?? []), { ...cost, requests, serverCpuMs }]);
  }

  figures(): Figures {
    return new Map([...this.#measured].map(([work, measured]) => [work, summarize(measured)]));
  }
}

/** The requests are those of the last run: they are the same every time, but for what discovery finds in a cache. */
function summarize(measured: readonly Measured[]): Measured {
  return {
    ...medianCost(measured),
    requests: measured.at(-1)?.requests ?? new Map(),
    serverCpuMs: median(measured.map(({ serverCpuMs }) => serverCpuMs)),
  };
}

async function measureFresh(contender: Contender, workload: Workload, ledger: Ledger): Promise<void> {
  await withJob(ledger.plane, workload, async (job, write) => {
    await contender.prepare?.(job);
    const pass = (): Promise<Cost> => measureCommand(contender.once(job));
    await ledger.measure('first apply', pass);
    await ledger.measure('no-op, fresh process', pass);
    await write(withChange);
    await ledger.measure('one change, fresh process', pass);
    await write(withoutOne);
    await ledger.measure('one prune, fresh process', pass);
  });
}

async function measureFirst(contender: Contender, workload: Workload, ledger: Ledger): Promise<void> {
  await withJob(ledger.plane, workload, async (job) => {
    await ledger.measure('first apply', () => measureCommand(contender.once(job)));
  });
}

async function measureWarm(stay: (job: Job) => Command, workload: Workload, ledger: Ledger): Promise<void> {
  await withJob(ledger.plane, workload, async (job, write) => {
    await using staying = await StayingProcess.start(stay(job));
    const pass = (): Promise<Cost> => staying.pass();
    await ledger.measure('no-op, warm', pass);
    await write(withChange);
    await ledger.measure('one change, warm', pass);
    await write(withoutOne);
    await ledger.measure('one prune, warm', pass);
  });
}

/** Milliseconds of the first apply alone: no program starts, and no file is read. */
async function measureInProcess(
  plane: StartedControlPlane,
  workload: Workload,
  validate: 'server' | 'none',
): Promise<number> {
  let ms = 0;
  await withJob(plane, workload, async (job) => {
    await using staying = await StayingProcess.start(homeostat.stay(job, validate));
    ms = staying.ready;
  });
  return ms;
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

function verdicts(
  { ours, bare, peer }: Readonly<Record<'ours' | 'bare' | 'peer', Figures>>,
  limitMs: number,
): string[] {
  const wall = (figures: Figures, work: Work): number => figures.get(work)?.wallMs ?? Number.NaN;
  const first = 'first apply';
  const noop = 'no-op, fresh process';
  const peak = Math.max(...[...ours.values()].map(({ peakMiB }) => peakMiB));
  return [
    verdict('first apply without validation, whole process ÷ limit', wall(bare, first) / limitMs, { atMost: 1.5 }),
    verdict('first apply ÷ kubectl', wall(ours, first) / wall(peer, first), { atMost: 1 }),
    verdict('kubectl ÷ no-op, fresh process', wall(peer, noop) / wall(ours, noop), { atLeast: 5 }),
    verdict('peak MiB', peak, { atMost: 200 }),
  ];
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
  const prefix = `limit-${randomBytes(4).toString('hex')}`;
  await createNamespaces(plane, workload.namespaces(prefix));
  const objects = [...workload.manifests(prefix).values()].flat();
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  const file = join(scratch, 'patches');
  await writeFile(file, (await patchesOf(plane, objects)).map((patch) => `${JSON.stringify(patch)}\n`).join(''));
  const script = join(import.meta.dirname, 'raw-limit.ts');
  const printed = await promisify(execFile)(process.execPath, [script, plane.server, plane.adminToken, file]);
  await rm(scratch, { recursive: true, force: true });
  return Number(printed.stdout);
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
