import { createHash } from 'node:crypto';

import { deadline } from './cancel.ts';
import { GitError } from './error.ts';
import type { Limits } from './limits.ts';
import type { ObjectReader } from './object.ts';
import { unpack } from './pack.ts';
import type { RemoteRef } from './refs.ts';
import type { PartialRemote, Remote } from './remote.ts';
import type { ObjectStore, PartialStore } from './store.ts';

/** A repository whose snapshots can be read: refs, and objects once their commit has been loaded. */
export interface Repository {
  /** Printable. */
  readonly where: string;
  refs(prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]>;
  /**
   * Afterwards every object of the commit's snapshot can be read. Costs nothing if that is so already. With `filesLater` files
   * may still have to be fetched when they are read, where server and store can have it so.
   */
  load(commit: string, signal: AbortSignal, options?: LoadOptions): Promise<void>;
  /** Reads the objects of a commit's snapshot, with the options that it was loaded with. */
  objects(commit: string, options?: LoadOptions): SnapshotReader;
  close(): Promise<void>;
}

export interface LoadOptions {
  /** Default false. */
  readonly filesLater?: boolean;
}

/** Reads the objects of one snapshot. */
export interface SnapshotReader extends ObjectReader {
  /** Where files may be missing; absent where all are at hand. */
  readonly files?: {
    has(id: string): boolean;
    /** Fetches those of them that are missing, in one request. */
    bring(ids: readonly string[]): Promise<void>;
  };
}

export interface FetchedRepositoryOptions {
  readonly remote: Remote;
  readonly store: ObjectStore;
  /** Whether the store is closed with the repository. */
  readonly ownsStore: boolean;
  readonly limits: Limits;
}

/** Ids in one request: a megabyte of them. */
const maxWants = 20_000;

/**
 * A remote repository, of which the store keeps what was fetched.
 *
 * 1. Only what is missing is fetched, and once, however many ask for it.
 * 2. What the store has lost, or finds damaged, is fetched again when it is read.
 * 3. A snapshot whose files come later is held in parts: they are fetched by their ids, as many at once as are asked for.
 */
export function createFetchedRepository({ remote, store, ownsStore, limits }: FetchedRepositoryOptions): Repository {
  const fetchPack = async (commit: string, haves: readonly string[], signal: AbortSignal): Promise<void> => {
    const writer = await store.begin();
    try {
      await unpack(remote.pack({ commit, haves }, signal), writer, { limits, bases: store });
      await writer.finish(commit);
    } finally {
      await writer.discard();
    }
  };

  const fetchMissing = async (commit: string, signal: AbortSignal): Promise<void> => {
    const haves = await store.commits();
    if (haves.length === 0) {
      await fetchPack(commit, [], signal);
      return;
    }
    try {
      await fetchPack(commit, haves, signal);
    } catch (error) {
      // A store that lost an object claims too much, and the pack leans on it. Then everything is fetched.
      if (!(error instanceof GitError) || error.code !== 'CORRUPT_PACK') throw error;
      await fetchPack(commit, [], signal);
    }
  };

  const fetchTrees = async (
    from: PartialRemote,
    held: PartialStore,
    commit: string,
    haves: readonly string[],
    signal: AbortSignal,
  ): Promise<void> => {
    const writer = await held.begin();
    try {
      await unpack(from.trees({ commit, haves }, signal), writer, { limits, bases: store });
      await writer.finishTrees(commit);
    } finally {
      await writer.discard();
    }
  };

  const fetchObjects = async (
    from: PartialRemote,
    held: PartialStore,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<void> => {
    for (let start = 0; start < ids.length; start += maxWants) {
      const writer = await held.begin();
      try {
        const wanted = ids.slice(start, start + maxWants);
        await unpack(from.objects(wanted, signal), writer, { limits, bases: store });
        await writer.finishObjects();
      } finally {
        await writer.discard();
      }
    }
  };

  /** How this snapshot can be had in parts, if server and store have it so. */
  const inParts = async (
    signal: AbortSignal,
  ): Promise<{ readonly from: PartialRemote; readonly held: PartialStore } | undefined> => {
    const held = store.partial;
    const from = held === undefined ? undefined : await remote.partial?.(signal);
    return from === undefined || held === undefined ? undefined : { from, held };
  };

  const loadTrees = async (commit: string, signal: AbortSignal): Promise<boolean> => {
    const parts = await inParts(signal);
    if (parts === undefined) return false;
    const { from, held } = parts;
    if (held.commits().includes(commit)) {
      await store.touch(commit);
      return true;
    }
    const haves = [...(await store.commits()), ...held.commits()];
    const task = async (shared: AbortSignal): Promise<void> => {
      try {
        await fetchTrees(from, held, commit, haves, shared);
      } catch (error) {
        if (!(error instanceof GitError) || error.code !== 'CORRUPT_PACK' || haves.length === 0) throw error;
        await fetchTrees(from, held, commit, [], shared);
      }
    };
    await store.once(`${remote.where} ${commit} trees`, task, signal);
    return true;
  };

  const fetchAgain = async (commit: string, filesLater: boolean): Promise<void> => {
    using limit = deadline(limits.operationMs, undefined);
    if (filesLater && (await loadTrees(commit, limit.signal))) return;
    await store.once(`${remote.where} ${commit} again`, (shared) => fetchPack(commit, [], shared), limit.signal);
  };

  const bring = async (commit: string, ids: readonly string[]): Promise<void> => {
    const { partial: held } = store;
    const missing = [...new Set(ids)].filter((id) => held?.has(id) !== true).sort();
    if (missing.length === 0) return;
    using limit = deadline(limits.operationMs, undefined);
    const task = async (shared: AbortSignal): Promise<void> => {
      // Objects that belong to no commit which is held would be the first to be forgotten.
      if (!(await store.commits()).includes(commit)) await loadTrees(commit, shared);
      const parts = await inParts(shared);
      try {
        if (parts === undefined) await fetchMissing(commit, shared);
        else await fetchObjects(parts.from, parts.held, missing, shared);
      } catch (error) {
        // It leaves files out, but does not give them by their ids: then all of it is fetched.
        if (!(error instanceof GitError) || error.code !== 'REF_NOT_FOUND' || parts === undefined) throw error;
        await fetchMissing(commit, shared);
      }
    };
    const name = createHash('sha256').update(missing.join()).digest('hex');
    await store.once(`${remote.where} files ${name}`, task, limit.signal);
  };

  return {
    where: remote.where,
    refs: (prefixes, signal) => remote.refs(prefixes, signal),
    async load(commit, signal, { filesLater = false } = {}) {
      if ((await store.commits()).includes(commit)) {
        await store.touch(commit);
        return;
      }
      if (filesLater && (await loadTrees(commit, signal))) return;
      await store.once(`${remote.where} ${commit}`, (shared) => fetchMissing(commit, shared), signal);
    },
    objects(commit, { filesLater = false } = {}) {
      const held = filesLater ? store.partial : undefined;
      return {
        async get(id) {
          const object = await store.get(id);
          if (object !== undefined) return object;
          await fetchAgain(commit, held !== undefined);
          return await store.get(id);
        },
        ...(held !== undefined && { files: { has: (id) => held.has(id), bring: (ids) => bring(commit, ids) } }),
      };
    },
    async close() {
      await remote.close();
      if (ownsStore) await store.close();
    },
  };
}
