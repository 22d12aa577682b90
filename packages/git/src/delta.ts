import { GitError } from './error.ts';

/**
 * Applies a delta of a pack to its base.
 *
 * @param maxBytes what the result may hold
 * @throws {GitError} `CORRUPT_PACK` for a delta that does not fit its base, `LIMIT_EXCEEDED` for too large a result.
 */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  const header = readSizes(delta);
  if (header.base !== base.length) throw corrupt('its base has another size');
  if (header.result > maxBytes) {
    throw new GitError(
      'LIMIT_EXCEEDED',
      `an object of ${header.result} bytes is over limits.objectBytes (${maxBytes})`,
    );
  }
  const result = Buffer.allocUnsafe(header.result);
  let from = header.length;
  let to = 0;
  while (from < delta.length) {
    const command = delta[from++] as number;
    if ((command & 0x80) === 0) {
      if (command === 0) throw corrupt('it holds a reserved command');
      if (from + command > delta.length || to + command > result.length)
        throw corrupt('an insertion goes beyond its end');
      delta.copy(result, to, from, from + command);
      from += command;
      to += command;
      continue;
    }
    let offset = 0;
    let size = 0;
    // Each bit says whether the next byte of the little-endian offset (4) and size (3) is there.
    for (let bit = 0; bit < 4; bit++) if (command & (1 << bit)) offset += (delta[from++] ?? Number.NaN) * 256 ** bit;
    for (let bit = 0; bit < 3; bit++) if (command & (0x10 << bit)) size += (delta[from++] ?? Number.NaN) * 256 ** bit;
    if (size === 0) size = 0x10000;
    // Negated, so that a delta that ends within a command (NaN) is refused as well.
    if (!(offset + size <= base.length && to + size <= result.length)) throw corrupt('a copy goes beyond its end');
    base.copy(result, to, offset, offset + size);
    to += size;
  }
  if (to !== result.length) throw corrupt('it ends too early');
  return result;
}

interface DeltaSizes {
  readonly base: number;
  readonly result: number;
  /** Bytes that the header takes. */
  readonly length: number;
}

function readSizes(delta: Buffer): DeltaSizes {
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = delta[at++];
      if (byte === undefined || factor > 2 ** 42) throw corrupt('its header is malformed');
      value += (byte & 0x7f) * factor;
      if ((byte & 0x80) === 0) return value;
    }
  };
  const base = read();
  const result = read();
  return { base, result, length: at };
}

function corrupt(what: string): GitError {
  return new GitError(
    'CORRUPT_PACK',
    `the pack holds a broken delta: ${what}; fetch again, and if it stays, run git fsck on the server`,
    {
      retry: 'backoff',
    },
  );
}
