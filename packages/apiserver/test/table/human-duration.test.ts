import { expect, test } from 'vitest';
import { humanDuration, since } from '../../src/table/human-duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

test.each([
  [-3 * SECOND, '<invalid>'],
  [-2 * SECOND, '<invalid>'],
  [-1 * SECOND, '0s'],
  [-1, '0s'],
  [0, '0s'],
  [119_999, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + SECOND, '2m1s'],
  [10 * MINUTE - SECOND, '9m59s'],
  [10 * MINUTE + SECOND, '10m'],
  [3 * HOUR - SECOND, '179m'],
  [3 * HOUR, '3h'],
  [7 * HOUR + 59 * MINUTE, '7h59m'],
  [8 * HOUR + MINUTE, '8h'],
  [2 * DAY - MINUTE, '47h'],
  [2 * DAY, '2d'],
  [2 * DAY + HOUR, '2d1h'],
  [8 * DAY - HOUR, '7d23h'],
  [8 * DAY + HOUR, '8d'],
  [2 * YEAR - DAY, '729d'],
  [2 * YEAR, '2y'],
  [2 * YEAR + DAY, '2y1d'],
  [8 * YEAR - DAY, '7y364d'],
  [8 * YEAR + 300 * DAY, '8y'],
])('%i ms are %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('what never happened is <unknown>', () => {
  expect(since(undefined, 0)).toBe('<unknown>');
  expect(since(null, 0)).toBe('<unknown>');
  expect(since('1970-01-01T00:00:05Z', 65 * SECOND)).toBe('60s');
});
