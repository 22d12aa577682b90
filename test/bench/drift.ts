import { setTimeout } from 'node:timers/promises';
import { buildAll } from './build.ts';
import { median } from './measure.ts';
import { settledWorld } from './settled-world.ts';
import { table, verdict } from './table.ts';

const SIZES = [100, 10_000];
const DRIFTS = 200;

/**
 * From a change of our field by another manager until it is as it was, seen from the server, one after the other; the
 * engine over HTTPS in a process of its own. No member drifts twice, so that nothing is a fight.
 */
export async function benchDrift(): Promise<void> {
  await buildAll();
  const rows: string[][] = [];
  let last: readonly number[] = [];
  for (const size of SIZES) {
    await using world = await settledWorld(size, 'engine-process.mjs');
    await setTimeout(12_000); // at rest
    const took: number[] = [];
    for (let n = 0; n < Math.min(DRIFTS, size); n += 1) took.push(Number(await world.server.ask(`drift ${n}`)));
    last = took.toSorted((a, b) => a - b);
    rows.push([size.toLocaleString('en'), ...[0.5, 0.99, 1].map((part) => percentile(last, part).toFixed(1))]);
  }
  console.log(`\n${table(['Members', 'p50 ms', 'p99 ms', 'longest ms'], rows)}\n`);
  console.log(verdict('p50 ms at 10,000 members', median(last), { atMost: 50 }));
  console.log(verdict('p99 ms at 10,000 members', percentile(last, 0.99), { atMost: 250 }));
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.ceil(sorted.length * part) - 1] ?? 0;
}
