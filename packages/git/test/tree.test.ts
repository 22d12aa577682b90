import { onTestFinished, expect, test, describe } from 'vitest';

import { createGitSource, createMemorySource } from '@homeostat/git';
import type { GitSourceOptions, Snapshot } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { FileChanges } from '../../../test/support/git-server.ts';
import { defaultLimits } from '../src/limits.ts';
import { makeCommit, makeObject, makeTree, parseCommit, parseTree } from '../src/object.ts';
import type { GitObject, RawEntry } from '../src/object.ts';
import { openSnapshot } from '../src/snapshot.ts';
import { createTreeCache } from '../src/tree-view.ts';
import { failure, thrown } from './errors.ts';
import { seeded } from './random.ts';
import { current, paths, textOf } from './source-conformance.ts';

async function snapshotOf(files: FileChanges, options: Partial<GitSourceOptions> = {}): Promise<Snapshot> {
  const server = await startGitServer();
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  await repository.commit(files, 'Say hello\n\nwith ümläuts');
  const source = createGitSource({ url: repository.url, ...options });
  onTestFinished(() => source.close());
  return await current(source);
}

const link = (target: string) => ({ mode: '120000', content: target }) as const;

describe('symbolic links', () => {
  test('files and directories behind links are read where the links lead', async () => {
    const snapshot = await snapshotOf({
      'base/app.yaml': 'app',
      'overlays/prod/app.yaml': link('../../base/app.yaml'),
      'overlays/prod/more': link('../../base/'),
      'overlays/test': link('prod'),
      twice: link('overlays/test/app.yaml'),
      dot: link('./base/./app.yaml'),
    });
    expect(await textOf(snapshot, 'overlays/prod/app.yaml')).toBe('app');
    expect(await textOf(snapshot, 'overlays/prod/more/app.yaml')).toBe('app');
    expect(await textOf(snapshot, 'overlays/test/more/app.yaml')).toBe('app');
    expect(await textOf(snapshot, 'twice')).toBe('app');
    expect(await textOf(snapshot, 'dot')).toBe('app');
    expect(await snapshot.tree.oid('overlays/test')).toBe(await snapshot.tree.oid('overlays/prod'));
    expect(await snapshot.tree.list('overlays/prod')).toMatchObject([
      { name: 'app.yaml', type: 'symlink' },
      { name: 'more', type: 'symlink' },
    ]);
    expect((await snapshot.tree.list('overlays/test')).map(({ path }) => path)).toEqual([
      'overlays/test/app.yaml',
      'overlays/test/more',
    ]);
    // Links to directories are not entered: what lies behind them would be there twice.
    expect(await paths(snapshot)).toEqual(['base/app.yaml', 'dot', 'overlays/prod/app.yaml', 'twice']);
    expect(snapshot.findings).toEqual([]);
  });

  test('a link that leaves the tree, or goes round in circles, is refused and found', async () => {
    const snapshot = await snapshotOf({
      out: link('../outside'),
      absolute: link('/etc/passwd'),
      'd/around': link('../../repo/d/file'),
      'd/file': '1',
      a: link('b'),
      b: link('a'),
      self: link('self/x'),
      broken: link('nothing'),
      'back-in': link('d/../d/file'),
    });
    for (const path of ['out', 'absolute', 'd/around', 'a', 'self']) {
      expect(await failure(snapshot.tree.read(path)), path).toMatchObject({ code: 'BAD_PATH' });
    }
    expect(await failure(snapshot.tree.read('broken'))).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(await textOf(snapshot, 'back-in')).toBe('1');
    expect(await paths(snapshot)).toEqual(['back-in', 'd/file']);
    expect(snapshot.findings.map(({ code, origin }) => `${code} ${origin.path}`)).toEqual([
      'BAD_SYMLINK a',
      'BAD_SYMLINK absolute',
      'BAD_SYMLINK b',
      'BAD_SYMLINK broken',
      'BAD_SYMLINK d/around',
      'BAD_SYMLINK out',
      'BAD_SYMLINK self',
    ]);
  });
});

test('the executable bit is told', async () => {
  const { tree } = await snapshotOf({ run: { mode: '100755', content: '#!/bin/sh\n' }, read: 'text' });
  expect(await tree.list('')).toMatchObject([
    { name: 'read', executable: false },
    { name: 'run', executable: true },
  ]);
});

test('a commit tells who, when and what', async () => {
  const { commit } = await snapshotOf({ a: '1' });
  expect(commit).toMatchObject({
    author: { name: 'Ada', email: 'ada@example.com' },
    message: 'Say hello\n\nwith ümläuts\n',
  });
  expect(commit.time).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1));
});

describe('content that is not there', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;

  test('an LFS pointer is found when it is read', async () => {
    const snapshot = await snapshotOf({ 'big.yaml': pointer, 'other.yaml': pointer, 'about.md': `see ${pointer}` });
    await snapshot.tree.read('about.md');
    expect(snapshot.findings).toEqual([]);
    await snapshot.tree.read('big.yaml');
    await snapshot.tree.read('big.yaml');
    expect(snapshot.findings).toMatchObject([{ severity: 'error', code: 'LFS_POINTER', origin: { path: 'big.yaml' } }]);
  });

  test('a submodule is found when its directory is listed', async () => {
    const snapshot = await snapshotOf({
      'vendor/charts': { mode: '160000', content: 'a'.repeat(40) },
      'app/a.yaml': '1',
    });
    expect(await paths(snapshot, 'app')).toEqual(['app/a.yaml']);
    expect(snapshot.findings).toEqual([]);
    expect(await snapshot.tree.list('vendor')).toMatchObject([
      { name: 'charts', type: 'submodule', oid: 'a'.repeat(40) },
    ]);
    expect(await failure(snapshot.tree.list('vendor/charts'))).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(snapshot.findings).toMatchObject([{ code: 'SUBMODULE', origin: { path: 'vendor/charts' } }]);
  });
});

