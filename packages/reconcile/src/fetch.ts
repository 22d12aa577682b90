import type { Snapshot } from '@homeostat/git';
import type { PassEvent } from './events.ts';
import type { Ports } from './ports.ts';
import type { Turn } from './turns.ts';

/**
 * The snapshot of the source's newest revision, or of the one that is asked for. An unchanged commit costs one small
 * request to the source and nothing else; a host that does not answer holds no turn.
 *
 * @throws {GitError} whatever the source says.
 */
export async function* fetchRevision(
  { source, memory }: Ports,
  { commit, signal, turn }: { readonly commit?: string; readonly signal: AbortSignal; readonly turn: Turn },
): AsyncGenerator<PassEvent, Snapshot> {
  const revision = commit === undefined ? await turn.wait(() => source.resolve({ signal })) : { commit };
  yield { type: 'revision', revision };
  if (memory.snapshot?.revision.commit !== revision.commit) memory.snapshot = await source.fetch(revision, { signal });
  return memory.snapshot;
}
