import { execFile } from 'node:child_process';
import { readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createGitSource, createObjectStore } from '@homeostat/git';
import type { ObjectStore, Source } from '@homeostat/git';

import { isolatedGitEnvironment, startGitServer } from '../../../test/support/git-server.ts';
import type { GitServer, TestRepository } from '../../../test/support/git-server.ts';
import { parsePackIndex, writePackIndex } from '../src/pack-index.ts';
import { failure } from './errors.ts';
import { seeded } from './random.ts';
import { scratchDirectory } from './scratch.ts';
import { current, paths, textOf } from './source-conformance.ts';

const run = promisify(execFile);

interface Scene {
  readonly server: GitServer;
  readonly repository: TestRepository;
  readonly directory: string;
  /** A source with a store on disk, as a process of its own would have it. */
  readonly process: (maxBytes?: number) => Promise<Source & { store: ObjectStore }>;
  readonly packs: () => Promise<string[]>;
  readonly fetches: () => number;
}

async function scene(): Promise<Scene> {
  const scratch = await scratchDirectory();
  onTestFinished(() => scratch[Symbol.asyncDispose]());
  const server = await startGitServer();
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  const directory = join(scratch.path, 'store');
  return {
    server,
    repository,
    directory,
    process: (maxBytes) => {
      const store = createObjectStore({ directory, ...(maxBytes === undefined ? {} : { maxBytes }) });
      const source = createGitSource({ url: repository.url, store });
      onTestFinished(async () => {
        await source.close();
        await store.close();
      });
      return Promise.resolve({ ...source, store });
    },
    packs: async () =>
      (await readdir(join(directory, 'objects', 'pack'))).filter((name) => name.endsWith('.pack')).sort(),
    fetches: () => server.requests.filter(({ body }) => body.includes('command=fetch')).length,
  };
}

async function git(directory: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('git', ['-C', directory, ...args], { env: isolatedGitEnvironment(directory) });
  return stdout + stderr;
}

function numbered(count: number, content = ''): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`d${at % 5}/f${at}`, `file ${at} ${content}\n`]));
}

describe('on disk', () => {
  test('the directory is a repository that git finds nothing wrong with', async () => {
    const { repository, directory, process } = await scene();
    await repository.commit(numbered(50));
    const source = await process();
    await current(source);
    for (let at = 0; at < 3; at++) {
      await repository.commit({ 'd0/f0': `changed ${at}\n` });
      await current(source);
    }
    expect(await git(directory, 'fsck', '--full', '--strict')).not.toMatch(/error|missing|broken|dangling/);
    const head = await repository.git('rev-parse', 'main');
    expect(await git(directory, 'show', `${head}:d0/f0`)).toBe('changed 2\n');
  });

  test('another process goes on where one left off: it fetches only what is new', async () => {
    const { repository, server, process, fetches } = await scene();
    await repository.commit(numbered(500, 'x'.repeat(200)));
    await current(await process());
    await repository.commit({ new: '1' });
    server.forget();
    const snapshot = await current(await process());
    expect(await textOf(snapshot, 'new')).toBe('1');
    expect(await textOf(snapshot, 'd1/f1')).toContain('file 1 ');
    expect(fetches()).toBe(1);
    expect(server.requests.at(-1)?.bytesOut).toBeLessThan(2000);
  });

  test('an object that is damaged is fetched again, and stays good', async () => {
    const { repository, server, directory, process, packs, fetches } = await scene();
    const files = numbered(100);
    await repository.commit(files);
    await current(await process());
    const [name = ''] = await packs();
    const path = join(directory, 'objects', 'pack', name);
    const random = seeded('damage at rest');
    for (let round = 0; round < 8; round++) {
      const bytes = await readFile(path);
      const at = 12 + random.int(bytes.length - 32);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + random.int(255));
      await writeFile(path, bytes);
      const snapshot = await current(await process());
      for (const [file, content] of Object.entries(files)) expect(await textOf(snapshot, file)).toBe(content);
    }
    server.forget();
    const snapshot = await current(await process());
    for (const file of Object.keys(files)) await snapshot.tree.read(file);
    expect(fetches()).toBe(0);
  });

  test('a store that claims more than it holds does not stop the next fetch', async () => {
    const { repository, directory, process, packs } = await scene();
    await repository.commit({ a: 'one\n'.repeat(500), b: '1' });
    await current(await process());
    const [name = ''] = await packs();
    const path = join(directory, 'objects', 'pack', name);
    // Every object is damaged except, perhaps, the commit; its checksum at the end is not.
    const bytes = await readFile(path);
    bytes.fill(0xff, bytes.length / 3, bytes.length - 20);
    await writeFile(path, bytes);
    await repository.commit({ a: `${'one\n'.repeat(500)}two\n` });
    const snapshot = await current(await process());
    expect(await textOf(snapshot, 'a')).toContain('two');
    expect(await textOf(snapshot, 'b')).toBe('1');
  });

  test('a pack or an index that is cut off counts as absent', async () => {
    const { repository, directory, process, packs } = await scene();
    await repository.commit(numbered(20));
    for (const [suffix, size] of [
      ['.pack', 100],
      ['.idx', 100],
      ['.pack', 0],
      ['.idx', 0],
    ] as const) {
      await current(await process());
      const [name = ''] = await packs();
      await truncate(join(directory, 'objects', 'pack', name.replace('.pack', suffix)), size);
      const snapshot = await current(await process());
      expect(await textOf(snapshot, 'd3/f3')).toBe('file 3 \n');
    }
  });

  test('what a dead process left behind is removed once it is old', async () => {
    const { repository, directory, process } = await scene();
    await repository.commit({ a: '1' });
    const packs = join(directory, 'objects', 'pack');
    await current(await process());
    const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
    for (const name of ['tmp_pack_dead', 'pack-0123.pack', 'tmp_pack_alive']) {
      await writeFile(join(packs, name), 'half');
      if (!name.endsWith('alive')) await utimes(join(packs, name), old, old);
    }
    await current(await process());
    const names = await readdir(packs);
    expect(names).toContain('tmp_pack_alive');
    expect(names).not.toContain('tmp_pack_dead');
    expect(names).not.toContain('pack-0123.pack');
  });

  test('many fetches end in few packs, and every snapshot in use is still there', async () => {
    const { repository, directory, process, packs, server, fetches } = await scene();
    await repository.commit(numbered(50));
    const source = await process();
    const first = await current(source);
    for (let at = 0; at < 30; at++) {
      await source.fetch({ commit: await repository.commit({ [`new${at}`]: `${at}\n` }) });
    }
    expect((await packs()).length).toBeLessThanOrEqual(25);
    expect(await git(directory, 'fsck', '--full')).not.toMatch(/error|missing|broken/);
    server.forget();
    expect(await paths(await current(source))).toHaveLength(80);
    expect(fetches()).toBe(0);
    // A snapshot that was forgotten is fetched again when someone reads it.
    expect(await textOf(first, 'd2/f2')).toBe('file 2 \n');
  });

  test('two processes may share a directory', async () => {
    const { repository, process } = await scene();
    await repository.commit(numbered(20));
    const sources = await Promise.all([process(), process()]);
    for (let at = 0; at < 30; at++) {
      const commit = await repository.commit({ shared: `${at}` });
      const snapshots = await Promise.all(sources.map((source) => source.fetch({ commit })));
      for (const snapshot of snapshots) expect(await textOf(snapshot, 'shared')).toBe(`${at}`);
    }
  });

  test('a directory that cannot be written says so', async () => {
    const { repository } = await scene();
    await repository.commit({ a: '1' });
    await using scratch = await scratchDirectory();
    await writeFile(join(scratch.path, 'file'), '');
    const directory = join(scratch.path, 'file', 'store');
    const source = createGitSource({ url: repository.url, store: createObjectStore({ directory }) });
    const error = await failure(current(source));
    expect(error).toMatchObject({ code: 'STORE' });
    expect(error.message).toContain(directory);
    await source.close();
  });

  test('files are readable by their owner only', async () => {
    const { repository, directory, process, packs } = await scene();
    await repository.commit({ a: '1' });
    await current(await process());
    const [name = ''] = await packs();
    expect((await stat(join(directory, 'objects', 'pack', name))).mode & 0o077).toBe(0);
  });
});

