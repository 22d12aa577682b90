import type { Revision, Snapshot } from '@homeostat/git';
import type { PassEvent } from './events.ts';
import type { Ports } from './ports.ts';
import type { Turn } from './turns.ts';

/** A snapshot, and what the source names as newest where another commit was asked for. */
export interface Fetched {
  readonly snapshot: Snapshot;
  readonly newest?: Revision;
}

/**
 * The snapshot of the source's newest revision, or of the one that is asked for, for a render of this path. An unchanged commit costs
 * one small request to the source and nothing else; a host that does not answer holds no turn.
 *
 * With `instead` the commit takes the place of the newest: that is asked for too, in order to be told, but need not be had.
 *
 * @throws {GitError} whatever the source says.
 */
export async function* fetchRevision(
  { source, memory }: Ports,
  {
    path,
    instead,
    signal,
    turn,
    ...wished
  }: {
    readonly path: string;
    readonly revision?: Revision;
    readonly instead?: string;
    readonly signal: AbortSignal;
    readonly turn: Turn;
  },
): AsyncGenerator<PassEvent, Fetched> {
  const resolve = async (): Promise<Revision | undefined> => {
    const resolving = source.resolve({ signal });
    return instead === undefined ? await resolving : await resolving.catch(() => undefined);
  };
  const resolved = wished.revision ?? (await turn.wait(resolve));
  const revision = instead === undefined ? (resolved as Revision) : { commit: instead };
  const newest = instead !== undefined && resolved !== undefined ? { newest: resolved } : {};
  yield { type: 'revision', revision, ...newest };
  if (memory.snapshot?.revision.commit !== revision.commit)
    memory.snapshot = await source.fetch(revision, { signal, ...pathsOf(path) });
  return { snapshot: memory.snapshot, ...newest };
}

/** What render is going to read. A path that leads out of the repository is a finding of render, and no matter of the source. */
function pathsOf(path: string): { readonly paths?: readonly string[] } {
  return path.split('/').includes('..') ? {} : { paths: [path.replace(/^\/+/, '')] };
}
