import { GitError } from './error.ts';
import { parseCommit, parseTree } from './object.ts';
import type { GitObject, ObjectReader } from './object.ts';

/** How many snapshots a store keeps at most. */
export const maxSnapshots = 16;

/**
 * Checks that a pack leaves nothing dangling: every object that one of its trees names is in the pack or was there before.
 * As every pack is checked, whatever a store holds it holds completely, and older objects need no second look. With `filesLater`
 * only trees must be there.
 *
 * @throws {GitError} `CORRUPT_PACK`
 */
export async function checkComplete(
  commit: string,
  trees: AsyncIterable<GitObject>,
  objects: { has(id: string): boolean } & ObjectReader,
  { filesLater = false }: { readonly filesLater?: boolean } = {},
): Promise<void> {
  const found = await objects.get(commit);
  if (found === undefined) throw incomplete(`commit ${commit} is not in it`);
  if (found.type !== 'commit') {
    throw new GitError(
      'REF_NOT_FOUND',
      `${commit} is a ${found.type}, not a commit; give the id of a commit, or a branch or tag`,
    );
  }
  const { tree } = parseCommit(found);
  if (!objects.has(tree)) throw incomplete(`tree ${tree} of commit ${commit} is missing`);
  for await (const object of trees) {
    for (const entry of parseTree(object)) {
      if (entry.mode === '160000' || objects.has(entry.id)) continue;
      if (filesLater && entry.mode !== '040000') continue;
      throw incomplete(`object ${entry.id} ("${entry.name}" in tree ${object.id}) is missing`);
    }
  }
}

/** What a store keeps when it has to shrink. */
export interface Retained {
  readonly commits: readonly string[];
  readonly ids: ReadonlySet<string>;
}

/**
 * Walks the snapshots, last used first, as long as they fit. An older one that is not complete any more is left out.
 * Of those in parts it keeps what is there. Only the last used may fill the store: the others leave a quarter free, or the very next pack would shrink it again.
 *
 * @throws {GitError} for the last used: `LIMIT_EXCEEDED` if it does not fit, `CORRUPT_PACK` if it is not complete
 */
export async function retain(
  commits: readonly string[],
  objects: ObjectReader & { sizeOf(id: string): number | undefined },
  maxBytes: number,
  inParts: ReadonlySet<string> = new Set(),
): Promise<Retained> {
  const ids = new Set<string>();
  const kept: string[] = [];
  let bytes = 0;
  for (const commit of commits.slice(0, maxSnapshots)) {
    const snapshot = await reachable(commit, objects, ids, inParts.has(commit));
    const isFirst = commit === commits[0];
    if (snapshot === undefined && isFirst) throw incomplete(`an object of commit ${commit} is damaged`);
    if (snapshot === undefined) continue;
    let added = 0;
    for (const id of snapshot) added += objects.sizeOf(id) ?? 0;
    if (isFirst && added > maxBytes) throw storeTooSmall(maxBytes);
    if (!isFirst && bytes + added > maxBytes * 0.75) break;
    bytes += added;
    for (const id of snapshot) ids.add(id);
    kept.push(commit);
  }
  return { commits: kept, ids };
}

/** Ids that the commit's snapshot needs beyond those already known; undefined if one is missing. */
async function reachable(
  commit: string,
  objects: ObjectReader & { sizeOf(id: string): number | undefined },
  known: ReadonlySet<string>,
  inParts: boolean,
): Promise<Set<string> | undefined> {
  const found = new Set<string>();
  const root = await objects.get(commit);
  if (root?.type !== 'commit') return undefined;
  found.add(commit);
  const stack = [parseCommit(root).tree];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (known.has(id) || found.has(id)) continue;
    const tree = await objects.get(id);
    if (tree?.type !== 'tree') return undefined;
    found.add(id);
    for (const entry of parseTree(tree)) {
      if (entry.mode === '160000') continue;
      if (entry.mode === '040000') stack.push(entry.id);
      else if (objects.sizeOf(entry.id) === undefined) {
        if (!inParts) return undefined;
      } else if (!known.has(entry.id)) found.add(entry.id);
    }
  }
  return found;
}

export function storeTooSmall(maxBytes: number): GitError {
  return new GitError(
    'LIMIT_EXCEEDED',
    `the snapshot does not fit into the object store (maxBytes: ${maxBytes}); raise it, or give the store a directory`,
  );
}

function incomplete(what: string): GitError {
  return new GitError(
    'CORRUPT_PACK',
    `the pack is incomplete: ${what}; fetch again, and if it stays, run git fsck on the server`,
    {
      retry: 'backoff',
    },
  );
}
