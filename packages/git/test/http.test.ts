import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createGitSource, createObjectStore, defaultLimits, printRevision } from '@homeostat/git';
import type { GitSourceOptions, Source } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { GitServer, GitServerOptions, TestRepository } from '../../../test/support/git-server.ts';
import { failure } from './errors.ts';
import { scratchDirectory } from './scratch.ts';
import { current, textOf } from './source-conformance.ts';

interface Scene {
  readonly server: GitServer;
  readonly repository: TestRepository;
  readonly source: (options?: Partial<GitSourceOptions>) => Source;
}

async function scene(options: GitServerOptions = {}): Promise<Scene> {
  const server = await startGitServer(options);
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  return {
    server,
    repository,
    source: (sourceOptions) => {
      const source = createGitSource({ url: repository.url, ...sourceOptions });
      onTestFinished(() => source.close());
      return source;
    },
  };
}

describe('cost', () => {
  test('an unchanged repository costs exactly one request, and no pack', async () => {
    const { server, repository, source } = await scene();
    await repository.commit({ a: '1' });
    const git = source();
    await current(git);
    server.forget();
    await current(git);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /${repository.name}/git-upload-pack`,
    ]);
    expect(server.requests[0]?.body.toString()).toContain('command=ls-refs');
  });

  test('one new commit costs two requests, and brings only what is new', async () => {
    const { server, repository, source } = await scene();
    const manifest = (at: number): string => `kind: ConfigMap\nname: c${at}\n${`key${at}: value${at}\n`.repeat(30)}`;
    await repository.commit(
      Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`d${at % 20}/c${at}.yaml`, manifest(at)])),
    );
    const git = source();
    await current(git);
    const first = server.requests.at(-1)?.bytesOut ?? 0;
    await repository.commit({ 'd3/c3.yaml': `${manifest(3)}changed: true\n` });
    server.forget();
    expect(await textOf(await current(git), 'd3/c3.yaml')).toContain('changed: true');
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
    const bytes = server.requests[1]?.bytesOut ?? Infinity;
    expect(bytes).toBeLessThan(2000);
    expect(bytes).toBeLessThan(first / 50);
  });

  test('a fresh process with a store on disk fetches nothing again', async () => {
    const { server, repository, source } = await scene();
    await repository.commit({ a: '1' });
    await using directory = await scratchDirectory();
    const before = createObjectStore({ directory: directory.path });
    await current(source({ store: before }));
    await before.close();
    server.forget();
    const after = createObjectStore({ directory: directory.path });
    expect(await textOf(await current(source({ store: after })), 'a')).toBe('1');
    await after.close();
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  test('ten callers at once, and two sources that share a store, fetch a commit once', async () => {
    const { server, repository, source } = await scene();
    await repository.commit({ a: '1' });
    const store = createObjectStore();
    const sources = [source({ store }), source({ store })];
    await Promise.all(sources.map((git) => git.resolve()));
    server.forget();
    await Promise.all(Array.from({ length: 10 }, (_, at) => current(sources[at % 2] as Source)));
    expect(server.requests.filter(({ body }) => body.includes('command=fetch'))).toHaveLength(1);
  });

  test('a caller that gives up does not cancel the others', async () => {
    const { repository, source } = await scene();
    await repository.commit({ a: '1' });
    const git = source();
    const revision = await git.resolve();
    const impatient = new AbortController();
    const first = git.fetch(revision, { signal: impatient.signal });
    const second = git.fetch(revision);
    impatient.abort();
    expect(await failure(first)).toMatchObject({ code: 'CANCELLED' });
    expect(await textOf(await second, 'a')).toBe('1');
  });

  test('a commit that is named needs no look at refs', async () => {
    const { server, repository, source } = await scene();
    const first = await repository.commit({ a: '1' });
    await repository.commit({ a: '2' });
    const git = source({ ref: first });
    expect(await git.resolve()).toEqual({ commit: first });
    expect(server.requests).toHaveLength(0);
    expect(await textOf(await current(git), 'a')).toBe('1');
  });
});

describe('refs', () => {
  test('each way to name a revision finds it', async () => {
    const { repository, source } = await scene();
    const first = await repository.commit({ a: '1' });
    await repository.tag('light');
    await repository.tag('v1', undefined, 'the first');
    await repository.tag('nested', 'v1', 'a tag of a tag');
    await repository.commit({ a: '2' });
    await repository.git('update-ref', 'refs/pull/7/head', first);
    const head = await repository.commit({ b: '3' }, 'on a branch', { branch: 'feature/x' });
    const main = await repository.git('rev-parse', 'main');
    const found = async (ref?: GitSourceOptions['ref']): Promise<string> =>
      printRevision(await source(ref === undefined ? {} : { ref }).resolve());

    expect(await found()).toBe(`main@sha1:${main}`);
    expect(await found('HEAD')).toBe(`main@sha1:${main}`);
    expect(await found('main')).toBe(`main@sha1:${main}`);
    expect(await found({ branch: 'feature/x' })).toBe(`feature/x@sha1:${head}`);
    expect(await found('light')).toBe(`light@sha1:${first}`);
    expect(await found('v1')).toBe(`v1@sha1:${first}`);
    expect(await found({ tag: 'nested' })).toBe(`nested@sha1:${first}`);
    expect(await found('refs/tags/v1')).toBe(`v1@sha1:${first}`);
    expect(await found({ name: 'refs/pull/7/head' })).toBe(`refs/pull/7/head@sha1:${first}`);
    expect(await found({ commit: first.toUpperCase() })).toBe(`sha1:${first}`);
  });

  test('a branch is not confused with one whose name begins the same', async () => {
    const { repository, source } = await scene();
    await repository.commit({ a: '1' });
    await repository.commit({ a: '2' }, 'other', { branch: 'main-2' });
    await repository.branch('main', null);
    expect(await failure(source({ ref: 'main' }).resolve())).toMatchObject({ code: 'REF_NOT_FOUND' });
  });

  test('a missing ref names what exists, and a retry may find it', async () => {
    const { repository, source } = await scene();
    await repository.commit({ a: '1' });
    for (let at = 10; at < 25; at++) await repository.tag(`v${at}`);
    const error = await failure(source({ ref: 'v9' }).resolve());
    expect(error).toMatchObject({ code: 'REF_NOT_FOUND', retry: 'backoff' });
    expect(error.message).toBe(
      `no ref "v9" in ${repository.url}; it has main, v10, v11, v12, v13, v14, v15, v16, v17, v18 (6 more)`,
    );
  });

  test('a branch and a tag of one name are ambiguous only if they differ', async () => {
    const { repository, source } = await scene();
    const first = await repository.commit({ a: '1' });
    await repository.tag('main', first, 'annotated');
    expect(await source({ ref: 'main' }).resolve()).toEqual({ ref: 'main', commit: first });
    const second = await repository.commit({ a: '2' });
    const error = await failure(source({ ref: 'main' }).resolve());
    expect(error).toMatchObject({ code: 'AMBIGUOUS_REF' });
    expect(error.message).toContain('refs/heads/main');
    expect(await source({ ref: { branch: 'main' } }).resolve()).toMatchObject({ commit: second });
    expect(await source({ ref: { tag: 'main' } }).resolve()).toMatchObject({ commit: first });
  });

  test('an empty repository, and one whose default branch is missing, are told apart', async () => {
    const { repository, source } = await scene();
    expect(await failure(source().resolve())).toMatchObject({ code: 'EMPTY_REPOSITORY', retry: 'backoff' });
    expect(await failure(source({ ref: 'v1' }).resolve())).toMatchObject({ code: 'EMPTY_REPOSITORY' });
    await repository.commit({ a: '1' }, 'elsewhere', { branch: 'trunk' });
    const error = await failure(source().resolve());
    expect(error).toMatchObject({ code: 'REF_NOT_FOUND' });
    expect(error.message).toContain('trunk');
    expect(await source({ ref: 'trunk' }).resolve()).toMatchObject({ ref: 'trunk' });
  });

  test('a commit that the server does not have, and the id of something else, are REF_NOT_FOUND', async () => {
    const { repository, source } = await scene();
    await repository.commit({ a: '1' });
    const missing = await failure(current(source({ ref: 'f'.repeat(40) })));
    expect(missing).toMatchObject({ code: 'REF_NOT_FOUND' });
    expect(missing.message).toContain('was it pushed');
    for (const name of ['main^{tree}', 'main:a']) {
      const error = await failure(current(source({ ref: await repository.git('rev-parse', name) })));
      expect(error).toMatchObject({ code: 'REF_NOT_FOUND' });
    }
    const tag = await repository.tag('v1', 'main', 'annotated');
    expect(await failure(current(source({ ref: tag })))).toMatchObject({ code: 'REF_NOT_FOUND' });
  });

  test('a branch that is forced back is followed', async () => {
    const { repository, source } = await scene();
    const first = await repository.commit({ a: '1' });
    await repository.commit({ a: '2' });
    const git = source();
    await current(git);
    await repository.branch('main', first);
    const snapshot = await current(git);
    expect(snapshot.commit.id).toBe(first);
    expect(await textOf(snapshot, 'a')).toBe('1');
  });
});

describe('credentials', () => {
  const basic = { username: 'ada', password: 'p@ss:wörd' };

  test('basic and bearer credentials open a repository, and go with the first request', async () => {
    const { server, repository, source } = await scene({ auth: { basic, bearer: 'token-1' } });
    await repository.commit({ a: '1' });
    expect(await textOf(await current(source({ auth: { scheme: 'basic', ...basic } })), 'a')).toBe('1');
    expect(await textOf(await current(source({ auth: { scheme: 'bearer', token: 'token-1' } })), 'a')).toBe('1');
    expect(server.requests.every(({ status }) => status === 200)).toBe(true);
  });

  test('credentials in the address are used, and never shown', async () => {
    const { repository, server, source } = await scene({ auth: { basic } });
    await repository.commit({ a: '1' });
    const url = repository.url.replace(
      '://',
      `://${encodeURIComponent(basic.username)}:${encodeURIComponent(basic.password)}@`,
    );
    const git = source({ url });
    expect(await textOf(await current(git), 'a')).toBe('1');
    expect(git.description).toBe(repository.url);
    server.protect({ bearer: 'another' });
    const error = await failure(git.resolve());
    expect(error).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(`${error.message} ${error.stack}`).not.toMatch(/p@ss|p%40ss|ada/);
  });

  test('no credentials, refused ones, and a forbidden repository are told apart', async () => {
    const { repository, server, source } = await scene({ auth: { basic } });
    await repository.commit({ a: '1' });
    const none = await failure(source().resolve());
    expect(none).toMatchObject({ code: 'AUTH_REQUIRED' });
    expect(none.message).toContain('HOMEOSTAT_GIT_TOKEN');
    const wrong = await failure(
      source({ auth: { scheme: 'basic', username: 'ada', password: 'secret-guess' } }).resolve(),
    );
    expect(wrong).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(wrong.message).not.toContain('secret-guess');
    server.intercept((_, response) => {
      response.writeHead(403).end();
      return true;
    });
    expect(await failure(source().resolve())).toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('a provider whose token has run out is asked once more', async () => {
    const { repository, server, source } = await scene({ auth: { bearer: 'new' } });
    await repository.commit({ a: '1' });
    const asked: string[] = [];
    const git = source({
      auth: {
        when: 'always',
        credentials: ({ rejected }) => {
          asked.push(rejected === undefined ? 'first' : 'again');
          return Promise.resolve({ scheme: 'bearer', token: rejected === undefined ? 'old' : 'new' });
        },
      },
    });
    await git.resolve();
    expect(asked.slice(0, 2)).toEqual(['first', 'again']);
    expect(server.requests[0]?.status).toBe(401);
  });

  test('a provider for challenges is asked when the server demands it, and remembered while it works', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: '1' });
    const told: string[] = [];
    let password = 'one';
    const git = source({
      auth: {
        when: 'challenged',
        credentials: ({ url }) => {
          told.push(`asked for ${url === repository.url ? 'this' : url}`);
          return Promise.resolve({ scheme: 'basic', username: 'ada', password });
        },
        approve: () => Promise.resolve(void told.push('approved')),
        reject: () => Promise.resolve(void told.push('rejected')),
      },
    });
    await git.resolve();
    expect(told).toEqual([]);
    server.protect({ basic: { username: 'ada', password: 'one' } });
    await git.resolve();
    expect(told).toEqual(['asked for this', 'approved']);
    server.forget();
    await git.resolve();
    expect(server.requests.map(({ status }) => status)).toEqual([200]);
    server.protect({ basic: { username: 'ada', password: 'two' } });
    expect(await failure(git.resolve())).toMatchObject({ code: 'ACCESS_DENIED' });
    password = 'two';
    await git.resolve();
    expect(told.slice(2)).toEqual(['rejected', 'asked for this', 'asked for this', 'approved']);
  });

  test('credentials do not go over plain http to another machine, unless that is allowed', async () => {
    const auth = { scheme: 'bearer', token: 'secret' } as const;
    for (const host of ['git.example.com', '10.0.0.1', 'localhost.example.com', '[2001:db8::1]']) {
      const { source } = await scene();
      const error = await failure(source({ url: `http://${host}/repo.git`, auth }).resolve());
      expect(error).toMatchObject({ code: 'INSECURE_CREDENTIALS', retry: 'never' });
      expect(error.message).not.toContain('secret');
    }
    const { source } = await scene();
    const allowed = source({ url: 'http://host.invalid/repo.git', auth, allowInsecureCredentials: true });
    expect(await failure(allowed.resolve())).toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('redirects', () => {
  test('a repository that moved on the same host is followed, and asked there from then on', async () => {
    const { repository, server, source } = await scene({ auth: { bearer: 'token' } });
    await repository.commit({ a: '1' });
    server.intercept((request, response) => {
      if (request.url?.startsWith('/old') !== true) return false;
      response.writeHead(301, { location: request.url.replace('/old', `/${repository.name}`) }).end();
      return true;
    });
    const git = source({ url: `${server.url}/old`, auth: { scheme: 'bearer', token: 'token' } });
    expect(await textOf(await current(git), 'a')).toBe('1');
    expect(server.requests.filter(({ path }) => path.startsWith('/old'))).toHaveLength(1);
  });

  test('another host is named, not followed, and gets no credentials', async () => {
    const { server, source } = await scene();
    let visited = false;
    const other = createServer((_, response) => {
      visited = true;
      response.end();
    });
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.2', resolve);
    });
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    server.intercept((request, response) => {
      response.writeHead(302, { location: `http://user:hidden@127.0.0.2:${port}${request.url}` }).end();
      return true;
    });
    const error = await failure(source({ auth: { scheme: 'bearer', token: 'secret' } }).resolve());
    expect(error).toMatchObject({ code: 'REDIRECTED', retry: 'never' });
    expect(error.message).toContain(`127.0.0.2:${port}`);
    expect(error.message).not.toMatch(/hidden|secret/);
    expect(visited).toBe(false);
  });

  test('redirects in circles end', async () => {
    const { server, source } = await scene();
    server.intercept((request, response) => {
      response.writeHead(302, { location: `${request.url}&again` }).end();
      return true;
    });
    expect(await failure(source().resolve())).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(server.requests).toHaveLength(1 + defaultLimits.redirects);
  });
});

