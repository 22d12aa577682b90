import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { cluster } from '../support/cluster.ts';
import { kubectl } from './kubectl.ts';
import { play } from './play.ts';
import type { Stage } from './play.ts';

const guide = new URL('../../docs', import.meta.url).pathname;
const chapters = globSync('*.md', { cwd: guide })
  .filter((name) => name !== 'README.md')
  .toSorted();

// `vitest --update` writes what was said into the pages.
describe('the guide', () => {
  for (const chapter of chapters)
    cluster.test(`${chapter} does what it shows`, async ({ plane }) => {
      const before = process.cwd();
      const folder = await mkdtemp(join(tmpdir(), 'homeostat-guide-'));
      const stage: Stage = {
        folder,
        env: environment(folder, plane.kubectl),
        jobs: [],
        ...(plane.kubectl === '' && { kubectl }),
      };
      process.chdir(folder);
      try {
        await play(read('README.md'), stage);
        await expect(await play(read(chapter), stage)).toMatchFileSnapshot(join(guide, chapter));
      } finally {
        for (const job of stage.jobs.splice(0).toReversed()) await job.stop();
        process.chdir(before);
        await rm(folder, { recursive: true });
      }
    });
});

function read(name: string): string {
  return readFileSync(join(guide, name), 'utf8');
}

function environment(home: string, kubectlPath: string): Record<string, string> {
  const someone = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'Alice'],
    [`GIT_${who}_EMAIL`, 'alice@example.com'],
  ]);
  const path = [kubectlPath === '' ? '' : join(kubectlPath, '..'), process.env['PATH'] ?? ''].filter(Boolean).join(':');
  return { HOME: home, USER: 'alice', PATH: path, ...(Object.fromEntries(someone) as Record<string, string>) };
}
