import { systemClock } from '@homeostat/kube';
import { expect, test } from 'vitest';

test('whoever sleeps longer than a timer of Node can be set does not wake at once', async () => {
  const stop = new AbortController();
  let awake = false;
  const asleep = systemClock.sleep(2 ** 31, stop.signal).then(() => (awake = true));
  await systemClock.sleep(20);
  expect(awake).toBe(false);
  stop.abort();
  await asleep;
});

test('who is told to stop wakes at once, and does not fall asleep any more', async () => {
  const stop = new AbortController();
  const asleep = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await asleep;
  await systemClock.sleep(60_000, stop.signal);
});
