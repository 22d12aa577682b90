import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRecord } from '../test/support/reporter.ts';

/**
 * Counts the tests of several runs from what `test/support/reporter.ts` wrote, each test once: one that failed in any run
 * has failed, one that passed in any other run has passed.
 *
 * Prints `N passed, N failed, N skipped` and exits with 1 when a test failed, when none ran, or when a stage broke for
 * another reason; such stages then count as failed. usage: count-tests.ts RESULTS BROKEN-STAGES
 */
function main([folder = '', brokenStages = '0']: readonly string[]): void {
  const states = new Map<string, 'passed' | 'failed' | 'skipped'>();
  for (const file of readdirSync(folder)) {
    const records = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly TestRecord[];
    for (const { id, state } of records) {
      const before = states.get(id);
      const now = state === 'pending' ? 'failed' : state;
      if (before === undefined || now === 'failed' || before === 'skipped') states.set(id, now);
    }
  }
  const count = (wanted: string): number => [...states.values()].filter((state) => state === wanted).length;
  const failedTests = count('failed');
  const failed = failedTests === 0 ? Number(brokenStages) : failedTests;
  process.exitCode = failed > 0 || Number(brokenStages) > 0 || states.size === 0 ? 1 : 0;
  console.log(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`);
}

main(process.argv.slice(2));
