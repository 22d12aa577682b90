/** Tests that say nothing about the in-memory server, or nothing that another test does not say. */
export interface Excluded {
  /** A glob. */
  readonly files: string;
  readonly reason: string;
}

export const needTheRealThing: readonly Excluded[] = [
  {
    files: 'packages/merge/**',
    reason: 'asks the real server what a merge gives: the in-memory one merges with merge',
  },
  { files: 'packages/apiserver/**', reason: 'compares the in-memory server with the real one' },
  { files: 'test/differential/**', reason: 'compares the in-memory server with the real one' },
  { files: 'test/kubectl/**', reason: 'compares what kubectl prints about the in-memory server and the real one' },
  { files: 'packages/render/test/yaml-oracle.*', reason: 'compares rendering with kubectl, without a server' },
  { files: 'packages/apply/test/speed.*', reason: 'measures the real server' },
];
