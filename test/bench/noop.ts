import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './build.ts';
import { median } from './measure.ts';
import { startMemoryServer } from './memory-server.ts';
import { ScaleEngine, writeMembers } from './scale.ts';
import type { ScalePass } from './scale.ts';
import { table, verdict } from './table.ts';

const SIZES = [
  { members: 1000, atMostMs: 20 },
  { members: 10_000, atMostMs: 200 },
] as const;
const PASSES = 15;

/**
 * What a pass costs a process that stays: when nothing has changed, and when one file has. The members are ConfigMaps of 300
 * bytes, a file each; the in-memory server is a process of its own. Medians.
 */
export async function benchNoop(): Promise<void> {
  await buildAll();
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const { members, atMostMs } of SIZES) {
    const { unchanged, changed } = await measure(members);
    const cpuMs = median(unchanged.map((pass) => pass.cpuMs));
    const requests = Math.max(...unchanged.map((pass) => pass.requests));
    rows.push(row(members, 'nothing', unchanged), row(members, 'one file', changed));
    verdicts.push(verdict(`${members} members, no-op: ms of CPU`, cpuMs, { atMost: atMostMs }));
    verdicts.push(verdict(`${members} members, no-op: requests`, requests, { atMost: 0 }));
    verdicts.push(
      verdict(`${members} members, one file: requests`, median(changed.map((pass) => pass.requests)), { atMost: 1 }),
    );
  }
  console.log();
  console.log(table(['Members', 'Changed', 'CPU ms', 'Wall ms', 'Requests'], rows));
  console.log(`\n${verdicts.join('\n')}`);
}

async function measure(
  members: number,
): Promise<{ readonly unchanged: readonly ScalePass[]; readonly changed: readonly ScalePass[] }> {
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  try {
    await using server = await startMemoryServer();
    const kubeconfig = join(scratch, 'kubeconfig');
    await writeFile(kubeconfig, server.kubeconfig);
    const folder = join(scratch, 'manifests');
    await writeMembers(folder, members, 1);
    const { engine } = await ScaleEngine.start(kubeconfig, folder, 'noop');
    await using staying = engine;
    return {
      unchanged: await times(PASSES, () => staying.pass()),
      changed: await times(PASSES, () => staying.change()),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** One after the other; the first two warm up and do not count. */
export async function times<T>(count: number, one: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let at = 0; at < count + 2; at++) all.push(await one());
  return all.slice(2);
}

function row(members: number, changed: string, passes: readonly ScalePass[]): string[] {
  return [
    String(members),
    changed,
    median(passes.map((pass) => pass.cpuMs)).toFixed(1),
    median(passes.map((pass) => pass.wallMs)).toFixed(1),
    median(passes.map((pass) => pass.requests)).toFixed(0),
  ];
}