describe('hostile trees', () => {
  /** A snapshot of trees as they are given, however wrong. */
  async function forged(root: GitObject, others: readonly GitObject[] = [], limits = {}): Promise<Snapshot> {
    const commit = makeCommit(root.id, { name: 'x', email: 'x' }, 0, '');
    const objects = new Map([commit, root, ...others].map((object) => [object.id, object]));
    return await openSnapshot(
      { commit: commit.id },
      {
        objects: { get: (id) => Promise.resolve(objects.get(id)) },
        limits: { ...defaultLimits, ...limits },
        trees: createTreeCache(),
      },
    );
  }
  const file = makeObject('blob', Buffer.from('x'));
  const entry = (name: string): RawEntry => ({ name, mode: '100644', id: file.id });

  test('names that mean another place are refused', async () => {
    const names = [
      '.',
      '..',
      '.git',
      '.GIT',
      '.gIt',
      '.git ',
      '.git...',
      '.git::$INDEX_ALLOCATION',
      'git~1',
      'GIT~1',
      '.g\u200Cit',
      '\uFEFF.git',
      'a\\.git',
      '..\\x',
      'a/b',
      'a\nb',
      'a\u0007',
      'a\u007F',
    ];
    for (const name of names) {
      const snapshot = await forged(makeTree([entry(name)]), [file]);
      expect(await failure(snapshot.tree.list('')), JSON.stringify(name)).toMatchObject({ code: 'BAD_PATH' });
      expect(await failure(paths(snapshot)), JSON.stringify(name)).toMatchObject({ code: 'BAD_PATH' });
    }
  });

  test('names that only look strange are read', async () => {
    const names = ['.gitignore', '.github', 'git', '...', ' ', 'a\\x2db.swap', 'ü', '-rf', '$(x)', 'git~10', '.git-x'];
    const snapshot = await forged(makeTree(names.map(entry)), [file]);
    expect(await paths(snapshot)).toEqual(names.toSorted());
  });

  test('a name that is not UTF-8 is refused with its tree', async () => {
    const tree = makeObject(
      'tree',
      Buffer.concat([Buffer.from('100644 f\u00FCr\0', 'latin1'), Buffer.from(file.id, 'hex')]),
    );
    const error = await failure((await forged(tree, [file])).tree.list(''));
    expect(error).toMatchObject({ code: 'BAD_PATH' });
    expect(error.message).toContain(tree.id);
  });

  test('trees without end, and what is missing, are typed errors', async () => {
    let tree = makeTree([entry('f')]);
    const trees = [tree];
    for (let depth = 0; depth < 70; depth++) {
      tree = makeTree([{ name: 'd', mode: '040000', id: tree.id }]);
      trees.push(tree);
    }
    const deep = await forged(tree, [...trees, file]);
    expect(await failure(paths(deep))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await failure(deep.tree.read(`${'d/'.repeat(70)}f`))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const hollow = await forged(
      makeTree([
        { name: 'd', mode: '040000', id: 'a'.repeat(40) },
        { name: 'f', mode: '100644', id: 'b'.repeat(40) },
      ]),
    );
    expect(await failure(hollow.tree.list('d'))).toMatchObject({ code: 'CORRUPT_OBJECT' });
    expect(await failure(hollow.tree.read('f'))).toMatchObject({ code: 'CORRUPT_OBJECT' });
    const confused = await forged(makeTree([{ name: 'd', mode: '040000', id: file.id }]), [file]);
    expect(await failure(confused.tree.list('d'))).toMatchObject({ code: 'CORRUPT_OBJECT' });
  });

  test('a name that occurs twice makes the tree corrupt', async () => {
    const snapshot = await forged(makeTree([entry('a'), { name: 'a', mode: '040000', id: file.id }]), [file]);
    expect(await failure(snapshot.tree.list(''))).toMatchObject({ code: 'CORRUPT_OBJECT' });
  });

  test('broken trees and commits give an object or a typed error', () => {
    const random = seeded('broken trees and commits');
    const tree = makeTree(['a', 'b.yaml', 'ccc'].map(entry));
    const commit = makeCommit(tree.id, { name: 'Ada', email: 'ada@example.com' }, 1_767_225_600_000, 'hello');
    for (const [object, parse] of [
      [tree, parseTree],
      [commit, parseCommit],
    ] as const) {
      for (let run = 0; run < 2000; run++) {
        const content = Buffer.from(object.content.subarray(0, 1 + random.int(object.content.length)));
        content[random.int(content.length)] = random.int(256);
        try {
          parse({ ...object, content });
        } catch (error) {
          expect(['CORRUPT_OBJECT', 'BAD_PATH']).toContain(
            thrown(() => {
              throw error;
            }).code,
          );
        }
      }
    }
  });
});

describe('files in memory', () => {
  test('a path that no tree may hold is refused, and nothing is written', async () => {
    const source = createMemorySource({ a: '1' });
    const before = await source.resolve();
    for (const path of ['../x', '.git/config', '', 'a/b', '/x', 'd/.GIT/x']) {
      expect(
        thrown(() => source.write({ b: '2', [path]: 'x' })),
        path,
      ).toMatchObject({ code: 'BAD_PATH' });
    }
    expect(await source.resolve()).toEqual(before);
  });

  test('the same content has the same revision, whatever came between', async () => {
    const source = createMemorySource({ a: '1' });
    const first = await source.resolve();
    source.write({ a: '2', b: '3' });
    expect(source.write({ a: '1', b: null })).toEqual(first);
    expect(await createMemorySource({ a: '1' }).resolve()).toEqual(first);
  });
});
