import { seededRandom } from '@homeostat/apiserver';

/** Chance by a seed: the same seed, the same draws. */
export interface Draw {
  readonly random: () => number;
  /** A whole number from `from` to `to`, both included. */
  readonly between: (from: number, to: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** The items in another order. */
  readonly shuffle: <T>(items: readonly T[]) => readonly T[];
  readonly chance: (probability: number) => boolean;
}

/** Stands in the title of every test that draws: `SEED=… npm test -- FILE` draws the same again. */
export const SEED: number = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

export function draw(seed: number = SEED): Draw {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  return {
    random,
    between,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('there is nothing to pick from');
      return items[between(0, items.length - 1)]!;
    },
    shuffle: (items) => {
      const rest = [...items];
      return items.map(() => rest.splice(between(0, rest.length - 1), 1)[0]!);
    },
    chance: (probability) => random() < probability,
  };
}
