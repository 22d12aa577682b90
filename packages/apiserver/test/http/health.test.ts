import { expect, test } from 'vitest';
import { health } from '../../src/http/health.ts';

const NOTHING = new URLSearchParams();

test('a server lives before it is ready', () => {
  expect(health('/livez', NOTHING, false)).toMatchObject({ status: 200, body: 'ok' });
  expect(health('/readyz', NOTHING, false)).toMatchObject({
    status: 500,
    body: '[+]ping ok\n[+]log ok\n[-]bootstrap failed: reason withheld\nreadyz check failed\n',
  });
  expect(health('/readyz', NOTHING, true)).toMatchObject({ status: 200, body: 'ok' });
});

test('other paths are no question about health', () => {
  expect(health('/readyz/nope', NOTHING, true)).toBeUndefined();
  expect(health('/version', NOTHING, true)).toBeUndefined();
});
