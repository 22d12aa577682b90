import { describe, expect, test } from 'vitest';
import type { RefKey } from '@homeostat/kube';
import { refKey } from '@homeostat/kube';
import { createBroadcast } from '../src/broadcast.ts';
import { createHeat } from '../src/heat.ts';
import { pauseFor } from '../src/pause.ts';
import { systemClock } from '@homeostat/reconcile';

const key = (name: string): RefKey => refKey({ group: '', kind: 'ConfigMap', namespace: 'demo', name });

describe('heat', () => {
  function heated() {
    let now = 0;
    const heat = createHeat({ now: () => now, sleep: () => Promise.resolve() });
    return {
      heat,
      pass: (ms: number): void => {
        now += ms;
      },
    };
  }

  test('the first repairs follow at once; from the fifth on the pause doubles, from 1 s to 5 min', () => {
    const { heat } = heated();
    const pauses = Array.from({ length: 16 }, () => heat.add(key('a')));
    expect(pauses).toEqual([
      0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000,
    ]);
  });

  test('an object is due when its pause is over, and cools by itself', () => {
    const { heat, pass } = heated();
    for (let i = 0; i < 5; i += 1) heat.add(key('a'));
    expect(heat.isDue(key('a'))).toBe(false);
    expect(heat.next([key('a')])).toBe(1_000);
    pass(1_000);
    expect(heat.isDue(key('a'))).toBe(true);
    pass(5 * 60_000);
    expect(heat.add(key('a'))).toBe(0);
  });

  test('a repair now and then is no fight', () => {
    const { heat, pass } = heated();
    for (let i = 0; i < 100; i += 1) {
      expect(heat.add(key('a'))).toBe(0);
      pass(30_000);
    }
  });

  test('one hot object holds no other', () => {
    const { heat } = heated();
    for (let i = 0; i < 9; i += 1) heat.add(key('a'));
    expect(heat.isDue(key('b'))).toBe(true);
    expect(heat.next([key('a'), key('b')])).toBe(0);
    expect(heat.next([])).toBeUndefined();
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

  test('is never shorter than the server asks for', () => {
    expect(pauseFor(['backoff', { afterMs: 30_000 }, { afterMs: 7_000 }], 1, 1)).toBe(30_000);
    expect(pauseFor([{ afterMs: 1 }], 1, 1)).toBe(1_000);
  });
});

describe('a broadcast', () => {
  test('reaches every subscriber from the moment that it subscribes, and ends', async () => {
    const broadcast = createBroadcast<number>((count) => -count);
    const first = broadcast.subscribe();
    broadcast.send(1);
    const second = broadcast.subscribe();
    broadcast.send(2);
    broadcast.close();
    expect(await Array.fromAsync(first)).toEqual([1, 2]);
    expect(await Array.fromAsync(second)).toEqual([2]);
  });

  test('drops the oldest for a subscriber that lags, and tells it how many', async () => {
    const broadcast = createBroadcast<number>((count) => -count);
    const slow = broadcast.subscribe();
    for (let i = 0; i < 10_003; i += 1) broadcast.send(i);
    broadcast.close();
    const seen = await Array.fromAsync(slow);
    expect(seen.slice(0, 2)).toEqual([-3, 3]);
    expect(seen).toHaveLength(10_001);
  });

  test('tells what was sent up to its end to whoever is reading', async () => {
    const broadcast = createBroadcast<number>((count) => -count);
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
