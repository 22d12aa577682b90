import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { afterAll } from 'vitest';

import { createDirectorySource, createGitSource, createMemorySource, createObjectStore } from '@homeostat/git';
import type { GitSourceOptions } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { GitServer, TestRepository } from '../../../test/support/git-server.ts';
import { scratchDirectory } from './scratch.ts';
import { testSource } from './source-conformance.ts';
import type { World } from './source-conformance.ts';
import { sshThroughShell } from './ssh.ts';

// One of each for all tests: every world has a repository of its own.
const modern = startGitServer();
const old = startGitServer({ protocolV2: false });
afterAll(async () => {
  for (const server of [modern, old]) await (await server).close();
});

/** A world whose source reads a repository behind a server. */
async function gitWorld(
  files: Readonly<Record<string, string>>,
  options: (repository: TestRepository, scratch: string) => Promise<GitSourceOptions>,
  server: Promise<GitServer> = modern,
): Promise<World> {
  const cleanUp = new AsyncDisposableStack();
  const scratch = cleanUp.use(await scratchDirectory());
  const repository = await (await server).createRepository();
  await repository.commit(files);
  const sourceOptions = await options(repository, scratch.path);
  const source = createGitSource(sourceOptions);
  cleanUp.defer(() => source.close());
  cleanUp.defer(async () => sourceOptions.store?.close());
  return {
    source,
    change: async (changes) => {
      await repository.commit(changes);
    },
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
}

testSource('a repository over smart HTTP', (files) => gitWorld(files, ({ url }) => Promise.resolve({ url })));

testSource('a repository over smart HTTP, kept on disk', (files) =>
  gitWorld(files, ({ url }, scratch) =>
    Promise.resolve({ url, store: createObjectStore({ directory: join(scratch, 'store') }) }),
  ),
);

testSource('a repository over an old smart HTTP server', (files) =>
  gitWorld(files, ({ url }) => Promise.resolve({ url }), old),
);

testSource('a bare repository on this machine', (files) =>
  gitWorld(files, ({ directory }) => Promise.resolve({ url: directory })),
);

testSource('a repository over SSH', (files) =>
  gitWorld(files, async ({ directory }, scratch) => ({
    url: `ssh://git@example.com${directory}`,
    ...(await sshThroughShell(scratch)),
  })),
);

testSource('a plain directory', async (files) => {
  const scratch = await scratchDirectory();
  const change: World['change'] = async (changes) => {
    for (const [path, content] of Object.entries(changes)) {
      const file = join(scratch.path, path);
      if (content === null) {
        await rm(file);
        continue;
      }
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      await chmod(file, 0o644);
    }
  };
  await change(files);
  const source = createDirectorySource(scratch.path);
  return { source, change, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
});

testSource('files in memory', (files) => {
  const source = createMemorySource(files);
  return Promise.resolve({
    source,
    change: (changes) => {
      source.write(changes);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => source.close(),
  });
});
