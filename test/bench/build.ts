import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Whole processes are measured as they are published: built. */
export async function buildAll(): Promise<void> {
  const root = join(import.meta.dirname, '../..');
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'packages/cli'], { cwd: root });
  // As npm does when it installs a program.
  await chmod(join(root, 'packages/cli/dist/main.js'), 0o755);
}
