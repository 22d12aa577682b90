import { expect, test } from 'vitest';
import type { State, StatusEntry } from '../src/index.ts';
import { aggregate } from '../src/index.ts';

const entry = (name: string, state: State, since?: number): StatusEntry => ({
  ref: { group: '', kind: 'ConfigMap', namespace: 'demo', name },
  status: { state, reason: state, message: '' },
  ...(since !== undefined && { since }),
});

test('the whole is as bad as its worst part', () => {
  const order: readonly State[] = ['Current', 'InProgress', 'NotFound', 'Terminating', 'Unknown', 'Failed'];
  order.forEach((worst, index) => {
    const entries = order.slice(0, index + 1).map((state) => entry(state, state));
    expect(aggregate(entries).state).toBe(worst);
    expect(aggregate(entries.toReversed()).state).toBe(worst);
  });
});

test('nothing is there at once', () => {
  const counts = { Current: 0, InProgress: 0, NotFound: 0, Terminating: 0, Unknown: 0, Failed: 0 };
  expect(aggregate([])).toEqual({ state: 'Current', counts, notReady: [] });
});

test('counts every part and shows the ten worst, in an order that does not depend on the input', () => {
  const entries = [
    ...Array.from({ length: 12 }, (_, index) => entry(`p${String(index).padStart(2, '0')}`, 'InProgress', index)),
    entry('z', 'Failed', 7),
    entry('ok', 'Current'),
  ];
  const whole = aggregate(entries);
  expect(whole.counts).toMatchObject({ Current: 1, InProgress: 12, Failed: 1 });
  expect(whole.notReady.map(({ ref }) => ref.name)).toEqual([
    'z',
    ...Array.from({ length: 9 }, (_, index) => `p0${index}`),
  ]);
  expect(whole.notReady[0]).toMatchObject({ since: 7 });
  expect(aggregate(entries.toReversed())).toEqual(whole);
});
