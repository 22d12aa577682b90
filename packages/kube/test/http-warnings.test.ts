import { describe, expect, test } from 'vitest';
import { parseWarnings } from '../src/http/warnings.ts';

describe('warning headers', () => {
  test('are unquoted, in order', () => {
    expect(parseWarnings(['299 - "unknown field \\"metadata.foo\\""', '299 - "second"'])).toEqual([
      'unknown field "metadata.foo"',
      'second',
    ]);
  });

  test('joined by commas are taken apart, though a text holds commas itself', () => {
    expect(parseWarnings('299 - "a, b", 299 - "c \\\\ d" "Wed, 25 Nov 2026 10:00:00 GMT",199 host:80 "e"')).toEqual([
      'a, b',
      'c \\ d',
      'e',
    ]);
  });

  test('hold UTF-8, which arrives as Latin-1', () => {
    expect(parseWarnings(`299 - "${Buffer.from('Größe → 1', 'utf8').toString('latin1')}"`)).toEqual(['Größe → 1']);
    expect(parseWarnings('299 - "caf\u00e9"')).toEqual(['caf\u00e9']);
  });

  test('that are malformed end the list', () => {
    expect(parseWarnings('299 - "good", nonsense, 299 - "lost"')).toEqual(['good']);
    expect(parseWarnings('299 - "open')).toEqual([]);
    expect(parseWarnings('')).toEqual([]);
    expect(parseWarnings(undefined)).toEqual([]);
  });
});
