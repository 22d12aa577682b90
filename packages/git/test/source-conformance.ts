import { describe, expect, test } from 'vitest';

import { printRevision } from '@homeostat/git';
import type { Revision, Snapshot, Source } from '@homeostat/git';

import { failure } from './errors.ts';

/** Something that can be changed, and a source that reads it. */
export interface World extends AsyncDisposable {
  readonly source: Source;
  change(files: Readonly<Record<string, string | null>>): Promise<void>;
}

/** What every source promises, whatever it reads. */
export function testSource(what: string, create: (files: Readonly<Record<string, string>>) => Promise<World>): void {
  describe(what, () => {
    test('a snapshot holds the files of its revision', async () => {
      await using world = await create({ 'a.yaml': 'a: 1\n', 'deep/er/b.yaml': 'b: 2\n', 'deep/ü.yaml': '' });
      const snapshot = await current(world.source);
      expect(snapshot.commit.id).toBe(snapshot.revision.commit);
      expect(await textOf(snapshot, 'a.yaml')).toBe('a: 1\n');
      expect(await textOf(snapshot, './deep//er/b.yaml')).toBe('b: 2\n');
      expect(await textOf(snapshot, 'deep/ü.yaml')).toBe('');
      expect(await paths(snapshot)).toEqual(['a.yaml', 'deep/er/b.yaml', 'deep/ü.yaml']);
      expect(await paths(snapshot, 'deep/er/')).toEqual(['deep/er/b.yaml']);
      expect(snapshot.findings).toEqual([]);
    });

    test('a directory lists its entries by name', async () => {
      await using world = await create({ 'x/c.yaml': '3', 'x.yaml': '1', 'b/d': '4', B: '5', 'x-y': '6' });
      const { tree } = await current(world.source);
      const entries = await tree.list('');
      expect(entries.map(({ name, type }) => `${name} ${type}`)).toEqual([
        'B file',
        'b directory',
        'x directory',
        'x-y file',
        'x.yaml file',
      ]);
      expect(await tree.list('x')).toMatchObject([
        { name: 'c.yaml', path: 'x/c.yaml', type: 'file', executable: false },
      ]);
      expect(await tree.list('.')).toEqual(entries);
    });

    test('the same content has the same id, in every snapshot and under every path', async () => {
      await using world = await create({ a: 'same', 'd/b': 'same', 'e/b': 'same', c: 'other' });
      const before = await current(world.source);
      expect(await before.tree.oid('a')).toBe(await before.tree.oid('d/b'));
      expect(await before.tree.oid('d')).toBe(await before.tree.oid('e'));
      expect(await before.tree.oid('nothing')).toBeUndefined();
      await world.change({ 'd/b': 'changed' });
      const after = await current(world.source);
      expect(await after.tree.oid('e')).toBe(await before.tree.oid('e'));
      expect(await after.tree.oid('d')).not.toBe(await before.tree.oid('d'));
    });

    test('the same state has the same revision, a changed one another', async () => {
      await using world = await create({ a: '1' });
      const first = await world.source.resolve();
      expect(await world.source.resolve()).toEqual(first);
      await world.change({ a: '2' });
      const second = await world.source.resolve();
      expect(second.commit).not.toBe(first.commit);
      expect(printRevision(second)).toMatch(/(^|@)sha1:[0-9a-f]{40}$/);
    });

    test('a snapshot stays as it was when its source moves on', async () => {
      await using world = await create({ a: '1', gone: 'x' });
      const before = await current(world.source);
      await world.change({ a: '2', gone: null, new: 'y' });
      const after = await current(world.source);
      expect(await textOf(before, 'a')).toBe('1');
      expect(await textOf(before, 'gone')).toBe('x');
      expect(await textOf(after, 'a')).toBe('2');
      expect(await paths(after)).toEqual(['a', 'new']);
    });

    test('an older revision can be fetched again', async () => {
      await using world = await create({ a: '1' });
      const first = await world.source.resolve();
      await world.source.fetch(first);
      await world.change({ a: '2' });
      await current(world.source);
      expect(await textOf(await world.source.fetch(first), 'a')).toBe('1');
    });

    test('what is not there is FILE_NOT_FOUND, what must not be is BAD_PATH', async () => {
      await using world = await create({ 'd/a': '1' });
      const { tree } = await current(world.source);
      for (const missing of ['b', 'd/b', 'd/a/b', 'd'])
        expect(await failure(tree.read(missing))).toMatchObject({ code: 'FILE_NOT_FOUND' });
      for (const missing of ['b', 'd/a'])
        expect(await failure(tree.list(missing))).toMatchObject({ code: 'FILE_NOT_FOUND' });
      for (const path of ['../a', 'd/../a', '/d/a', 'd/a\0', 'x'.repeat(5000)]) {
        expect(await failure(tree.read(path)), path).toMatchObject({ code: 'BAD_PATH' });
      }
    });

    test('many reads at once give what one gives', async () => {
      const files = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`d${at % 7}/f${at}`, `content ${at}`]));
      await using world = await create(files);
      const snapshot = await current(world.source);
      const read = await Promise.all(Object.keys(files).map(async (path) => [path, await textOf(snapshot, path)]));
      expect(Object.fromEntries(read)).toEqual(files);
    });

    test('changes begin with the current revision and follow each change', async () => {
      await using world = await create({ a: '1' });
      const stop = new AbortController();
      const seen: string[] = [];
      for await (const revision of world.source.changes({ signal: stop.signal, intervalMs: 20 })) {
        const content = await textOf(await world.source.fetch(revision), 'a');
        seen.push(content);
        if (content === '3') stop.abort();
        else await world.change({ a: String(Number(content) + 1) });
      }
      expect(seen).toEqual(['1', '2', '3']);
    });

    test('notify makes changes look at once', async () => {
      await using world = await create({ a: '1' });
      const stop = new AbortController();
      const seen: Revision[] = [];
      for await (const revision of world.source.changes({ signal: stop.signal, intervalMs: 2 ** 30 })) {
        seen.push(revision);
        if (seen.length === 2) stop.abort();
        else await world.change({ a: '2' });
        world.source.notify();
      }
      expect(seen).toHaveLength(2);
    });

    test('a signal that has aborted cancels', async () => {
      await using world = await create({ a: '1' });
      const revision = await world.source.resolve();
      const signal = AbortSignal.abort();
      expect(await failure(world.source.resolve({ signal }))).toMatchObject({ code: 'CANCELLED' });
      expect(await failure(world.source.fetch(revision, { signal }))).toMatchObject({ code: 'CANCELLED' });
      expect(await Array.fromAsync(world.source.changes({ signal }))).toEqual([]);
    });

    test('a closed source says so, and its changes end', async () => {
      await using world = await create({ a: '1' });
      const seen: Revision[] = [];
      for await (const revision of world.source.changes({ intervalMs: 2 ** 30 })) {
        seen.push(revision);
        await world.source.close();
      }
      expect(seen).toHaveLength(1);
      expect(await failure(world.source.resolve())).toMatchObject({ code: 'CLOSED' });
    });
  });
}

export async function current(source: Source): Promise<Snapshot> {
  return await source.fetch(await source.resolve());
}

export async function textOf({ tree }: Snapshot, path: string): Promise<string> {
  return Buffer.from(await tree.read(path)).toString('utf8');
}

export async function paths({ tree }: Snapshot, below?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of tree.walk(below)) found.push(file.path);
  return found;
}
