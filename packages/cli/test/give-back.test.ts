import { expect, test } from 'vitest';
import { giveBackMemory } from '../src/give-back.ts';

/** Lets one look after the other by, with so much CPU used before each; tells after which of them memory was given back. */
async function collectedAfter(work: readonly number[], collectionMs = 200): Promise<readonly number[]> {
  const stopping = new AbortController();
  const collected: number[] = [];
  let [look, cpuMs] = [0, 0];
  await giveBackMemory(stopping.signal, {
    cpuMs: () => cpuMs,
    collect: () => {
      collected.push(look);
      cpuMs += collectionMs;
    },
    sleep: () => {
      cpuMs += work[look] ?? 0;
      look += 1;
      if (look === work.length) stopping.abort();
      return Promise.resolve();
    },
  });
  return collected;
}

test('memory is given back once when a process comes to rest after its start', async () => {
  expect(await collectedAfter([3_000, 800, 10, 10, 10])).toEqual([3]);
  expect(await collectedAfter([10, 10, 10])).toEqual([1]);
});

test('as long as there is work the process never stands still', async () => {
  expect(await collectedAfter([3_000, 800, 500, 700, 2_000])).toEqual([]);
});

test('a process that does little is left alone, and looked after again after the next work', async () => {
  expect(await collectedAfter([2_000, 10, 20, 20, 900, 20, 1_200, 10, 10])).toEqual([2, 8]);
});

test('where it takes long it is done less often', async () => {
  expect(await collectedAfter([10, 5_000, 10, 5_000, 10], 1_000)).toEqual([1, 5]);
});

test('what has piled up by a little at a time is given back too', async () => {
  expect(await collectedAfter([10, 400, 400, 400, 400, 400, 400])).toEqual([1, 6]);
});
