import type { Difference } from './compare.ts';

/** Steps that the in-memory server answers differently, for a reason. */
export interface KnownDifference {
  /** The script's name, or what its name matches. */
  readonly script: string | RegExp;
  /** Which steps: what their titles match. Default: all. */
  readonly step?: RegExp;
  readonly reason: string;
}

export const knownDifferences: readonly KnownDifference[] = [];

/** The entry that explains a difference. */
export function explain(
  difference: Difference,
  known: readonly KnownDifference[] = knownDifferences,
): KnownDifference | undefined {
  return known.find(
    ({ script, step }) =>
      (typeof script === 'string' ? script === difference.script : script.test(difference.script)) &&
      (step?.test(difference.step) ?? true),
  );
}
