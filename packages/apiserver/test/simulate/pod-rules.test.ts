import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/simulate/pod-rules.ts';

test('a star stands for any text, none included', () => {
  const fits = ['nginx', '*', 'n*x', '*nginx*', 'ng*in*x', 'n*g*i*n*x'];
  expect(fits.filter((pattern) => !matchesPattern(pattern, 'nginx'))).toEqual([]);
  const misfits = ['', 'ngin', '*x*y', 'nginx*x', 'ng*gi*', 'n*gn*x'];
  expect(misfits.filter((pattern) => matchesPattern(pattern, 'nginx'))).toEqual([]);
});

test('a hostile pattern takes no longer than it is', () => {
  const pattern = `${'a*'.repeat(5000)}b`;
  expect(matchesPattern(pattern, 'a'.repeat(20_000))).toBe(false);
});
