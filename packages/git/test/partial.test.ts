/** Of a repository of which only a part is read, only that part is fetched. */
import { describe, expect, onTestFinished, test } from 'vitest';

import { createGitSource, createObjectStore } from '@homeostat/git';
import type { GitSourceOptions, Snapshot, Source } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { GitServer, TestRepository } from '../../../test/support/git-server.ts';
import { seeded } from './random.ts';
import { scratchDirectory } from './scratch.ts';
import { textOf } from './source-conformance.ts';

interface Scene {
  readonly server: GitServer;
  readonly repository: TestRepository;
  readonly source: (options?: Partial<GitSourceOptions>) => Source;
}

/** `apps/` is read here; in `site/` lie 300 kB that nobody wants. */
const noise = seeded('what is not wanted').bytes(300_000);
const files = {
  'apps/a.yaml': 'kind: A\n',
  'apps/b/b.yaml': 'kind: B\n',
  'apps/b/picture.png': noise.subarray(0, 50_000),
  'site/big.bin': noise,
  '.sourceignore': '*.png\n',
};

async function scene(): Promise<Scene> {
  const server = await startGitServer();
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  await repository.commit(files);
  return {
    server,
    repository,
    source: (options) => {
      const source = createGitSource({ url: repository.url, ...options });
      onTestFinished(() => source.close());
      return source;
    },
  };
}

async function fetchPart(source: Source, ...paths: string[]): Promise<Snapshot> {
  return await source.fetch(await source.resolve(), { paths });
}

/** The fetches since the last look: how many ids each asked for, whether it left files out, and what it brought. */
function fetches(server: GitServer): { readonly wants: number; readonly filtered: boolean; readonly bytes: number }[] {
  const found = server.requests
    .filter(({ body }) => body.includes('command=fetch'))
    .map(({ body, bytesOut }) => ({
      wants: body.toString().split('want ').length - 1,
      filtered: body.includes('filter blob:none'),
      bytes: bytesOut,
    }));
  server.forget();
  return found;
}

describe('cost', () => {
  test('the first look brings commit and trees, and then the files that are wanted, in one request', async () => {
    const { server, source } = await scene();
    const { tree } = await fetchPart(source(), 'apps');
    expect((await tree.list('apps')).map(({ name }) => name)).toEqual(['a.yaml', 'b']);
    await tree.prefetch(['apps/a.yaml', 'apps/b/b.yaml', 'apps/nothing.yaml']);
    await tree.prefetch(['apps/a.yaml']);
    expect(Buffer.from(await tree.read('apps/b/b.yaml')).toString()).toBe('kind: B\n');
    const [trees, wanted, ...more] = fetches(server);
    expect(trees).toMatchObject({ wants: 1, filtered: true });
    expect(wanted).toMatchObject({ wants: 2, filtered: false });
    expect((trees?.bytes ?? 0) + (wanted?.bytes ?? 0)).toBeLessThan(2000);
    expect(more).toEqual([]);
  });

  test('a commit that touches nothing below the path costs one fetch of commit and trees', async () => {
    const { server, repository, source } = await scene();
    const git = source();
    const before = await fetchPart(git, 'apps');
    await before.tree.prefetch(['apps/a.yaml']);
    await repository.commit({ 'site/big.bin': noise.toReversed() });
    server.forget();
    const after = await fetchPart(git, 'apps');
    expect(await after.tree.oid('apps')).toBe(await before.tree.oid('apps'));
    await after.tree.prefetch(['apps/a.yaml']);
    expect(await textOf(after, 'apps/a.yaml')).toBe('kind: A\n');
    expect(server.requests).toHaveLength(2);
    const [trees, ...more] = fetches(server);
    expect(trees).toMatchObject({ wants: 1, filtered: true });
    expect(trees?.bytes).toBeLessThan(700);
    expect(more).toEqual([]);
  });

  test('a changed file below the path costs one request more, for that file', async () => {
    const { server, repository, source } = await scene();
    const git = source();
    await (await fetchPart(git, 'apps')).tree.prefetch(['apps/a.yaml', 'apps/b/b.yaml']);
    await repository.commit({ 'apps/a.yaml': 'kind: A\nchanged: true\n', 'apps/b/picture.png': noise });
    server.forget();
    const after = await fetchPart(git, 'apps');
    await after.tree.prefetch(['apps/a.yaml', 'apps/b/b.yaml']);
    expect(await textOf(after, 'apps/a.yaml')).toContain('changed');
    expect(fetches(server).map(({ wants }) => wants)).toEqual([1, 1]);
  });

  test('who reads without notice gets all that is missing below the path in one request', async () => {
    const { server, source } = await scene();
    const snapshot = await fetchPart(source(), 'apps');
    expect(await textOf(snapshot, '.sourceignore')).toBe('*.png\n');
    expect(await textOf(snapshot, 'apps/a.yaml')).toBe('kind: A\n');
    expect(await textOf(snapshot, 'apps/b/b.yaml')).toBe('kind: B\n');
    expect(fetches(server).map(({ wants }) => wants)).toEqual([1, 4]);
    expect((await snapshot.tree.read('site/big.bin')).length).toBe(noise.length);
    expect(fetches(server).map(({ wants }) => wants)).toEqual([1]);
  });

  test('whoever reads from the root gets everything in one request', async () => {
    const { server, source } = await scene();
    for (const path of ['', '.', './']) {
      const snapshot = await fetchPart(source(), path);
      expect((await snapshot.tree.read('site/big.bin')).length).toBe(noise.length);
      expect(fetches(server)).toMatchObject([{ wants: 1, filtered: false }]);
    }
  });
});

