import { test } from 'vitest';

/** A source of random choices that a seed repeats. */
export interface Random {
  /** An integer from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  list<T>(maxLength: number, item: () => T): T[];
  text(alphabet: string, maxLength: number): string;
  shuffle<T>(items: readonly T[]): T[];
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Registers a test of a law over random input; a failure names the seed, and `SEED=…` repeats it. */
export function property(title: string, law: (random: Random) => void | Promise<void>, runs = 300): void {
  test(title, async () => {
    const random = randomFrom(seed);
    for (let run = 0; run < runs; run++) {
      try {
        await law(random);
      } catch (error) {
        throw new Error(`broken in run ${run} with SEED=${seed}: ${String(error)}`, { cause: error });
      }
    }
  });
}

/** Mulberry32. */
function randomFrom(start: number): Random {
  let state = start | 0;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[below(items.length)] as T;
  };
  const list = <T>(maxLength: number, item: () => T) => Array.from({ length: below(maxLength + 1) }, item);
  return {
    below,
    pick,
    list,
    text: (alphabet, maxLength) => list(maxLength, () => pick(Array.from(alphabet))).join(''),
    shuffle: (items) => {
      const rest = [...items];
      return items.map(() => rest.splice(below(rest.length), 1)[0]!);
    },
  };
}

/** Any JSON value, with the keys and numbers that go wrong most easily. */
export function randomJson(random: Random, depth = 3): unknown {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return random.pick([0, 1, -1, 0.5, 1e21, -1e-7, 2 ** 53 - 1, 2 ** 53]);
    case 3:
      return random.pick([2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 53n) - 1n]);
    case 4:
    case 5:
      return random.text('aé"\\\n😀0', 5);
    case 6:
      return random.list(4, () => randomJson(random, depth - 1));
    default:
      return Object.fromEntries(
        random.list(4, () => [
          random.pick(['a', 'b', '__proto__', 'constructor', '', 'é', '10', '9']),
          randomJson(random, depth - 1),
        ]),
      );
  }
}
