import { Bell, poll } from './changes.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { cancelled } from './cancel.ts';
import { GitError } from './error.ts';
import { FileSetHistory, makeFileSet } from './file-set.ts';
import type { FileBlob } from './file-set.ts';
import { defaultLimits } from './limits.ts';
import { makeObject } from './object.ts';
import { badPath, checkEntryName, splitPath } from './paths.ts';
import { openSnapshot } from './snapshot.ts';
import type { Revision, Source } from './source.ts';
import { createTreeCache } from './tree-view.ts';

/** A source whose files are handed in: for tests, for generated manifests, for embedding without Git. */
export interface MemorySource extends Source {
  /** Changes files, `null` removing one, and returns the new revision. `changes` sees it at once. */
  write(files: Readonly<Record<string, string | Uint8Array | null>>): Revision;
}

export interface MemorySourceOptions {
  readonly clock?: Clock;
}

/** @throws {GitError} `BAD_PATH` for a path that no tree may hold, or below a file */
export function createMemorySource(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  { clock = systemClock }: MemorySourceOptions = {},
): MemorySource {
  const limits = defaultLimits;
  const history = new FileSetHistory();
  const trees = createTreeCache();
  const bell = new Bell();
  const closed = new AbortController();
  let current = new Map<string, FileBlob>();

  const write = (changed: Readonly<Record<string, string | Uint8Array | null>>): Revision => {
    const next = new Map(current);
    for (const [path, content] of Object.entries(changed)) {
      const names = splitPath(path, limits);
      for (const [at, name] of names.entries()) checkEntryName(name, names.slice(0, at).join('/'));
      if (names.length === 0) throw badPath(path, 'it names no file');
      const file = names.join('/');
      if (content === null) next.delete(file);
      else next.set(file, { blob: makeObject('blob', Buffer.from(content)), mode: '100644' });
    }
    checkNoFileIsDirectory(next);
    const set = makeFileSet(next, 'files in memory');
    current = next;
    history.add(set);
    bell.ring();
    return { commit: set.commit };
  };
  let latest = write(files);

  const guard = (signal: AbortSignal | undefined): void => {
    for (const one of [closed.signal, signal]) if (one?.aborted === true) throw cancelled(one);
  };
  const resolve = async ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Revision> => {
    guard(signal);
    return await Promise.resolve(latest);
  };

  return {
    description: 'memory',
    location: 'memory',
    write: (changed) => {
      latest = write(changed);
      return latest;
    },
    resolve,
    async fetch(revision, { signal } = {}) {
      guard(signal);
      const set = history.get(revision.commit);
      if (set === undefined) {
        throw new GitError(
          'REF_NOT_FOUND',
          `revision ${revision.commit} is not, or no longer, in memory; resolve again`,
          { retry: 'backoff' },
        );
      }
      const objects = { get: (id: string) => Promise.resolve(set.objects.get(id)) };
      return await openSnapshot(revision, { objects, limits, trees });
    },
    changes: ({ signal, intervalMs = 2 ** 30, onError } = {}) =>
      poll((one) => resolve({ signal: one }), {
        // Only the bell tells of changes: nothing else can bring one.
        signal: signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]),
        intervalMs,
        bell,
        clock,
        random: () => 0.5,
        ...(onError === undefined ? {} : { onError }),
      }),
    notify: () => {
      bell.ring();
    },
    close: () => {
      closed.abort(new GitError('CLOSED', 'the source in memory was closed'));
      return Promise.resolve();
    },
  };
}

function checkNoFileIsDirectory(files: ReadonlyMap<string, FileBlob>): void {
  for (const path of files.keys()) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      if (files.has(path.slice(0, slash))) throw badPath(path, `"${path.slice(0, slash)}" is a file`);
    }
  }
}
