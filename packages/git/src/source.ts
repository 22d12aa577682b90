import type { GitError } from './error.ts';
import type { Person } from './object.ts';

/** One state of a source. */
export interface Revision {
  /** How the source names it (`main`, `v1`, `refs/pull/7/head`); absent where only the commit was given. */
  readonly ref?: string;
  /** SHA-1 in lower-case hex. */
  readonly commit: string;
}

/** `main@sha1:<commit>`, or `sha1:<commit>` without a ref. */
export function printRevision({ ref, commit }: Revision): string {
  return ref === undefined ? `sha1:${commit}` : `${ref}@sha1:${commit}`;
}

/**
 * Where desired state comes from.
 *
 * 1. `resolve` says which revision is current; `fetch` makes exactly that one readable.
 * 2. The same content has the same revision, so an unchanged revision means that nothing has changed.
 * 3. Snapshots stay readable until `close`.
 * 4. Every failure is a {@link GitError}; no message, description or revision holds a secret.
 */
export interface Source {
  /** Printable: where it is and which ref, without credentials. */
  readonly description: string;
  /** Printable: where it is, whatever the ref, without credentials. Two sources of one place have the same. */
  readonly location: string;
  resolve(options?: CallOptions): Promise<Revision>;
  fetch(revision: Revision, options?: FetchOptions): Promise<Snapshot>;
  /**
   * The current revision, and then each that differs from the one before. It ends when the signal aborts, and never
   * throws for a source that cannot be reached: failures go to `onError`, and it tries again with growing pauses.
   */
  changes(options?: ChangesOptions): AsyncIterable<Revision>;
  /** Makes `changes` look now: for a webhook, or whoever knows that something was pushed. */
  notify(): void;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface FetchOptions extends CallOptions {
  /**
   * The directories or files that will be read. The files of the rest need not be fetched, where the source can leave them out,
   * and those below come when they are read: read through {@link TreeView.prefetch} they are one request. All stay readable.
   * Default: everything.
   */
  readonly paths?: readonly string[];
}

export interface ChangesOptions extends CallOptions {
  /** Between two looks, spread by a fifth to both sides. Default 30 s for a remote, 2 s for a local directory. */
  readonly intervalMs?: number;
  readonly onError?: (error: GitError) => void;
}

/** A read-only view of one revision. */
export interface Snapshot {
  readonly revision: Revision;
  readonly commit: CommitInfo;
  readonly tree: TreeView;
  /** What was met so far while reading the tree, by path. */
  readonly findings: readonly SourceFinding[];
}

export interface CommitInfo {
  readonly id: string;
  readonly author: Person;
  /** When it was committed, in milliseconds since 1970. */
  readonly time: number;
  readonly message: string;
}

/**
 * The files of a snapshot. Paths are relative to its root, `/` between names; `''` is the root.
 *
 * 1. Symbolic links are followed within the tree only; one that leaves it, or goes round in circles, is `BAD_PATH`.
 * 2. Whatever is listed comes in the order of its names' code units.
 * 3. What is read has been checked against its object id.
 */
export interface TreeView {
  /** @throws {GitError} `FILE_NOT_FOUND` if there is no such directory */
  list(path: string): Promise<readonly TreeEntry[]>;
  /** @throws {GitError} `FILE_NOT_FOUND` if there is no such file, `LIMIT_EXCEEDED` if it is over `limits.fileBytes` */
  read(path: string): Promise<Uint8Array>;
  /**
   * Makes the contents of these files ready to be read, those that are not at hand in one request. Links are not followed;
   * paths that lead nowhere are passed over. Without it a file that is read and not at hand brings all along that is missing below
   * {@link FetchOptions.paths}.
   */
  prefetch(paths: readonly string[]): Promise<void>;
  /** The object id of the file or directory, links followed; undefined if there is none. Same id, same content. */
  oid(path: string): Promise<string | undefined>;
  /** Every file below a directory. Links to files count as files; links to directories are not entered. */
  walk(path?: string): AsyncIterable<TreeFile>;
}

export interface TreeEntry {
  readonly name: string;
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'submodule';
  readonly oid: string;
  /** Only on files. */
  readonly executable?: boolean;
}

export interface TreeFile {
  readonly name: string;
  readonly path: string;
  readonly oid: string;
  readonly executable: boolean;
}

export type SourceFindingCode =
  | 'LFS_POINTER' // a file whose content is in Git LFS
  | 'SUBMODULE' // a directory that is another repository
  | 'BAD_SYMLINK'; // a link that leads nowhere, out of the tree, or round in circles

/** Something in the tree that stands for content which is not there: what was rendered without it is not complete. */
export interface SourceFinding {
  readonly severity: 'error';
  readonly code: SourceFindingCode;
  readonly message: string;
  readonly hint: string;
  readonly origin: { readonly path: string };
}
