import { readFile } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cancelled, deadline } from './cancel.ts';
import { Bell, poll } from './changes.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { GitError, reasonOf, systemCode } from './error.ts';
import { FileSetHistory, makeFileSet } from './file-set.ts';
import type { FileBlob, FileSet } from './file-set.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { makeObject } from './object.ts';
import { joinPath } from './paths.ts';
import { SingleFlight } from './single-flight.ts';
import { openSnapshot } from './snapshot.ts';
import type { Revision, Source } from './source.ts';
import { createTreeCache } from './tree-view.ts';

export interface DirectorySourceOptions {
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  /** From 0 up to, but not, 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** A file as it was read, and what told us that it is still the same. */
interface Seen {
  readonly stamp: string;
  readonly file: FileBlob;
}

/**
 * A plain directory as a source: what lies in it now, committed or not. Its revision depends on the content alone.
 *
 * 1. `resolve` reads what has changed since it last looked and keeps it, so a snapshot never changes under its reader.
 *    The last 16 states can be fetched.
 * 2. `.git` is left out, and so is what is neither file, directory nor symbolic link. Empty directories do not exist.
 * 3. Symbolic links are followed within the directory only.
 */
export function createDirectorySource(path: string, options: DirectorySourceOptions = {}): Source {
  const { clock = systemClock, random = Math.random } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const history = new FileSetHistory();
  const trees = createTreeCache();
  const flights = new SingleFlight();
  const bell = new Bell();
  const closed = new AbortController();
  let seen: ReadonlyMap<string, Seen> = new Map();

  const scan = async (signal: AbortSignal): Promise<FileSet> => {
    const now = await readFiles(path, { seen, limits, signal, now: clock.now() });
    const set = makeFileSet(new Map([...now].map(([name, { file }]) => [name, file])), `files in ${path}`);
    seen = now;
    history.add(set);
    return set;
  };
  const resolve = async (signal: AbortSignal | undefined): Promise<Revision> => {
    using limit = deadline(limits.operationMs, signal);
    const { commit } = await flights.run('scan', scan, AbortSignal.any([limit.signal, closed.signal]));
    return { commit };
  };

  return {
    description: path,
    location: path,
    resolve: ({ signal } = {}) => resolve(signal),
    async fetch(revision, { signal } = {}) {
      for (const one of [closed.signal, signal]) if (one?.aborted === true) throw cancelled(one);
      if (history.get(revision.commit) === undefined) await resolve(signal);
      const set = history.get(revision.commit);
      if (set === undefined) {
        throw new GitError(
          'REF_NOT_FOUND',
          `${path} holds other files than at revision ${revision.commit}; resolve again`,
          { retry: 'backoff' },
        );
      }
      const objects = { get: (id: string) => Promise.resolve(set.objects.get(id)) };
      return await openSnapshot(revision, { objects, limits, trees });
    },
    changes: ({ signal, intervalMs = 2000, onError } = {}) =>
      poll(resolve, {
        signal: signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]),
        intervalMs,
        bell,
        clock,
        random,
        ...(onError === undefined ? {} : { onError }),
      }),
    notify: () => {
      bell.ring();
    },
    close: () => {
      closed.abort(new GitError('CLOSED', `the source ${path} was closed`));
      return Promise.resolve();
    },
  };
}

interface ScanOptions {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly now: number;
}

/** With callbacks: a handle for each of thousands of small files costs twice as much as reading them. */
const readWhole = promisify(readFile);

/** A file touched this shortly ago may change again without its stamp changing. */
const racyMs = 2000;
const filesAtOnce = 16;

async function readFiles(root: string, { seen, limits, signal, now }: ScanOptions): Promise<Map<string, Seen>> {
  const found: string[] = [];
  const files = new Map<string, Seen>();
  let bytes = 0;

  const take = async (path: string, target: string): Promise<void> => {
    const stat = await lstat(target, { bigint: true });
    if (!stat.isFile() && !stat.isSymbolicLink()) return;
    const stamp = [stat.ino, stat.size, stat.mode, stat.mtimeNs, stat.ctimeNs].join(' ');
    const before = seen.get(path);
    let file: FileBlob;
    if (before?.stamp === stamp) ({ file } = before);
    else if (stat.size > limits.objectBytes)
      throw overLimit(`the file ${target} of ${stat.size} bytes`, 'objectBytes', limits);
    else if (stat.isSymbolicLink())
      file = { blob: makeObject('blob', Buffer.from(await readlink(target))), mode: '120000' };
    else
      file = {
        blob: makeObject('blob', await readWhole(target)),
        mode: (stat.mode & 0o100n) === 0n ? '100644' : '100755',
      };
    bytes += file.blob.content.length;
    if (bytes > limits.unpackedBytes) throw overLimit(`what ${root} holds`, 'unpackedBytes', limits);
    const isRacy = now - Number(stat.mtimeMs) < racyMs;
    files.set(path, { stamp: isRacy ? '' : stamp, file });
    if (files.size > limits.objects) throw overLimit(`the number of files in ${root}`, 'objects', limits);
  };

  const enter = async (directory: string, depth: number): Promise<void> => {
    if (signal.aborted) throw cancelled(signal);
    if (depth > limits.treeDepth) throw overLimit(`the depth of ${join(root, directory)}`, 'treeDepth', limits);
    const entries = await readdir(join(root, directory), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name === '.git') continue;
      const path = joinPath(directory, entry.name);
      if (entry.isDirectory()) await enter(path, depth + 1);
      else found.push(path);
    }
  };

  const takeFound = async (paths: Iterable<string>): Promise<void> => {
    for (const path of paths) {
      if (signal.aborted) throw cancelled(signal);
      // A file that goes while we look is not there.
      await take(path, join(root, path)).catch(ignoreMissing);
    }
  };

  try {
    await enter('', 0);
    // The file system answers several questions at once, and each takes some turns of the event loop.
    const paths = found.values();
    await Promise.all(Array.from({ length: filesAtOnce }, () => takeFound(paths)));
  } catch (error) {
    if (error instanceof GitError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error)) && files.size === 0) {
      throw new GitError('REPOSITORY_NOT_FOUND', `there is no directory ${root}; check the path`, {
        retry: 'backoff',
        cause: error,
      });
    }
    throw new GitError('STORE', `${root} cannot be read: ${reasonOf(error)}; check its permissions`, {
      retry: 'backoff',
      cause: error,
    });
  }
  return files;
}

function overLimit(what: string, limit: keyof Limits, limits: Limits): GitError {
  return new GitError(
    'LIMIT_EXCEEDED',
    `${what} is over limits.${limit} (${limits[limit]}); raise the limit or choose a smaller directory`,
  );
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}
