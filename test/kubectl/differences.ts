import type { KubectlVersion } from './story.ts';

/** A command that prints something else about the in-memory server, for a reason. */
export interface KnownDifference {
  readonly story: string;
  /** As the story gives it. */
  readonly command: string;
  /** Default: with either. */
  readonly kubectl?: KubectlVersion;
  readonly reason: string;
}

/** An entry that no longer differs fails its story. */
export const knownDifferences: readonly KnownDifference[] = [];
