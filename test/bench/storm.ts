import { setTimeout } from 'node:timers/promises';
import { buildAll } from './build.ts';
import { cpuOf, residentMB } from './measure.ts';
import { settledWorld } from './settled-world.ts';
import { seconds, table, verdict } from './table.ts';

const MEMBERS = 10_000;
const CHANGES = 100_000;
const REST_MS = 12_000;

/**
 * Another manager changes annotations of our objects as fast as the server can, and now and then a field of ours: how long
 * repairs take meanwhile, and what the engine's process grows by. A storm before counts as warming up.
 */
export async function benchStorm(): Promise<void> {
  await buildAll();
  await using world = await settledWorld(MEMBERS, 'engine-process.mjs');
  const { pid } = world.engine;
  await setTimeout(REST_MS);
  const rows: string[][] = [];
  let [longest, grown] = [0, 0];
  for (const what of ['first', 'second']) {
    const [before, cpuBefore] = [residentMB(pid), cpuOf(pid)];
    const [tookMs = '', repairMs = ''] = (await world.server.ask(`storm ${CHANGES}`)).split(' ');
    const cpuMs = cpuOf(pid) - cpuBefore;
    await setTimeout(REST_MS);
    [longest, grown] = [Number(repairMs), residentMB(pid) - before];
    rows.push([what, seconds(Number(tookMs)), seconds(cpuMs), longest.toFixed(0), grown.toFixed(0)]);
  }
  const columns = ['Storm', 'Changes took s', 'CPU of the engine s', 'Longest repair ms', 'Grown by MB'];
  console.log(`\n${table(columns, rows)}\n`);
  console.log(verdict('longest repair in the second storm, ms', longest, { atMost: 1000 }));
  console.log(verdict('MB grown by in the second storm', grown, { atMost: 10 }));
}
