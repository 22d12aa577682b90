import { expect, test } from 'vitest';
import { createLimit } from '@homeostat/apply';
import { KubeError } from '@homeostat/kube';
import type { KubeErrorCode } from '@homeostat/kube';

/** Tasks that take `latency` milliseconds of a clock of their own. */
function world(options: Parameters<typeof createLimit>[0] = {}) {
  let time = 0;
  const limit = createLimit({ ...options, now: () => time });
  return {
    limit,
    /** So many tasks wait at once, and end one after the other, each `latency` after its start. */
    work: async (count: number, latency: number): Promise<void> => {
      const tasks = Array.from({ length: count }, () =>
        limit.run(async () => {
          time += latency;
        }),
      );
      await Promise.all(tasks);
    },
    fail: (code: KubeErrorCode) =>
      limit.run(() => Promise.reject(new KubeError(code, ''))).catch((error: unknown) => error),
  };
}

test('never more at once than allowed, and the first to come is the first to start', async () => {
  const limit = createLimit({ start: 2, max: 2 });
  const started: number[] = [];
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      limit.run(async () => {
        started.push(i);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a higher priority starts first', async () => {
  const limit = createLimit({ start: 1, max: 1 });
  const started: string[] = [];
  const task = (name: string) => async () => void started.push(name);
  await Promise.all([limit.run(task('first')), limit.run(task('low')), limit.run(task('high'), { priority: 1 })]);
  expect(started).toEqual(['first', 'high', 'low']);
});

test('grows while latency holds and somebody waits; never above the maximum', async () => {
  const { limit, work } = world({ start: 4, max: 16 });
  await work(4, 10);
  expect(limit.concurrency).toBe(4);
  await work(500, 10);
  expect(limit.concurrency).toBe(16);
});

test.each<KubeErrorCode>(['THROTTLED', 'UNAVAILABLE', 'TIMEOUT'])(
  'halves on %s; never below the minimum',
  async (code) => {
    const { limit, fail } = world({ start: 16, min: 3 });
    await fail(code);
    expect(limit.concurrency).toBe(8);
    await fail(code);
    await fail(code);
    expect(limit.concurrency).toBe(3);
  },
);

test('a burst of refusals halves once', async () => {
  const { limit, fail } = world({ start: 16 });
  await Promise.all(Array.from({ length: 16 }, () => fail('THROTTLED')));
  expect(limit.concurrency).toBe(8);
});

test.each<KubeErrorCode>(['INVALID', 'CONFLICT', 'FORBIDDEN', 'CANCELLED', 'WEBHOOK'])(
  '%s says nothing about load',
  async (code) => {
    const { limit, fail } = world({ start: 16 });
    await fail(code);
    expect(limit.concurrency).toBe(16);
  },
);

test('stops growing when latency rises, and gives back when it rises much', async () => {
  const { limit, work } = world({ start: 8, max: 64 });
  await work(8, 10);
  await work(80, 25);
  expect(limit.concurrency).toBe(8);
  await work(8, 100);
  expect(limit.concurrency).toBeLessThan(8);
});

test('refuses bounds that make no sense', () => {
  expect(() => createLimit({ start: 4, max: 2 })).toThrow(RangeError);
});

test('retries of all together come at 50 a second at most, 100 at a time; a lull makes up for it', () => {
  let time = 0;
  const limit = createLimit({ now: () => time });
  const starts: number[] = [];
  for (let retry = 0; retry < 1_000; retry += 1) {
    starts.push(time + limit.retryIn());
    time += 1;
  }
  expect(starts.filter((at) => at <= 100).length).toBeGreaterThanOrEqual(100);
  for (const second of [0, 5, 10, 15]) {
    const inIt = starts.filter((at) => at >= second * 1_000 && at < (second + 1) * 1_000).length;
    expect(inIt).toBeLessThanOrEqual(second === 0 ? 151 : 51);
  }
  expect(Math.max(...starts)).toBeLessThanOrEqual(20 * 1_000);
  time = 60_000;
  expect(limit.retryIn()).toBe(0);
});
