/** Chance, seeded. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number;
  /** True so often. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of the names, the more often the heavier it is. */
  weighted<N extends string>(weights: Readonly<Record<N, number>>): N;
}

export function dice(next: () => number): Dice {
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    weighted(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (left < 0) return name;
      }
      return entries[entries.length - 1]![0];
    },
  };
}
