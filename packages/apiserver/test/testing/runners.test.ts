import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test("the entry works with Node's own runner, and lets its process end", () => {
  const root = join(import.meta.dirname, '../../../..');
  const file = 'examples/unit-test/test/websites.node-test.ts';
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@homeostat/source', '--test', file], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('pass 1') as unknown });
});
