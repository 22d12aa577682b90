import { compare } from './compare.ts';
import type { Comparison, Difference } from './compare.ts';
import { replay } from './replay.ts';
import type { Script } from './script.ts';
import type { Server } from './wire.ts';

/** Scripts wait more than they work; told side by side they share the waiting. */
const SIDE_BY_SIDE = 4;
const AGAIN = 3;

/**
 * Tells every script to both servers; comparisons come in the order of the scripts.
 *
 * The real server is no clockwork: its controllers and caches are now and then slower than a story. A script that was
 * answered differently is told again, up to three times, and what differs every time counts.
 */
export async function tellAll(scripts: readonly Script[], real: Server, ours: Server): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  const waiting = scripts.entries();
  const tell = async (script: Script): Promise<Comparison> => {
    const [right, other] = await Promise.all([replay(script, real), replay(script, ours)]);
    return compare(right, other);
  };
  const teller = async (): Promise<void> => {
    for (const [index, script] of waiting) {
      let told = await tell(script);
      for (let again = 0; again < AGAIN && told.differences.length > 0; again++)
        told = inBoth(told, await tell(script));
      comparisons[index] = told;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, teller));
  return comparisons;
}

function inBoth(first: Comparison, again: Comparison): Comparison {
  const steps = new Set(first.differences.map(({ step }: Difference) => step));
  return { ...again, differences: again.differences.filter(({ step }) => steps.has(step)) };
}
