import type { Revision, Snapshot } from '@homeostat/git';
import type { PassEvent } from './events.ts';
import type { Ports } from './ports.ts';
import type { Turn } from './turns.ts';

/**
 * The snapshot of the source's newest revision, or of the one that is asked for, for a render of this path. An unchanged commit costs
 * one small request to the source and nothing else; a host that does not answer holds no turn.
 *
 * @throws {GitError} whatever the source says.
 */
export async function* fetchRevision(
  { source, memory }: Ports,
  {
    path,
    signal,
    turn,
    ...wished
  }: { readonly path: string; readonly revision?: Revision; readonly signal: AbortSignal; readonly turn: Turn },
): AsyncGenerator<PassEvent, Snapshot> {
  const revision = wished.revision ?? (await turn.wait(() => source.resolve({ signal })));
  yield { type: 'revision', revision };
  if (memory.snapshot?.revision.commit !== revision.commit)
    memory.snapshot = await source.fetch(revision, { signal, ...pathsOf(path) });
  return memory.snapshot;
}

/** What render is going to read. A path that leads out of the repository is a finding of render, and no matter of the source. */
function pathsOf(path: string): { readonly paths?: readonly string[] } {
  return path.split('/').includes('..') ? {} : { paths: [path.replace(/^\/+/, '')] };
}
