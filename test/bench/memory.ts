import { setTimeout } from 'node:timers/promises';
import { buildAll } from './build.ts';
import { residentMB } from './measure.ts';
import { settledWorld } from './settled-world.ts';
import { seconds, table, verdict } from './table.ts';

const SIZES = [100, 10_000, 100_000];
/** The view packs what has been at rest for five seconds, and the program gives memory back some seconds later. */
const REST_MS = 20_000;

interface Weight {
  readonly residentMB: number;
  /** What is alive, after garbage collection. */
  readonly heldMB: number;
  readonly settledMs: number;
}

/**
 * What the program occupies that keeps so many ConfigMaps of 300 bytes and has nothing to do: resident, as the system counts it, in a
 * process that is left alone; and what is alive in a process of the same engine that collects its garbage when asked.
 */
export async function benchMemory(): Promise<void> {
  await buildAll();
  const rows: string[][] = [];
  const resident = new Map<number, number>();
  for (const size of SIZES) {
    const weight = await weigh(size);
    resident.set(size, weight.residentMB);
    const figures = [weight.residentMB.toFixed(0), weight.heldMB.toFixed(1), seconds(weight.settledMs)];
    rows.push([size.toLocaleString('en'), ...figures]);
  }
  console.log(`\n${table(['Members', 'Resident MB', 'Alive MB', 'Settled after, s'], rows)}\n`);
  const [few = Number.NaN, many = Number.NaN] = [10_000, 100_000].map((size) => resident.get(size));
  console.log(verdict('resident MB at 10,000 members', few, { atMost: 150 }));
  console.log(verdict('resident MB more at 100,000 members', many - few, { atMost: 100 }));
}

async function weigh(size: number): Promise<Weight> {
  const restMs = REST_MS + size / 5;
  await using alone = await settledWorld(size);
  await setTimeout(restMs);
  const resident = residentMB(alone.engine.pid);
  await using collected = await settledWorld(size, 'engine-process.mjs');
  await setTimeout(restMs);
  const { heapUsed, external } = JSON.parse(await collected.engine.ask('weigh')) as NodeJS.MemoryUsage;
  return { residentMB: resident, heldMB: (heapUsed + external) / 1e6, settledMs: alone.settledMs };
}
