import { setTimeout } from 'node:timers/promises';
import { buildAll } from './build.ts';
import { residentMB } from './measure.ts';
import { settledWorld } from './settled-world.ts';
import { table, verdict } from './table.ts';

const SIZES = [100, 10_000, 100_000];
/** The view packs what has been at rest for five seconds. */
const REST_MS = 12_000;

interface Weight {
  readonly residentMB: number;
  /** What is alive, after garbage collection. */
  readonly heldMB: number;
  readonly settledMs: number;
}

/**
 * What the engine's process occupies that keeps so many ConfigMaps of 300 bytes and has nothing to do: resident, as the system
 * counts it, in a process that is left alone; and what is alive in a process that collects its garbage when asked.
 */
export async function benchMemory(): Promise<void> {
  await buildAll();
  const weights: Weight[] = [];
  for (const size of SIZES) weights.push(await weigh(size));
  const rows = weights.map(({ residentMB: resident, heldMB, settledMs }, at) => [
    (SIZES[at] ?? 0).toLocaleString('en'),
    resident.toFixed(0),
    heldMB.toFixed(1),
    (settledMs / 1000).toFixed(1),
  ]);
  console.log(`\n${table(['Members', 'Resident MB', 'Alive MB', 'Settled after, s'], rows)}\n`);
  const [few, many, most] = weights;
  if (few === undefined || many === undefined || most === undefined) return;
  console.log(verdict('resident MB at 10,000 members', many.residentMB, { atMost: 150 }));
  console.log(verdict('resident MB more at 100,000 members', most.residentMB - many.residentMB, { atMost: 100 }));
  console.log(`bytes alive for each member: ${((most.heldMB - few.heldMB) * 10).toFixed(0)}`);
}

async function weigh(size: number): Promise<Weight> {
  await using alone = await settledWorld(size);
  await setTimeout(REST_MS);
  const resident = residentMB(alone.engine.pid);
  await using collected = await settledWorld(size, ['--expose-gc']);
  await setTimeout(REST_MS);
  const { heapUsed, external } = JSON.parse(await collected.engine.ask('weigh')) as NodeJS.MemoryUsage;
  return { residentMB: resident, heldMB: (heapUsed + external) / 1e6, settledMs: alone.settledMs };
}
