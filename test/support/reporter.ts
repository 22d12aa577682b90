import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import { skipProblem } from './skips.ts';

/** One test of one run, as `HOMEOSTAT_TEST_RESULTS` keeps it. */
export interface TestRecord {
  /** The same in every run: it tells two tests of one name apart. */
  readonly id: string;
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
}

/**
 * Fails a run in which a test was skipped for a reason that the table does not hold, and writes what became of every
 * test into the folder `HOMEOSTAT_TEST_RESULTS`, from which `.ci/run` counts.
 */
export class HouseReporter implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const records: TestRecord[] = [];
    const problems: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) {
        records.push({ id: module.id, name: `${module.project.name}: ${module.relativeModuleId}`, state: 'failed' });
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        const { id } = test;
        const name = `${module.project.name}: ${module.relativeModuleId} > ${test.fullName}`;
        if (result.state !== 'skipped' || hasBrokenSuite(test)) {
          records.push({ id, name, state: result.state === 'skipped' ? 'failed' : result.state });
          continue;
        }
        records.push({ id, name, state: 'skipped' });
        const problem = skipProblem(result.note, Boolean(process.env['CI']));
        if (problem !== undefined && !this.#filtered) problems.push(`${name}\n    ${problem}`);
      }
    }
    const folder = process.env['HOMEOSTAT_TEST_RESULTS'];
    if (folder) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${process.pid}-${Date.now()}.json`), JSON.stringify(records));
    }
    if (problems.length > 0) {
      process.exitCode = 1;
      console.error(`\n${problems.length} tests are skipped that may not be:\n${problems.join('\n')}\n`);
    }
  }
}

/** Whether a hook around the test failed, so that it never ran: Vitest calls that skipped. */
function hasBrokenSuite(test: TestCase): boolean {
  for (let suite = test.parent; ; suite = suite.parent) {
    if (suite.errors().length > 0) return true;
    if (suite.type === 'module') return false;
  }
}
