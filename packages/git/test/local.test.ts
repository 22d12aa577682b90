import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { createDirectorySource, createGitSource } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { TestRepository } from '../../../test/support/git-server.ts';
import { failure } from './errors.ts';
import { scratchDirectory } from './scratch.ts';
import { current, paths, textOf } from './source-conformance.ts';

async function repositoryOnDisk(): Promise<{ repository: TestRepository; scratch: string }> {
  const scratch = await scratchDirectory();
  const server = await startGitServer();
  onTestFinished(async () => {
    await server.close();
    await scratch[Symbol.asyncDispose]();
  });
  return { repository: await server.createRepository(), scratch: scratch.path };
}

test('a working directory shows what is committed, not what lies in it', async () => {
  const { repository, scratch } = await repositoryOnDisk();
  const commit = await repository.commit({ a: '1' });
  const clone = join(scratch, 'clone');
  await repository.git('clone', '-q', repository.directory, clone);
  await writeFile(join(clone, 'a'), 'dirty');
  for (const url of [clone, pathToFileURL(clone).href]) {
    const snapshot = await current(createGitSource({ url }));
    expect(snapshot.revision).toEqual({ ref: 'main', commit });
    expect(await textOf(snapshot, 'a')).toBe('1');
  }
  await repository.git('-C', clone, 'checkout', '-q', '--detach');
  expect(await createGitSource({ url: clone }).resolve()).toEqual({ ref: 'HEAD', commit });
});

test('loose and packed refs, tags and objects are found', async () => {
  const { repository } = await repositoryOnDisk();
  const first = await repository.commit({ a: '1' });
  await repository.tag('v1', first, 'annotated');
  await repository.tag('v1-again', 'v1', 'annotated again');
  await repository.git('gc', '-q');
  const second = await repository.commit({ a: '2' });
  const at = async (ref?: string): Promise<string> =>
    (await createGitSource({ url: repository.directory, ...(ref === undefined ? {} : { ref }) }).resolve()).commit;
  expect(await at()).toBe(second);
  expect(await at('v1')).toBe(first);
  expect(await at('v1-again')).toBe(first);
  expect(await at('refs/tags/v1')).toBe(first);
});

test('what is wrong with a repository on disk is told apart', async () => {
  const { repository, scratch } = await repositoryOnDisk();
  const source = (ref?: string) =>
    createGitSource({ url: repository.directory, ...(ref === undefined ? {} : { ref }) });
  expect(await failure(source().resolve())).toMatchObject({ code: 'EMPTY_REPOSITORY' });
  await repository.commit({ a: '1' });
  const missing = await failure(source('v9').resolve());
  expect(missing).toMatchObject({ code: 'REF_NOT_FOUND' });
  expect(missing.message).toContain('it has main');
  expect(await failure(current(source('f'.repeat(40))))).toMatchObject({ code: 'REF_NOT_FOUND' });
  expect(await failure(createGitSource({ url: scratch }).resolve())).toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  expect(await failure(createGitSource({ url: join(scratch, 'nothing') }).resolve())).toMatchObject({
    code: 'REPOSITORY_NOT_FOUND',
  });
  await repository.git('worktree', 'add', '-q', join(scratch, 'linked'), '-b', 'linked');
  expect(await failure(createGitSource({ url: join(scratch, 'linked') }).resolve())).toMatchObject({
    code: 'UNSUPPORTED',
  });
});

test('a plain directory leaves out .git, follows links within itself, and sees every kind of change', async () => {
  await using scratch = await scratchDirectory();
  const at = (path: string): string => join(scratch.path, path);
  await mkdir(at('.git'));
  await writeFile(at('.git/config'), 'secret');
  await mkdir(at('d/empty'), { recursive: true });
  await writeFile(at('d/a.yaml'), '1', { mode: 0o755 });
  await symlink('d/a.yaml', at('inside'));
  await symlink('/etc/hostname', at('outside'));
  const source = createDirectorySource(scratch.path);
  const first = await current(source);
  expect(await paths(first)).toEqual(['d/a.yaml', 'inside']);
  expect(await textOf(first, 'inside')).toBe('1');
  expect(await failure(first.tree.read('outside'))).toMatchObject({ code: 'BAD_PATH' });
  expect(first.findings).toMatchObject([{ code: 'BAD_SYMLINK', origin: { path: 'outside' } }]);
  expect(await first.tree.list('d')).toMatchObject([{ name: 'a.yaml', executable: true }]);

  const seen = new Set([first.revision.commit]);
  const changes: (() => Promise<unknown>)[] = [
    () => writeFile(at('d/a.yaml'), '2'),
    () => rm(at('inside')),
    () => writeFile(at('inside'), '1'),
    () => rm(at('d'), { recursive: true }),
  ];
  for (const change of changes) {
    await change();
    seen.add((await source.resolve()).commit);
  }
  expect(seen.size).toBe(1 + changes.length);
});

test('a directory that is missing, too large or closed says so', async () => {
  await using scratch = await scratchDirectory();
  const missing = createDirectorySource(join(scratch.path, 'nothing'));
  expect(await failure(missing.resolve())).toMatchObject({ code: 'REPOSITORY_NOT_FOUND', retry: 'backoff' });
  await writeFile(join(scratch.path, 'a'), 'x'.repeat(1000));
  for (const limits of [{ objectBytes: 10 }, { unpackedBytes: 10 }, { objects: 0 }]) {
    expect(await failure(createDirectorySource(scratch.path, { limits }).resolve())).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  }
  const gone = createDirectorySource(scratch.path);
  expect(await failure(gone.fetch({ commit: 'f'.repeat(40) }))).toMatchObject({
    code: 'REF_NOT_FOUND',
    retry: 'backoff',
  });
});
