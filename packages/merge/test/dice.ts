/** Random choices from a seed, the same everywhere: `SEED=…` repeats a run. */
export interface Dice {
  readonly roll: (sides: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly chance: (percent: number) => boolean;
  /** Some of the choices, in random order. */
  readonly some: <T>(choices: readonly T[]) => T[];
}

export const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

export function dice(start: number): Dice {
  let state = start | 0;
  const roll = (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % sides;
  };
  const pick = <T>(choices: readonly T[]): T => choices[roll(choices.length)] as T;
  return {
    roll,
    pick,
    chance: (percent) => roll(100) < percent,
    some: (choices) => {
      const left = [...choices];
      return Array.from({ length: roll(choices.length + 1) }, () => left.splice(roll(left.length), 1)).flat();
    },
  };
}
