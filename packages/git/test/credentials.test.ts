import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { createGitSource, credentialHelper, tokenFromEnvironment, tokenFromFile } from '@homeostat/git';

import { isolatedGitEnvironment, startGitServer } from '../../../test/support/git-server.ts';
import { failure } from './errors.ts';
import { scratchDirectory } from './scratch.ts';
import { current, textOf } from './source-conformance.ts';

test('a token comes from the environment, with a user name where the server wants one', () => {
  expect(tokenFromEnvironment({})).toBeUndefined();
  expect(tokenFromEnvironment({ HOMEOSTAT_GIT_TOKEN: '  ' })).toBeUndefined();
  expect(tokenFromEnvironment({ HOMEOSTAT_GIT_TOKEN: 'abc\n' })).toEqual({
    scheme: 'basic',
    username: 'x-access-token',
    password: 'abc',
  });
  expect(tokenFromEnvironment({ HOMEOSTAT_GIT_TOKEN: 'abc', HOMEOSTAT_GIT_USERNAME: 'deploy' })).toMatchObject({
    username: 'deploy',
  });
});

test('a token file is read before every operation, so that a rotated token works at once', async () => {
  await using scratch = await scratchDirectory();
  const server = await startGitServer({ auth: { basic: { username: 'x-access-token', password: 'one' } } });
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  await repository.commit({ a: '1' });
  const path = join(scratch.path, 'token');
  const source = createGitSource({ url: repository.url, auth: tokenFromFile(path) });

  expect(await failure(source.resolve())).toMatchObject({ code: 'CREDENTIALS', retry: 'backoff' });
  await writeFile(path, '\n');
  expect(await failure(source.resolve())).toMatchObject({ code: 'CREDENTIALS' });
  await writeFile(path, 'one\n');
  expect(await textOf(await current(source), 'a')).toBe('1');
  server.protect({ basic: { username: 'x-access-token', password: 'two' } });
  expect(await failure(source.resolve())).toMatchObject({ code: 'ACCESS_DENIED' });
  await writeFile(path, 'two\n');
  await source.resolve();
  await source.close();
});

test("the user's credential helper is asked when the server demands it, and told how it went", async () => {
  await using scratch = await scratchDirectory();
  const server = await startGitServer();
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  await repository.commit({ a: '1' });
  const log = join(scratch.path, 'log');
  const helper = join(scratch.path, 'helper');
  await writeFile(
    helper,
    `#!/bin/sh\necho "$1" >> '${log}'\ncat >> '${log}'\n[ "$1" = get ] && cat '${scratch.path}/answer'\nexit 0\n`,
  );
  await chmod(helper, 0o755);
  await writeFile(join(scratch.path, 'answer'), 'username=ada\npassword=pässword=1\n');
  const env = {
    ...isolatedGitEnvironment(scratch.path),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: `!'${helper}'`,
  };
  const url = repository.url.replace('://', '://ada@');
  const source = createGitSource({ url, auth: credentialHelper(env) });

  await source.resolve();
  await expect(readFile(log, 'utf8')).rejects.toThrow('ENOENT');

  server.protect({ basic: { username: 'ada', password: 'pässword=1' } });
  expect(await textOf(await current(source), 'a')).toBe('1');
  const told = await readFile(log, 'utf8');
  expect(told).toMatch(/^get\n/);
  expect(told).toContain('protocol=http\n');
  expect(told).toContain('username=ada\n');
  expect(told).toMatch(/\nstore\n/);

  server.protect({ basic: { username: 'ada', password: 'changed' } });
  expect(await failure(source.resolve())).toMatchObject({ code: 'ACCESS_DENIED' });
  expect(await readFile(log, 'utf8')).toMatch(/\nerase\n/);
  await source.close();

  const withPassword = createGitSource({ url: url.replace('ada@', 'ada:changed@'), auth: credentialHelper(env) });
  await writeFile(log, '');
  await withPassword.resolve();
  expect(await readFile(log, 'utf8')).toBe('');
  await withPassword.close();
});

test('a helper that has nothing stored, or does not exist, means that there are no credentials', async () => {
  await using scratch = await scratchDirectory();
  const server = await startGitServer({ auth: { bearer: 'x' } });
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  for (const env of [isolatedGitEnvironment(scratch.path), { PATH: scratch.path, HOME: scratch.path }]) {
    const source = createGitSource({ url: repository.url, auth: credentialHelper(env) });
    expect(await failure(source.resolve())).toMatchObject({ code: 'AUTH_REQUIRED' });
    await source.close();
  }
});
