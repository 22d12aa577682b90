import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { createGitSource } from '@homeostat/git';
import type { GitSourceOptions, Source } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { TestRepository } from '../../../test/support/git-server.ts';
import { failure } from './errors.ts';
import { scratchDirectory } from './scratch.ts';
import { sshThroughShell } from './ssh.ts';
import { current, textOf } from './source-conformance.ts';

interface Scene {
  readonly repository: TestRepository;
  readonly home: string;
  readonly source: (options?: Partial<GitSourceOptions>) => Promise<Source>;
}

async function scene(): Promise<Scene> {
  const scratch = await scratchDirectory();
  const server = await startGitServer();
  onTestFinished(async () => {
    await server.close();
    await scratch[Symbol.asyncDispose]();
  });
  const repository = await server.createRepository();
  const ssh = await sshThroughShell(scratch.path);
  return {
    repository,
    home: scratch.path,
    source: (options) => {
      const source = createGitSource({ url: `git@example.com:${repository.directory}`, ...ssh, ...options });
      onTestFinished(() => source.close());
      return Promise.resolve(source);
    },
  };
}

test('branches, tags and commits are found and read over SSH', async () => {
  const { repository, source } = await scene();
  const first = await repository.commit({ a: '1' });
  await repository.tag('v1', first, 'annotated');
  const second = await repository.commit({ a: '2' });
  expect(await (await source()).resolve()).toEqual({ ref: 'main', commit: second });
  expect(await (await source({ ref: 'v1' })).resolve()).toEqual({ ref: 'v1', commit: first });
  expect(await textOf(await current(await source({ ref: 'v1' })), 'a')).toBe('1');
  expect(await textOf(await current(await source({ ref: first })), 'a')).toBe('1');
});

test('what is wrong is told apart over SSH as well', async () => {
  const { repository, source, home } = await scene();
  expect(await failure((await source()).resolve())).toMatchObject({ code: 'EMPTY_REPOSITORY' });
  await repository.commit({ a: '1' });
  expect(await failure((await source({ ref: 'v9' })).resolve())).toMatchObject({ code: 'REF_NOT_FOUND' });
  expect(await failure(current(await source({ ref: 'f'.repeat(40) })))).toMatchObject({ code: 'REF_NOT_FOUND' });
  expect(await failure((await source({ url: `ssh://git@example.com${home}/nothing` })).resolve())).toMatchObject({
    code: 'REPOSITORY_NOT_FOUND',
  });
  const says = async (text: string): Promise<Source> => {
    await writeFile(join(home, 'says'), `#!/bin/sh\necho '${text}' >&2\nexit 255\n`, { mode: 0o755 });
    return await source({ ssh: { command: join(home, 'says') } });
  };
  expect(await failure((await says('git@example.com: Permission denied (publickey).')).resolve())).toMatchObject({
    code: 'ACCESS_DENIED',
  });
  const unknownHost = await failure((await says('Host key verification failed.')).resolve());
  expect(unknownHost).toMatchObject({ code: 'ACCESS_DENIED' });
  expect(unknownHost.message).toContain('known_hosts');
  expect(await failure((await says('ssh: Could not resolve hostname example.com')).resolve())).toMatchObject({
    code: 'UNREACHABLE',
  });
  expect(await failure((await source({ env: { PATH: home } })).resolve())).toMatchObject({ code: 'COMMAND' });
});

test('the configuration of the user and hooks have no say', async () => {
  const { repository, source, home } = await scene();
  await repository.commit({ a: '1' });
  await writeFile(
    join(home, '.gitconfig'),
    '[url "https://evil.invalid/"]\n\tinsteadOf = git@example.com:\n[core]\n\tsshCommand = false\n',
  );
  expect(await textOf(await current(await source()), 'a')).toBe('1');
});

test('a path with spaces and quotes is no command', async () => {
  const { source, home } = await scene();
  const url = `ssh://git@example.com${home}/a b'; touch '${home}/owned`;
  expect(await failure((async () => (await source({ url })).resolve())())).toMatchObject({ code: 'BAD_URL' });
  const scp = `git@example.com:${home}/x';touch$IFS'${home}/owned`;
  await failure((await source({ url: scp })).resolve());
  expect(await readdir(home)).not.toContain('owned');
});

test('ssh is told to believe only known hosts and never to ask', async () => {
  const { repository, home } = await scene();
  await repository.commit({ a: '1' });
  await sshThroughShell(home);
  const source = createGitSource({
    url: `ssh://git@example.com:2222${repository.directory}`,
    ssh: { identityFile: `${home}/my key`, knownHostsFile: `${home}/hosts` },
    env: { PATH: `${home}:${process.env['PATH']}`, HOME: home },
  });
  expect(await textOf(await current(source), 'a')).toBe('1');
  const told = (await readFile(join(home, 'ssh.log'), 'utf8')).split('\n');
  expect(told).toContain('-oBatchMode=yes');
  expect(told).toContain('-oStrictHostKeyChecking=yes');
  expect(told).toContain(`${home}/my key`);
  expect(told).toContain(`-oUserKnownHostsFile=${home}/hosts`);
  expect(told).toContain('2222');
  await source.close();
});

test('the scratch repository goes when the source is closed', async () => {
  const { repository, source } = await scene();
  await repository.commit({ a: '1' });
  // A place of its own: others make scratch repositories at the same time.
  await using scratch = await scratchDirectory();
  vi.stubEnv('TMPDIR', scratch.path);
  onTestFinished(() => void vi.unstubAllEnvs());
  const ssh = await source();
  await current(ssh);
  expect(await readdir(tmpdir())).toEqual([expect.stringMatching(/^homeostat-ssh-/)]);
  await ssh.close();
  expect(await readdir(tmpdir())).toEqual([]);
});
