import { expect, test } from 'vitest';
import { createMemorySource } from '@homeostat/git';
import type { MemorySource, Source } from '@homeostat/git';
import { eventually } from '../../../test/support/scenario.ts';
import { shareSource } from '../src/share-source.ts';

/** A source whose questions are counted, and whose answers can be held back. */
function counted(source: MemorySource): Source & { readonly asked: string[]; hold: Promise<void> | undefined } {
  const asked: string[] = [];
  const made = {
    ...source,
    asked,
    hold: undefined as Promise<void> | undefined,
    async resolve(options?: Parameters<Source['resolve']>[0]) {
      asked.push('resolve');
      const revision = await source.resolve(options);
      await made.hold;
      return revision;
    },
    fetch(...args: Parameters<Source['fetch']>) {
      asked.push('fetch');
      return source.fetch(...args);
    },
  };
  return made;
}

test('those who ask while somebody is answered share the next answer, which is not from before they asked', async () => {
  const files = createMemorySource({ a: '1' });
  const source = counted(files);
  const shared = shareSource(source, () => ['']);
  const gate = Promise.withResolvers<void>();
  source.hold = gate.promise;
  const early = shared.resolve();
  const { commit } = files.write({ a: '2' });
  const late = Array.from({ length: 50 }, () => shared.resolve());
  gate.resolve();
  expect((await early).commit).not.toBe(commit);
  for (const revision of await Promise.all(late)) expect(revision.commit).toBe(commit);
  expect(source.asked).toEqual(['resolve', 'resolve']);
});

test('what is known is answered without a question, until somebody knows that there is more', async () => {
  const files = createMemorySource({ a: '1' });
  const source = counted(files);
  const shared = shareSource(source, () => ['']);
  await Promise.all([shared.resolve(), shared.resolve()]);
  source.asked.splice(0);
  await shared.resolve();
  expect(source.asked).toEqual([]);
  const { commit } = files.write({ a: '2' });
  shared.notify();
  expect((await shared.resolve()).commit).toBe(commit);
});

test('every follower hears of each revision, and a revision is fetched once', async () => {
  const files = createMemorySource({ a: '1' });
  const source = counted(files);
  const shared = shareSource(source, () => ['']);
  const stop = new AbortController();
  const heard: string[][] = [[], []];
  const following = heard.map(async (commits) => {
    for await (const { commit } of shared.changes({ signal: stop.signal })) commits.push(commit);
  });
  await eventually(() => expect(heard.map(({ length }) => length)).toEqual([1, 1]));
  const revision = files.write({ a: '2' });
  await eventually(() => expect(heard.map((commits) => commits.at(-1))).toEqual([revision.commit, revision.commit]));
  const snapshots = await Promise.all([shared.fetch(revision), shared.fetch(revision)]);
  expect(new Set(snapshots).size).toBe(1);
  expect(source.asked.filter((what) => what === 'fetch')).toHaveLength(1);
  stop.abort();
  await Promise.all(following);
});

test('it tells which of two commits came later, and one that came back counts anew', async () => {
  const files = createMemorySource({ a: '1' });
  const shared = shareSource(files, () => ['']);
  const step = async (content: string): Promise<string> => {
    files.write({ a: content });
    shared.notify();
    return (await shared.resolve()).commit;
  };
  const first = await step('first');
  const second = await step('second');
  expect(shared.hasReached(second, first)).toBe(true);
  expect(shared.hasReached(first, second)).toBe(false);
  expect(await step('first')).toBe(first);
  expect(shared.hasReached(first, second)).toBe(true);
  expect(shared.hasReached(second, first)).toBe(false);
  expect(shared.hasReached('unknown', first)).toBe(false);
});

test('who gives up does so alone, in the words of the source', async () => {
  const source = counted(createMemorySource({ a: '1' }));
  const shared = shareSource(source, () => ['']);
  const gate = Promise.withResolvers<void>();
  source.hold = gate.promise;
  const leaving = new AbortController();
  const left = shared.resolve({ signal: leaving.signal });
  const stays = shared.resolve();
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
  gate.resolve();
  expect(await stays).toMatchObject({ commit: expect.any(String) as string });
});
