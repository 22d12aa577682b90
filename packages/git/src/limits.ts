/** What hostile or broken input may cost. Over a limit: `LIMIT_EXCEEDED`; the last good snapshot stays. */
export interface Limits {
  /** Bytes of one pack on the wire. Default 512 MiB. */
  readonly packBytes: number;
  /** Bytes of all objects of one pack, inflated: bounds a decompression bomb. Default 2 GiB. */
  readonly unpackedBytes: number;
  /** Bytes of one object. Default 32 MiB. */
  readonly objectBytes: number;
  /** Bytes of one file that is read. Default 5 MiB. */
  readonly fileBytes: number;
  /** Objects in one pack. Default 2,000,000. */
  readonly objects: number;
  /** Deltas upon deltas. Default 250. */
  readonly deltaChain: number;
  /** Directories within directories. Default 64. */
  readonly treeDepth: number;
  /** Bytes of a path. Default 4096. */
  readonly pathLength: number;
  /** Bytes of a ref advertisement. Default 32 MiB. */
  readonly refBytes: number;
  /** Milliseconds for one resolve or fetch. Default 60,000. */
  readonly operationMs: number;
  /** Redirects that are followed, on the same host only. Default 3. */
  readonly redirects: number;
}

const mebibyte = 1024 * 1024;

export const defaultLimits: Limits = {
  packBytes: 512 * mebibyte,
  unpackedBytes: 2048 * mebibyte,
  objectBytes: 32 * mebibyte,
  fileBytes: 5 * mebibyte,
  objects: 2_000_000,
  deltaChain: 250,
  treeDepth: 64,
  pathLength: 4096,
  refBytes: 32 * mebibyte,
  operationMs: 60_000,
  redirects: 3,
};
