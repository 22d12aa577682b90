import type { Snapshot } from '@homeostat/git';
import type { PassEvent } from './events.ts';
import type { Ports } from './ports.ts';

/**
 * The snapshot of the source's newest revision, or of the one that is asked for. An unchanged commit costs one small
 * request to the source and nothing else.
 *
 * @throws {GitError} whatever the source says.
 */
export async function* fetchRevision(
  { source, memory }: Ports,
  { commit, signal }: { readonly commit?: string; readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Snapshot> {
  const revision = commit === undefined ? await source.resolve({ signal }) : { commit };
  yield { type: 'revision', revision };
  if (memory.snapshot?.revision.commit !== revision.commit) memory.snapshot = await source.fetch(revision, { signal });
  return memory.snapshot;
}
