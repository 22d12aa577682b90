import { knownDifferences } from './differences.ts';
import { normalize } from './normalize.ts';
import type { KubectlVersion, Story } from './story.ts';
import type { Told } from './tell.ts';

export interface Compared {
  /** What is to be the same: every step but those that are known to differ. */
  readonly real: string;
  readonly ours: string;
  /** Entries of the table that are of no use any more. */
  readonly outdated: readonly string[];
}

export function compare(
  story: Story,
  version: KubectlVersion,
  told: { readonly real: readonly Told[]; readonly ours: readonly Told[] },
): Compared {
  const [real, ours] = [normalize(story, told.real), normalize(story, told.ours)];
  const known = knownDifferences
    .filter(({ story: name, kubectl = version }) => name === story.name && kubectl === version)
    .flatMap(({ commands }) => commands);
  const isKnown = (index: number): boolean => known.some((command) => command === told.real[index]?.command);
  const differs = (command: string): boolean =>
    real.some((text, index) => told.real[index]?.command === command && text !== ours[index]);
  return {
    real: real.filter((_, index) => !isKnown(index)).join('\n'),
    ours: ours.filter((_, index) => !isKnown(index)).join('\n'),
    outdated: known.filter((command) => !differs(command)),
  };
}
