import { compare } from './compare.ts';
import type { Comparison } from './compare.ts';
import { replay } from './replay.ts';
import type { Script } from './script.ts';
import type { Server } from './wire.ts';

/** Scripts wait more than they work; told side by side they share the waiting. */
const SIDE_BY_SIDE = 4;

/** Tells every script to both servers; comparisons come in the order of the scripts. */
export async function tellAll(scripts: readonly Script[], real: Server, ours: Server): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  const waiting = scripts.entries();
  const teller = async (): Promise<void> => {
    for (const [index, script] of waiting) {
      const [right, other] = await Promise.all([replay(script, real), replay(script, ours)]);
      comparisons[index] = compare(right, other);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, teller));
  return comparisons;
}
