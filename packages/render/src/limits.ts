/** Bounds on hostile or broken input. What exceeds one is an error finding; the rest of the input is still rendered. */
export interface Limits {
  /** Bytes of one file. Default 5 MiB, the size at which kubectl gives up as well. */
  readonly fileBytes: number;
  /** Alias nodes (`*name`) in one document. Default 1,000. */
  readonly aliases: number;
  /** What aliases add to one document when written out, in characters. Default 10 MiB. */
  readonly expansion: number;
  /** Nested collections in one document, aliases followed. Default 1,000. */
  readonly depth: number;
  /** Keys copied by merges (`<<`) in one document. Default 10,000. */
  readonly mergeKeys: number;
  /** Objects of one render. Default 100,000. */
  readonly objects: number;
  /** Nested directories below the path. Default 64. */
  readonly directoryDepth: number;
}

export const defaultLimits: Limits = Object.freeze({
  fileBytes: 5 * 1024 * 1024,
  aliases: 1000,
  expansion: 10 * 1024 * 1024,
  depth: 1000,
  mergeKeys: 10_000,
  objects: 100_000,
  directoryDepth: 64,
});
