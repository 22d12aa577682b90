import { describe, expect, test } from 'vitest';
import type { RefKey } from '@homeostat/kube';
import { refKey } from '@homeostat/kube';
import { createBroadcast } from '../src/broadcast.ts';
import { dueAt, warm } from '../src/heat.ts';
import type { Heat } from '../src/heat.ts';
import { pauseFor } from '../src/pause.ts';
import { systemClock } from '@homeostat/reconcile';

const key = (name: string): RefKey => refKey({ group: '', kind: 'ConfigMap', namespace: 'demo', name });

describe('heat', () => {
  /** The pauses after repairs of one object, one each so many milliseconds. */
  function pausesOf(count: number, every = 0): readonly number[] {
    let heat: Heat = new Map();
    return Array.from({ length: count }, (_, i) => {
      heat = warm(heat, [key('a')], i * every);
      return heat.get(key('a'))?.pause ?? NaN;
    });
  }

  test('the first repairs follow at once; from the fifth on the pause doubles, from 1 s to 5 min', () => {
    expect(pausesOf(16)).toEqual([
      0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000,
    ]);
  });

  test('who changes it back as soon as it is repaired is met ever more rarely, and not anew after a long pause', () => {
    let heat: Heat = new Map();
    let now = 0;
    const pauses = Array.from({ length: 40 }, () => {
      now = Math.max(now + 100, dueAt(heat, key('a')));
      heat = warm(heat, [key('a')], now);
      return heat.get(key('a'))?.pause ?? NaN;
    });
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.slice(-26)).toEqual(Array(26).fill(300_000));
    // A while without it, and it is an object as any other.
    expect(warm(heat, [key('a')], now + 300_000 + 5 * 60_000).get(key('a'))?.pause).toBe(0);
  });

  test('an object is due when its pause is over, and cools by itself', () => {
    let heat: Heat = new Map();
    for (let i = 0; i < 5; i += 1) heat = warm(heat, [key('a')], 0);
    expect(dueAt(heat, key('a'))).toBe(1_000);
    heat = warm(heat, [key('a')], 5 * 60_000);
    expect(dueAt(heat, key('a'))).toBe(5 * 60_000);
  });

  test('a repair now and then is no fight', () => {
    expect(new Set(pausesOf(100, 30_000))).toEqual(new Set([0]));
  });

  test('one hot object holds no other, and what is cold is forgotten', () => {
    let heat: Heat = new Map();
    for (let i = 0; i < 9; i += 1) heat = warm(heat, [key('a')], 0);
    expect(dueAt(heat, key('b'))).toBe(0);
    heat = warm(heat, [key('b')], 10 * 60_000);
    expect([...heat.keys()]).toEqual([key('b')]);
  });
});

describe('the pause before a retry', () => {
  test('doubles with each failure, from 1 s to 5 min, with jitter between half and the whole', () => {
    const whole = (failures: number): number => pauseFor(['backoff'], failures, 1);
    expect([1, 2, 3, 4].map(whole)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauseFor(['backoff'], 1, 0)).toBe(500);
    for (const failures of [9, 50, 10_000]) expect(whole(failures)).toBeLessThanOrEqual(300_000);
    expect(whole(50)).toBe(300_000);
  });

  test('is never shorter than the server asks for, and up to a tenth longer, since it may have asked many', () => {
    const asked = ['backoff', { afterMs: 30_000 }, { afterMs: 7_000 }] as const;
    expect([0, 0.5, 1].map((random) => pauseFor(asked, 1, random))).toEqual([30_000, 31_500, 33_000]);
    expect(pauseFor([{ afterMs: 1 }], 1, 1)).toBe(1_000);
  });
});

describe('a broadcast', () => {
  test('reaches every subscriber from the moment that it subscribes, and ends', async () => {
    const broadcast = createBroadcast<number>({ dropped: (count) => -count });
    const first = broadcast.subscribe();
    broadcast.send(1);
    const second = broadcast.subscribe();
    broadcast.send(2);
    broadcast.close();
    expect(await Array.fromAsync(first)).toEqual([1, 2]);
    expect(await Array.fromAsync(second)).toEqual([2]);
  });

  test('drops the oldest for a subscriber that lags, and tells it how many', async () => {
    const broadcast = createBroadcast<number>({ dropped: (count) => -count });
    const slow = broadcast.subscribe();
    for (let i = 0; i < 10_003; i += 1) broadcast.send(i);
    broadcast.close();
    const seen = await Array.fromAsync(slow);
    expect(seen.slice(0, 2)).toEqual([-3, 3]);
    expect(seen).toHaveLength(10_001);
  });

  test('counts what is heavy for more, and always keeps the newest', async () => {
    const broadcast = createBroadcast<number>({ dropped: (count) => -count, weigh: (value) => value });
    const slow = broadcast.subscribe();
    for (const value of [4_000, 5_000, 1_001, 1, 20_000]) broadcast.send(value);
    const reading = slow[Symbol.asyncIterator]();
    expect([await reading.next(), await reading.next()].map(({ value }) => value as number)).toEqual([-4, 20_000]);
    for (const value of [9_000, 999, 1, 2]) broadcast.send(value);
    broadcast.close();
    expect([await reading.next(), await reading.next()].map(({ value }) => value as number)).toEqual([-1, 999]);
    expect(broadcast.lost).toBe(5);
  });

  test('keeps nothing more for whoever has left, even before reading', async () => {
    const broadcast = createBroadcast<number>({ dropped: (count) => -count });
    const stop = new AbortController();
    const left = broadcast.subscribe({ signal: stop.signal });
    broadcast.send(1);
    stop.abort();
    for (let i = 0; i < 20_000; i += 1) broadcast.send(i);
    expect(broadcast.lost).toBe(0);
    expect(await Array.fromAsync(left)).toEqual([1]);
    expect(await Array.fromAsync(broadcast.subscribe({ signal: stop.signal }))).toEqual([]);
  });

  test('tells what was sent up to its end to whoever is reading', async () => {
    const broadcast = createBroadcast<number>({ dropped: (count) => -count });
    const stop = new AbortController();
    const closing = Array.fromAsync(broadcast.subscribe());
    const aborting = Array.fromAsync(broadcast.subscribe({ signal: stop.signal }));
    broadcast.send(1);
    stop.abort();
    expect(await aborting).toEqual([1]);
    broadcast.send(2);
    broadcast.close();
    expect(await closing).toEqual([1, 2]);
  });
});

test('the clock sleeps no longer than its signal allows', async () => {
  await systemClock.sleep(60_000, AbortSignal.abort());
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await sleeping;
  await systemClock.sleep(1);
});
