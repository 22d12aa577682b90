import { createDiskStore } from './disk-store.ts';
import { createMemoryStore } from './memory-store.ts';
import type { ObjectReader } from './object.ts';
import type { PackSink } from './pack.ts';

/**
 * Holds the objects of one repository, by their id. Sources that read the same repository may share one.
 *
 * 1. What it hands out has been checked against its id. An object that is damaged at rest counts as absent.
 * 2. A pack enters as a whole, with everything its snapshot refers to (or all its trees, see {@link PartialStore}), or not at all.
 * 3. It is bounded: over `maxBytes` it keeps the snapshots used last and forgets the others.
 */
export interface ObjectStore extends ObjectReader {
  /** The commits whose snapshots are held completely, last used first. */
  commits(): Promise<readonly string[]>;
  /** Begins to take in a pack. */
  begin(): Promise<StoreWriter>;
  /** Notes that a commit is in use. */
  touch(commit: string): Promise<void>;
  /** Runs `task` unless one of that key already runs; then its result is shared. It is cancelled with its last caller. */
  once<T>(key: string, task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** How snapshots are held in parts; absent in a store that holds whole ones only. */
  readonly partial?: PartialStore;
  close(): Promise<void>;
}

/** Holds commits with their trees, and of their files those that somebody asked for. */
export interface PartialStore {
  /** The commits that are held so, last used first. */
  commits(): readonly string[];
  has(id: string): boolean;
  begin(): Promise<PartialWriter>;
}

export interface PartialWriter extends PackSink {
  /** Makes a commit and its trees visible. @throws {GitError} as {@link StoreWriter.finish}, for a tree that is missing */
  finishTrees(commit: string): Promise<void>;
  /** Makes single objects visible. @throws {GitError} `LIMIT_EXCEEDED` if they do not fit */
  finishObjects(): Promise<void>;
  /** Throws everything away. Does nothing after the others. */
  discard(): Promise<void>;
}

export interface StoreWriter extends PackSink {
  /**
   * Makes everything visible.
   *
   * @throws {GitError} `CORRUPT_PACK` if the commit's snapshot is not complete, `LIMIT_EXCEEDED` if it does not fit
   */
  finish(commit: string): Promise<void>;
  /** Throws everything away. Does nothing after {@link StoreWriter.finish}. */
  discard(): Promise<void>;
}

export interface ObjectStoreOptions {
  /** Where objects survive a restart: a bare Git repository of its own. In memory without it. */
  readonly directory?: string;
  /** Default 256 MiB in memory, 2 GiB on disk. */
  readonly maxBytes?: number;
}

/** Creates a store in memory, or on disk if there is a directory. Nothing is read or written before its first use. */
export function createObjectStore({ directory, maxBytes }: ObjectStoreOptions = {}): ObjectStore {
  if (directory === undefined) return createMemoryStore(maxBytes ?? 256 * 1024 * 1024);
  return createDiskStore(directory, maxBytes ?? 2048 * 1024 * 1024);
}