describe('sources of one repository', () => {
  test('share trees and files, whatever their paths', async () => {
    const { server, repository, source } = await scene();
    await repository.commit({ 'more/copy.yaml': 'kind: A\n', 'more/own.yaml': 'kind: M\n' });
    const store = createObjectStore();
    const [apps, more] = [source({ store }), source({ store })];
    const [first, second] = await Promise.all([fetchPart(apps, 'apps'), fetchPart(more, 'more')]);
    await first.tree.prefetch(['apps/a.yaml']);
    await second.tree.prefetch(['more/copy.yaml', 'more/own.yaml']);
    expect(await textOf(second, 'more/copy.yaml')).toBe('kind: A\n');
    expect(await textOf(second, 'more/own.yaml')).toBe('kind: M\n');
    expect(fetches(server).map(({ wants }) => wants)).toEqual([1, 1, 1]);
  });

  test('one that reads everything is not told that parts are whole', async () => {
    const { server, repository, source } = await scene();
    const store = createObjectStore();
    await fetchPart(source({ store }), 'apps');
    const next = await repository.commit({ 'apps/a.yaml': 'kind: A2\n' });
    server.forget();
    const whole = source({ store });
    const snapshot = await whole.fetch(await whole.resolve());
    expect((await snapshot.tree.read('site/big.bin')).length).toBe(noise.length);
    expect(fetches(server)).toMatchObject([{ wants: 1, filtered: false }]);
    expect(await store.commits()).toEqual([next]);

    // And what is whole serves who reads a part.
    await repository.commit({ 'apps/a.yaml': 'kind: A3\n' });
    const part = await fetchPart(source({ store }), 'apps');
    await part.tree.prefetch(['apps/a.yaml', 'apps/b/b.yaml']);
    expect(await textOf(part, 'apps/b/b.yaml')).toBe('kind: B\n');
    expect(fetches(server)).toMatchObject([
      { wants: 1, filtered: true },
      { wants: 1, filtered: false },
    ]);
  });

  test('what was forgotten for want of room is fetched again in parts', async () => {
    const { server, repository, source } = await scene();
    const git = source({ store: createObjectStore({ maxBytes: 60_000 }) });
    const first = await fetchPart(git, 'apps');
    await first.tree.prefetch(['apps/a.yaml', 'apps/b/picture.png']);
    await repository.commit({ 'apps/b/picture.png': noise.subarray(100_000, 150_000), 'apps/a.yaml': 'kind: A2\n' });
    const second = await fetchPart(git, 'apps');
    await second.tree.prefetch(['apps/a.yaml', 'apps/b/picture.png']);
    expect(await textOf(second, 'apps/a.yaml')).toBe('kind: A2\n');
    server.forget();
    expect(await textOf(first, 'apps/a.yaml')).toBe('kind: A\n');
    expect(fetches(server).every(({ bytes }) => bytes < 60_000)).toBe(true);
  });
});

describe('where it cannot be', () => {
  test('a server that leaves nothing out is asked for everything', async () => {
    const { server, repository, source } = await scene();
    await repository.git('config', 'uploadpack.allowFilter', 'false');
    const snapshot = await fetchPart(source(), 'apps');
    await snapshot.tree.prefetch(['apps/a.yaml']);
    expect(await textOf(snapshot, 'apps/b/b.yaml')).toBe('kind: B\n');
    expect(fetches(server)).toMatchObject([{ wants: 1, filtered: false }]);
  });

  test('a server that gives no single objects is asked for everything then', async () => {
    const { server, source } = await scene();
    const snapshot = await fetchPart(source(), 'apps');
    const blob = (await snapshot.tree.oid('apps/a.yaml')) ?? '';
    server.intercept((_, response, { body }) => {
      if (!body.includes(`want ${blob}`)) return false;
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      const text = `ERR upload-pack: not our ref ${blob}`;
      response.end(`${(text.length + 4).toString(16).padStart(4, '0')}${text}`);
      return true;
    });
    await snapshot.tree.prefetch(['apps/a.yaml']);
    expect(await textOf(snapshot, 'apps/a.yaml')).toBe('kind: A\n');
    expect((await snapshot.tree.read('site/big.bin')).length).toBe(noise.length);
  });

  test('a store on disk holds whole snapshots, which git itself can read', async () => {
    const { server, source } = await scene();
    await using directory = await scratchDirectory();
    const store = createObjectStore({ directory: directory.path });
    const snapshot = await fetchPart(source({ store }), 'apps');
    expect(await textOf(snapshot, 'apps/b/b.yaml')).toBe('kind: B\n');
    expect(fetches(server)).toMatchObject([{ wants: 1, filtered: false }]);
    await store.close();
  });
});

test('whatever was changed, a part reads as the whole does', async () => {
  const random = seeded('parts and wholes');
  const { repository, source } = await scene();
  const part = source();
  const whole = source();
  const names = ['apps/a.yaml', 'apps/b/b.yaml', 'apps/b/c/d.yaml', 'site/x', 'site/y/z', 'top'];
  for (let step = 0; step < 12; step++) {
    const at = names[random.int(names.length)] ?? '';
    await repository.commit({ [at]: random.int(4) === 0 && step > 0 ? null : random.text(1 + random.int(400)) });
    const paths = [['apps'], ['site/y', 'apps/b'], ['top']][random.int(3)] ?? [];
    const one = await fetchPart(part, ...paths);
    const all = await whole.fetch(await whole.resolve());
    const found: string[] = [];
    for await (const { path } of all.tree.walk()) found.push(path);
    const read = found.filter(() => random.int(2) === 0);
    if (random.int(2) === 0) await one.tree.prefetch(read);
    for (const path of read) {
      expect(await textOf(one, path), `SEED=${random.seed} step ${step} ${path}`).toBe(await textOf(all, path));
    }
  }
});
