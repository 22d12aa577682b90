/** YAML as the server reads it: the scalars of the rows that were recorded from kubectl, which reads them by the same library. */
import { describe, expect, test } from 'vitest';
import { rows } from '../../../test/support/yaml-rows.ts';
import { readYaml } from '../src/decode/read-yaml.ts';

/** A scalar as a value, or as the key of a map, with a tag or without. */
const SCALAR = /^v:(?: |\n  )(?:!!\w+ )?(?:"[^"\n]*"|[^\s"'[\]{}|>&*!%?,:]+)(?:: x)?\n$/;
const scalars = rows.filter(({ yaml }) => SCALAR.test(yaml));

test('a hundred rows are about scalars', () => expect(scalars.length).toBeGreaterThan(100));

describe('a scalar that kubectl reads, the server reads alike', () => {
  test.each(scalars.map((row) => [row.yaml, row] as const))('%j', (yaml, row) => {
    if ('refused' in row) expect(() => readYaml(yaml)).toThrow();
    else expect(readYaml(yaml).value).toEqual({ v: row.value });
  });
});

test('what does not fit its tag is refused with the tag that it has', () => {
  const wordsOf = (yaml: string): string => {
    try {
      return `read as ${JSON.stringify(readYaml(yaml).value)}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(
    ['v: !!int 9.', 'v: !!bool 1', 'v: !!int x', 'v: !!null "0"', 'v: !!int true', 'v: !!binary "%"'].map(wordsOf),
  ).toEqual([
    'yaml: cannot decode !!float `9.` as a !!int',
    'yaml: cannot decode !!int `1` as a !!bool',
    'yaml: cannot decode !!str `x` as a !!int',
    'yaml: cannot decode !!int `0` as a !!null',
    'yaml: cannot decode !!bool `true` as a !!int',
    'yaml: !!binary value contains invalid base64 data',
  ]);
});
