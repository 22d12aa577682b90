import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readPackages, root } from './workspace.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the compiler had to say about the packages; `''` when they are built. */
    buildErrors: string;
  }
}

/** Declarations and packed packages are compared as built: builds what is not up to date. */
export function setup(project: TestProject): void {
  const projects = readPackages().map(({ folder }) => join('packages', folder));
  const built = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', ...projects], { cwd: root, encoding: 'utf8' });
  project.provide('buildErrors', built.status === 0 ? '' : built.stdout + built.stderr);
}