describe('trouble', () => {
  test('a repository that is not there says what may be wrong', async () => {
    const { server, source } = await scene();
    const error = await failure(source({ url: `${server.url}/nothing.git` }).resolve());
    expect(error).toMatchObject({ code: 'REPOSITORY_NOT_FOUND', retry: 'backoff' });
    expect(error.message).toContain('needs credentials');
  });

  test('a server that is down is UNREACHABLE, and works again when it is back', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: '1' });
    const git = source();
    await git.resolve();
    server.intercept((request) => {
      request.socket.destroy();
      return true;
    });
    expect(await failure(git.resolve())).toMatchObject({ code: 'UNREACHABLE', retry: 'backoff' });
    server.intercept(undefined);
    await git.resolve();
    expect(await failure(source({ url: 'http://127.0.0.1:1/x' }).resolve())).toMatchObject({ code: 'UNREACHABLE' });
  });

  test('a connection that the server closed between two polls is no trouble', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: '1' });
    const git = source();
    await git.resolve();
    let cut = 0;
    server.intercept((request) => {
      if (cut++ > 0) return false;
      request.socket.destroy();
      return true;
    });
    await git.resolve();
    expect(cut).toBe(2);
  });

  test('an overloaded server says when to come back', async () => {
    const { server, source } = await scene();
    let headers: Record<string, string> = { 'retry-after': '17' };
    server.intercept((_, response) => {
      response.writeHead(503, headers).end('busy');
      return true;
    });
    expect(await failure(source().resolve())).toMatchObject({ code: 'UNAVAILABLE', retry: { afterMs: 17_000 } });
    headers = {};
    expect(await failure(source().resolve())).toMatchObject({ code: 'UNAVAILABLE', retry: 'backoff' });
  });

  test('a server that hangs is a TIMEOUT, a caller that leaves is CANCELLED', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: '1' });
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    server.intercept(() => {
      arrive();
      return true;
    });
    expect(await failure(source({ limits: { operationMs: 50 } }).resolve())).toMatchObject({
      code: 'TIMEOUT',
      retry: 'backoff',
    });
    const leave = new AbortController();
    const left = source().resolve({ signal: leave.signal });
    await arrived;
    leave.abort();
    expect(await failure(left)).toMatchObject({ code: 'CANCELLED', retry: 'never' });
  });

  test('what is no Git server is named as such', async () => {
    const { server, source } = await scene();
    server.intercept((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
      return true;
    });
    expect(await failure(source().resolve())).toMatchObject({ code: 'UNSUPPORTED', retry: 'never' });
  });

  test('files without a Git server behind them are named as such', async () => {
    const { repository, source } = await scene({ smart: false });
    await repository.commit({ a: '1' });
    await repository.git('update-server-info');
    expect(await failure(source().resolve())).toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('a SHA-256 repository is named as such', async () => {
    const { repository, source } = await scene();
    await repository.git('init', '-q', '--bare', '--object-format=sha256', `${repository.directory}-256`);
    expect(await failure(source({ url: repository.url.replace(/\.git$/, '.git-256') }).resolve())).toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  test('a pack that is cut off or changed on the way is refused, and fetched when the way is good', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: 'x'.repeat(1000) });
    const git = source();
    const revision = await git.resolve();
    const good = await answerOf(server, git, revision);
    for (const broken of [good.subarray(0, good.length / 2), flipped(good, good.length - 30)]) {
      const fresh = source();
      server.intercept((_, response, { body }) => {
        if (!body.includes('command=fetch')) return false;
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' }).end(broken);
        return true;
      });
      const error = await failure(fresh.fetch(revision));
      expect(['CORRUPT_PACK', 'PROTOCOL']).toContain(error.code);
      expect(error.retry).toBe('backoff');
      server.intercept(undefined);
      expect(await textOf(await fresh.fetch(revision), 'a')).toBe('x'.repeat(1000));
    }
  });

  test('what the server says in the middle of a pack is passed on, without control characters', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: '1' });
    server.intercept((_, response, { body }) => {
      if (!body.includes('command=fetch')) return false;
      response.end(`${pkt('packfile\n')}${pkt('\u0003disk on fire\u001B[31m at https://x:secret@host/y')}0000`);
      return true;
    });
    const error = await failure(current(source()));
    expect(error).toMatchObject({ code: 'PROTOCOL', retry: 'backoff' });
    expect(error.message).toContain('disk on fire [31m at https://host/y');
    expect(error.message).not.toContain('\u001B');
  });

  test('limits bound what a server may send', async () => {
    const { repository, source } = await scene();
    await repository.commit({ big: Buffer.alloc(100_000), small: '1' });
    for (const limits of [
      { packBytes: 50 },
      { objectBytes: 50_000 },
      { unpackedBytes: 50_000 },
      { objects: 2 },
      { refBytes: 20 },
    ]) {
      expect(await failure(current(source({ limits }))), JSON.stringify(limits)).toMatchObject({
        code: 'LIMIT_EXCEEDED',
      });
    }
    const snapshot = await current(source({ limits: { fileBytes: 1000 } }));
    expect(await failure(snapshot.tree.read('big'))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await textOf(snapshot, 'small')).toBe('1');
  });

  test('the last good snapshot outlives a failed fetch', async () => {
    const { repository, server, source } = await scene();
    await repository.commit({ a: '1' });
    const git = source();
    const good = await current(git);
    await repository.commit({ a: '2' });
    server.intercept((_, response) => {
      response.writeHead(500).end();
      return true;
    });
    expect(await failure(current(git))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await textOf(good, 'a')).toBe('1');
  });
});

