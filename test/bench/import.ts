import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildAll } from './build.ts';
import { median } from './measure.ts';
import { verdict } from './table.ts';

const root = join(import.meta.dirname, '../..');

/** How long a fresh process takes to import the built `@homeostat/reconcile`: the median of eleven. */
export async function benchImport(): Promise<void> {
  await buildAll();
  const script =
    "const began = performance.now(); await import('@homeostat/reconcile'); console.log(performance.now() - began);";
  const times = Array.from({ length: 11 }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, encoding: 'utf8' })),
  );
  console.log(`\n${verdict('import @homeostat/reconcile, ms', median(times), { atMost: 80 })}`);
}
