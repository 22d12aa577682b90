import { randomInt } from 'node:crypto';

/** Random choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** An integer from 0 up to, but not, `below`. */
  int(below: number): number;
  bytes(length: number): Buffer;
  text(length: number): string;
}

/** Takes its seed from `SEED`, and prints it, so that a failure can be repeated. */
export function seeded(title: string): Random {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  console.log(`${title}: SEED=${seed}`);
  let state = seed >>> 0;
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    seed,
    int,
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
    text: (length) => Array.from({ length }, () => 'abcdefgh \n:-'[int(12)]).join(''),
  };
}
