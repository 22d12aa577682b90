import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, matchesGlob } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import config from '../../vitest.config.ts';
import type { TestRecord } from '../support/reporter.ts';
import { skipProblem, skipReasons } from '../support/skips.ts';
import { root } from './workspace.ts';

test('CI runs what the README tells a newcomer to run', () => {
  const command = /^test_command='(.+)'$/m.exec(readFileSync(join(root, '.ci/run'), 'utf8'))?.[1];
  expect(readFileSync(join(root, 'README.md'), 'utf8').split('\n')).toContain(command);
});

test('every test file is in a project, and CI runs every project', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const ci = readFileSync(join(root, '.ci/run'), 'utf8');
  const run = Object.entries(scripts).filter(([name]) => ci.includes(`npm run ${name}'`) || name === 'test');
  const projects = run.flatMap(([, script]) => [...script.matchAll(/--project (\S+)/g)].map(([, name]) => name));
  const include = config.test?.projects?.flatMap((project) =>
    typeof project === 'object' && 'test' in project && projects.some((name) => name === project.test?.name)
      ? (project.test?.include ?? [])
      : [],
  );
  const files = globSync('{packages,examples,test}/**/*.test.ts', { cwd: root, exclude: ['**/node_modules/**'] });
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !include?.some((glob) => matchesGlob(file, glob)))).toEqual([]);
});

describe('a skip', () => {
  test('for a reason in the table is fine where the reason may hold', () => {
    expect(skipProblem(skipReasons.noControlPlane.text, false)).toBeUndefined();
  });

  test('of what CI has to run fails there', () => {
    expect(skipProblem(skipReasons.noControlPlane.text, true)).toContain('skipped in CI');
  });

  test('for a reason that nobody agreed to fails', () => {
    expect(skipProblem('it is flaky', false)).toContain('does not list: it is flaky');
  });

  test('without a reason fails', () => {
    expect(skipProblem(undefined, false)).toContain('without a reason');
  });
});

describe('the count of a CI run', () => {
  test('counts a test of several runs once, and its failure above all', () => {
    const first: TestRecord[] = [
      record('a', 'passed'),
      record('b', 'failed'),
      record('c', 'skipped'),
      record('d', 'skipped'),
    ];
    const second: TestRecord[] = [record('a', 'passed'), record('b', 'passed'), record('c', 'passed')];
    expect(count([first, second])).toEqual({ line: '2 passed, 1 failed, 1 skipped\n', status: 1 });
  });

  test('passes when every test did', () => {
    expect(count([[record('a', 'passed')]])).toEqual({ line: '1 passed, 0 failed, 0 skipped\n', status: 0 });
  });

  test('takes a test that never ended for a failure', () => {
    expect(count([[record('a', 'pending')]])).toEqual({ line: '0 passed, 1 failed, 0 skipped\n', status: 1 });
  });

  test('fails when nothing ran', () => {
    expect(count([])).toEqual({ line: '0 passed, 0 failed, 0 skipped\n', status: 1 });
  });

  test('fails when a stage broke without a test', () => {
    expect(count([[record('a', 'passed')]], 2)).toEqual({ line: '1 passed, 2 failed, 0 skipped\n', status: 1 });
  });
});

function record(id: string, state: TestRecord['state']): TestRecord {
  return { id, name: `house: test/some.test.ts > ${id}`, state };
}

function count(runs: readonly (readonly TestRecord[])[], broken = 0): { line: string; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-count-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [index, records] of runs.entries()) writeFileSync(join(folder, `${index}.json`), JSON.stringify(records));
  const script = join(root, 'scripts/count-tests.ts');
  const { stdout, status } = spawnSync(process.execPath, [script, folder, String(broken)], { encoding: 'utf8' });
  return { line: stdout, status };
}
