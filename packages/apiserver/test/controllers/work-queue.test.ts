import { manualClock } from '@homeostat/apiserver';
import { expect, test } from 'vitest';
import { WorkQueue } from '../../src/controllers/work-queue.ts';

test('work runs in its order, once however often it was added, and what it adds after it', async () => {
  const queue = new WorkQueue(manualClock(), () => undefined);
  const done: string[] = [];
  const add = (name: string, then?: string): void =>
    queue.add(name, async () => {
      done.push(name);
      if (then !== undefined) add(then);
    });
  add('a', 'b');
  add('b');
  add('c', 'a');
  add('a');
  expect(done).toEqual([]);
  await queue.settled();
  expect(done).toEqual(['a', 'b', 'c', 'a']);
});

test('work for later waits for the clock; the earliest time counts', async () => {
  const clock = manualClock();
  const queue = new WorkQueue(clock, () => undefined);
  const done: number[] = [];
  const work = async (): Promise<void> => void done.push(clock.now());
  const start = clock.now();
  queue.addAfter('a', work, 500);
  queue.addAfter('a', work, 200);
  queue.addAfter('a', work, 900);
  expect(queue.nextAt).toBe(start + 200);
  clock.advance(1000);
  await queue.settled();
  expect(done).toHaveLength(1);
  expect(queue.nextAt).toBeUndefined();
});

test('work that fails is told of and tried again, with pauses that double up to a minute', async () => {
  const clock = manualClock();
  const told: string[] = [];
  const queue = new WorkQueue(clock, (error, key) => told.push(`${key}: ${String(error)}`));
  const start = clock.now();
  const pauses: number[] = [];
  queue.add('a', async () => {
    throw new TypeError('no');
  });
  await queue.settled();
  for (let i = 0; i < 8; i++) {
    const next = queue.nextAt ?? 0;
    pauses.push((next - clock.now()) / 1000);
    clock.advance(next - clock.now());
    await queue.settled();
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(told[0]).toBe('a: TypeError: no');
  expect(clock.now()).toBeGreaterThan(start);
});

test('a queue that is closed does nothing more', async () => {
  const clock = manualClock();
  const queue = new WorkQueue(clock, () => undefined);
  const done: string[] = [];
  queue.add('a', async () => void done.push('a'));
  queue.addAfter('b', async () => void done.push('b'), 10);
  queue.close();
  queue.add('c', async () => void done.push('c'));
  clock.advance(100);
  await queue.settled();
  expect(done).toEqual([]);
});
