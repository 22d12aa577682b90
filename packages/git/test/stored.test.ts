import { inflateSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { storedStream } from '../src/stored.ts';
import { seeded } from './random.ts';

test('a stored stream inflates to its content, whatever its size', () => {
  const random = seeded('stored streams');
  for (const size of [0, 1, 3799, 3800, 3801, 65_534, 65_535, 65_536, 131_070, 131_071, random.int(300_000)]) {
    const content = random.bytes(size);
    expect(inflateSync(storedStream(content)).equals(content), `${size} bytes`).toBe(true);
  }
  const highest = Buffer.alloc(1 << 20, 0xff);
  expect(inflateSync(storedStream(highest)).equals(highest)).toBe(true);
});
