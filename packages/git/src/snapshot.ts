import { GitError } from './error.ts';
import type { Limits } from './limits.ts';
import { parseCommit } from './object.ts';
import type { SnapshotReader } from './repository.ts';
import type { Revision, Snapshot, SourceFinding } from './source.ts';
import { createTreeView } from './tree-view.ts';
import type { TreeCache } from './tree-view.ts';

export interface SnapshotOptions {
  readonly objects: SnapshotReader;
  readonly limits: Limits;
  readonly trees: TreeCache;
  /** What a file that is read without notice brings along: all that is missing below these. Default: nothing. */
  readonly paths?: readonly string[];
}

/** Opens the snapshot of a revision whose objects are at hand. */
export async function openSnapshot(
  revision: Revision,
  { objects, limits, trees, paths = [] }: SnapshotOptions,
): Promise<Snapshot> {
  const object = await objects.get(revision.commit);
  if (object === undefined) {
    throw new GitError('CORRUPT_OBJECT', `commit ${revision.commit} cannot be read; fetch it again`, {
      retry: 'backoff',
    });
  }
  if (object.type !== 'commit') {
    throw new GitError(
      'REF_NOT_FOUND',
      `${revision.commit} is a ${object.type}, not a commit; give the id of a commit, or a branch or tag`,
    );
  }
  const { id, tree, author, time, message } = parseCommit(object);
  const findings = new Map<string, SourceFinding>();
  const found = (finding: SourceFinding): void => {
    findings.set(`${finding.origin.path}\0${finding.code}`, finding);
  };
  return {
    revision,
    commit: { id, author, time, message },
    tree: createTreeView({ objects, root: tree, limits, cache: trees, found, paths }),
    get findings() {
      return [...findings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
    },
  };
}
