import { randomBytes } from 'node:crypto';

/** In [0, 1). */
export type Random = () => number;

const DRAW_BYTES = 6;
const POOL_BYTES = 1024 * DRAW_BYTES;

/** The system's own, fit for secrets. It is asked for some thousand bytes at once: a uid takes thirty draws. */
export function systemRandom(): Random {
  let pool: Buffer = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used === pool.length) {
      pool = randomBytes(POOL_BYTES);
      used = 0;
    }
    used += DRAW_BYTES;
    return pool.readUIntBE(used - DRAW_BYTES, DRAW_BYTES) / 2 ** (8 * DRAW_BYTES);
  };
}

/** The same sequence for the same seed (mulberry32). For runs that must repeat, not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HEX = '0123456789abcdef';
/** What Kubernetes makes names of: no vowels and nothing that is easily misread. */
const NAME = 'bcdfghjklmnpqrstvwxz2456789';

function pick(random: Random, letters: string, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += letters[Math.floor(random() * letters.length)] ?? '';
  return text;
}

/** A version 4 UUID. */
export function uuid(random: Random): string {
  const hex = pick(random, HEX, 30);
  const variant = '89ab'[Math.floor(random() * 4)] ?? '8';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}

/** What is put behind a `generateName`. */
export function nameSuffix(random: Random): string {
  return pick(random, NAME, 5);
}

export function hexToken(random: Random, length: number): string {
  return pick(random, HEX, length);
}
