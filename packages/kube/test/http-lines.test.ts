import { describe, expect, test } from 'vitest';
import { splitLines } from '../src/http/lines.ts';
import { property } from './property.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
  let start = 0;
  for (const end of ends) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function linesOf(bytes: Uint8Array, cuts: readonly number[]): Promise<string[]> {
  return Array.fromAsync(splitLines(pieces(bytes, cuts)));
}

describe('splitting a watch into lines', () => {
  property('gives the same lines wherever the bytes are cut', async (random) => {
    const lines = random.list(5, () =>
      random.list(8, () => random.pick(['a', '{"x":1}', 'ü', '→', '😀', '\\n', '\r', ' '])).join(''),
    );
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const cuts = random.list(10, () => random.below(bytes.length + 1));
    expect(await linesOf(bytes, cuts)).toEqual(lines.filter((line) => line !== ''));
  });

  test('gives the same lines when every byte comes alone', async () => {
    const bytes = Buffer.from('{"a":"ü"}\n{"b":"😀"}\n');
    expect(await linesOf(bytes, [...bytes.keys()])).toEqual(['{"a":"ü"}', '{"b":"😀"}']);
  });

  test('yields a last line without a newline', async () => {
    expect(await linesOf(Buffer.from('one\ntwo'), [1, 5])).toEqual(['one', 'two']);
  });
});
