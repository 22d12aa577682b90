import { deadline } from './cancel.ts';
import { GitError } from './error.ts';
import type { Limits } from './limits.ts';
import type { ObjectReader } from './object.ts';
import { unpack } from './pack.ts';
import type { RemoteRef } from './refs.ts';
import type { Remote } from './remote.ts';
import type { ObjectStore } from './store.ts';

/** A repository whose snapshots can be read: refs, and objects once their commit has been loaded. */
export interface Repository {
  /** Printable. */
  readonly where: string;
  refs(prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]>;
  /** Afterwards every object of the commit's snapshot can be read. Costs nothing if that is so already. */
  load(commit: string, signal: AbortSignal): Promise<void>;
  /** Reads the objects of a commit's snapshot. */
  objects(commit: string): ObjectReader;
  close(): Promise<void>;
}

export interface FetchedRepositoryOptions {
  readonly remote: Remote;
  readonly store: ObjectStore;
  /** Whether the store is closed with the repository. */
  readonly ownsStore: boolean;
  readonly limits: Limits;
}

/**
 * A remote repository, of which the store keeps what was fetched.
 *
 * 1. Only what is missing is fetched, and once, however many ask for it.
 * 2. What the store has lost, or finds damaged, is fetched again when it is read.
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

  const fetchAgain = async (commit: string): Promise<void> => {
    using limit = deadline(limits.operationMs, undefined);
    await store.once(`${remote.where} ${commit} again`, (shared) => fetchPack(commit, [], shared), limit.signal);
  };

  return {
    where: remote.where,
    refs: (prefixes, signal) => remote.refs(prefixes, signal),
    async load(commit, signal) {
      if ((await store.commits()).includes(commit)) {
        await store.touch(commit);
        return;
      }
      await store.once(`${remote.where} ${commit}`, (shared) => fetchMissing(commit, shared), signal);
    },
    objects: (commit) => ({
      async get(id) {
        const object = await store.get(id);
        if (object !== undefined) return object;
        await fetchAgain(commit);
        return await store.get(id);
      },
    }),
    async close() {
      await remote.close();
      if (ownsStore) await store.close();
    },
  };
}