test('a server without protocol version 2 is read as well', async () => {
  const { repository, server, source } = await scene({ protocolV2: false, auth: { bearer: 'token' } });
  const first = await repository.commit({ a: '1' });
  await repository.tag('v1', first, 'annotated');
  const git = source({ ref: 'v1', auth: { scheme: 'bearer', token: 'token' } });
  expect(await textOf(await current(git), 'a')).toBe('1');
  server.protect({ bearer: 'other' });
  expect(await failure(git.resolve())).toMatchObject({ code: 'ACCESS_DENIED' });
  server.protect(undefined);
  expect(await failure(source({ ref: 'v2' }).resolve())).toMatchObject({ code: 'REF_NOT_FOUND' });
  const empty = await server.createRepository();
  expect(await failure(source({ url: empty.url }).resolve())).toMatchObject({ code: 'EMPTY_REPOSITORY' });
});

function pkt(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

/** The very bytes that the server answers to the fetch of a revision. */
async function answerOf(server: GitServer, git: Source, revision: Parameters<Source['fetch']>[0]): Promise<Buffer> {
  server.forget();
  await git.fetch(revision);
  const request = server.requests.find(({ body }) => body.includes('command=fetch'));
  const answer = await fetch(server.url + (request?.path ?? ''), {
    method: 'POST',
    headers: { 'git-protocol': 'version=2', 'content-type': 'application/x-git-upload-pack-request' },
    body: Buffer.from(request?.body ?? []),
  });
  return Buffer.from(await answer.arrayBuffer());
}
