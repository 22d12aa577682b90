import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './build.ts';
import { measureCommand, median } from './measure.ts';
import type { Cost } from './measure.ts';
import { startMemoryServer } from './memory-server.ts';
import { times } from './noop.ts';
import { plot } from './plot.ts';
import { ScaleEngine, writeMembers } from './scale.ts';
import type { AtRest, ScalePass } from './scale.ts';
import { seconds, table, verdict } from './table.ts';

const SIZES = [1000, 10_000, 50_000, 100_000] as const;
const PER_FILE = 10;
const PASSES = 5;
const FRESH = 3;

interface Growth {
  readonly members: number;
  readonly first: ScalePass;
  /** Medians, ms of CPU. */
  readonly noopMs: number;
  readonly changeMs: number;
  readonly atRest: AtRest;
  /** The whole program, over what is settled. */
  readonly fresh: Cost;
}

/**
 * How cost grows with the members of one set: ConfigMaps of 300 bytes, ten to a file, on the in-memory server over HTTPS in a process of
 * its own. Prints a table, and draws it as `growth.svg` beside this file.
 */
export async function benchGrowth(): Promise<void> {
  await buildAll();
  const found: Growth[] = [];
  for (const members of SIZES) found.push(await measure(members));
  console.log();
  console.log(
    table(
      [
        'Members',
        'First apply s',
        'No-op warm CPU ms',
        'One file CPU ms',
        'At rest, held MB',
        'At rest, RSS MB',
        'Fresh process s',
        'its CPU s',
        'its peak MiB',
      ],
      found.map(({ members, first, noopMs, changeMs, atRest, fresh }) => [
        String(members),
        seconds(first.wallMs),
        noopMs.toFixed(1),
        changeMs.toFixed(1),
        atRest.heldMB.toFixed(0),
        atRest.rssMB.toFixed(0),
        seconds(fresh.wallMs),
        seconds(fresh.cpuMs),
        fresh.peakMiB.toFixed(0),
      ]),
    ),
  );
  const of = (members: number): Growth | undefined => found.find((one) => one.members === members);
  const rss = (members: number): number => of(members)?.atRest.rssMB ?? Number.NaN;
  console.log();
  console.log(verdict('10,000 members, at rest: RSS in MB', rss(10_000), { atMost: 150 }));
  console.log(verdict('100,000 members, at rest: MB of RSS more', rss(100_000) - rss(10_000), { atMost: 100 }));
  console.log(verdict('10,000 members, no-op warm: ms of CPU', of(10_000)?.noopMs ?? Number.NaN, { atMost: 200 }));
  console.log(
    verdict('10,000 members, fresh process: s', (of(10_000)?.fresh.wallMs ?? Number.NaN) / 1000, { atMost: 3 }),
  );
  await writeFile(join(import.meta.dirname, 'growth.svg'), draw(found));
}

async function measure(members: number): Promise<Growth> {
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  try {
    await using server = await startMemoryServer();
    const kubeconfig = join(scratch, 'kubeconfig');
    await writeFile(kubeconfig, server.kubeconfig);
    const folder = join(scratch, 'manifests');
    await writeMembers(folder, members, PER_FILE);
    const staying = await measureStaying(kubeconfig, folder);
    return { members, ...staying, fresh: await measureFresh(kubeconfig, folder, scratch) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measureStaying(kubeconfig: string, folder: string): Promise<Omit<Growth, 'members' | 'fresh'>> {
  const applying = await ScaleEngine.start(kubeconfig, folder, 'growth');
  await applying.engine[Symbol.asyncDispose]();
  // Another process, as after a restart: what the first one grew to when it wrote everything is not what is held at rest.
  const { engine } = await ScaleEngine.start(kubeconfig, folder, 'growth');
  await using staying = engine;
  const atRest = await staying.rest();
  const unchanged = await times(PASSES, () => staying.pass());
  const changed = await times(PASSES, () => staying.change());
  return {
    first: applying.first,
    atRest,
    noopMs: median(unchanged.map(({ cpuMs }) => cpuMs)),
    changeMs: median(changed.map(({ cpuMs }) => cpuMs)),
  };
}

/** The program over the folder. The first run takes the set over from the other source, and takes back what that has changed. */
async function measureFresh(kubeconfig: string, folder: string, scratch: string): Promise<Cost> {
  const document = join(scratch, 'sync.json');
  const source = { url: folder, directory: true };
  await writeFile(
    document,
    JSON.stringify({ name: 'growth', namespace: 'default', source, takeOver: true, policy: { wait: false } }),
  );
  const command = join(import.meta.dirname, '../../packages/cli/dist/main.js');
  const run = (): Promise<Cost> =>
    measureCommand({ command, args: ['sync', '-f', document, '--once', '--kubeconfig', kubeconfig] });
  await run();
  const costs: Cost[] = [];
  for (let at = 0; at < FRESH; at++) costs.push(await run());
  return {
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    peakMiB: Math.max(...costs.map(({ peakMiB }) => peakMiB)),
  };
}

function draw(found: readonly Growth[]): string {
  const line = (name: string, y: (one: Growth) => number): { name: string; points: [number, number][] } => ({
    name,
    points: found.map((one) => [one.members, y(one)]),
  });
  return plot('Homeostat: cost by members of a set', 'members', [
    {
      title: 'Memory at rest',
      unit: 'MB',
      series: [line('process', ({ atRest }) => atRest.rssMB), line('held', ({ atRest }) => atRest.heldMB)],
    },
    {
      title: 'A pass that stays, CPU',
      unit: 'ms',
      series: [line('nothing changed', ({ noopMs }) => noopMs), line('one file changed', ({ changeMs }) => changeMs)],
    },
    {
      title: 'A fresh process, nothing to do',
      unit: 's',
      series: [line('wall', ({ fresh }) => fresh.wallMs / 1000), line('CPU', ({ fresh }) => fresh.cpuMs / 1000)],
    },
  ]);
}
