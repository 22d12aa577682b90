/**
 * The layer table of packages/README.md, as the boundary test holds it. Imports only go down; packages of one layer never
 * import one another.
 */
export interface Rules {
  readonly layer: number;
  /** Folder names of the packages that it may import. */
  readonly imports: readonly string[];
  /** Files that may do I/O: all of the package, those under some folders of `src`, or none. */
  readonly io: 'all' | 'none' | readonly string[];
  /** Entries that it knows by their types alone: their code comes in through a port. */
  readonly typesOf?: readonly string[];
}

const layers0to2 = ['kube', 'merge', 'git', 'render', 'status', 'cel', 'diff', 'cache', 'apply', 'prune'];

export const layers: Readonly<Record<string, Rules>> = {
  kube: { layer: 0, imports: [], io: ['http'] },
  merge: { layer: 0, imports: [], io: 'none' },
  git: { layer: 0, imports: [], io: 'all' },
  render: { layer: 1, imports: ['kube', 'merge'], io: 'none' },
  status: { layer: 1, imports: ['kube'], io: 'none' },
  cel: { layer: 1, imports: ['kube'], io: 'none' },
  diff: { layer: 1, imports: ['kube', 'merge'], io: 'none' },
  cache: { layer: 2, imports: ['kube'], io: 'none' },
  apply: { layer: 2, imports: ['kube', 'merge'], io: 'none' },
  prune: { layer: 2, imports: ['kube', 'merge'], io: 'none' },
  apiserver: { layer: 3, imports: ['kube', 'merge'], io: 'all' },
  reconcile: { layer: 3, imports: layers0to2, io: 'none', typesOf: ['@homeostat/git', '@homeostat/kube/http'] },
  cli: { layer: 5, imports: [...layers0to2, 'apiserver', 'reconcile'], io: 'all' },
};

/** Built-ins that compute and do nothing else: free everywhere. */
export const pureBuiltins: ReadonlySet<string> = new Set([
  'node:buffer',
  'node:crypto',
  'node:diagnostics_channel',
  'node:util',
  'node:zlib',
]);

/** Dependencies that do I/O: they need it as a built-in does. */
export const ioDependencies: ReadonlySet<string> = new Set(['undici', 'isomorphic-git', '@kubernetes/client-node']);