for (const kind of ['memory', 'disk'] as const) {
  describe(`a bound, in ${kind}`, () => {
    const noise = (): string => Array.from({ length: 3000 }, () => Math.random().toString(36)).join('');

    async function bounded(maxBytes: number): Promise<{ source: Source; scene: Scene }> {
      const world = await scene();
      if (kind === 'disk') return { source: await world.process(maxBytes), scene: world };
      const source = createGitSource({ url: world.repository.url, store: createObjectStore({ maxBytes }) });
      onTestFinished(() => source.close());
      return { source, scene: world };
    }

    test('a snapshot that does not fit is LIMIT_EXCEEDED, and the one before stays', async () => {
      const { source, scene: world } = await bounded(100_000);
      await world.repository.commit({ a: '1' });
      const good = await current(source);
      await world.repository.commit(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${at}`, noise()])));
      const error = await failure(current(source));
      expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED' });
      expect(error.message).toContain('maxBytes');
      expect(await textOf(good, 'a')).toBe('1');
    });

    test('old snapshots make room for new ones, and are fetched again when they are read', async () => {
      const { source, scene: world } = await bounded(250_000);
      const first = noise();
      await world.repository.commit({ a: first });
      const old = await current(source);
      for (let at = 0; at < 12; at++) {
        const content = noise();
        await world.repository.commit({ a: content });
        expect(await textOf(await current(source), 'a')).toBe(content);
      }
      expect(await textOf(old, 'a')).toBe(first);
    });
  });
}

test('an index survives the round trip, beyond 2 GiB as well', () => {
  const random = seeded('index round trips');
  const entries = Array.from({ length: 1000 }, (_, at) => ({
    id: random.bytes(20).toString('hex'),
    offset: at * 5_000_000 + random.int(1000),
    crc: random.int(2 ** 32),
  }));
  const index = { entries, packChecksum: random.bytes(20).toString('hex') };
  const bytes = writePackIndex(index);
  expect(parsePackIndex(bytes)).toEqual({ ...index, entries: entries.toSorted((a, b) => (a.id < b.id ? -1 : 1)) });
  for (let at = 0; at < bytes.length; at += 97) {
    const broken = Buffer.from(bytes);
    broken[at] = (broken[at] ?? 0) ^ 1;
    expect(parsePackIndex(broken)).toBeUndefined();
  }
});
