import { cancelled, deadline } from './cancel.ts';
import { Bell, poll } from './changes.ts';
import type { Clock } from './clock.ts';
import { GitError, reasonOf } from './error.ts';
import type { Limits } from './limits.ts';
import { splitPath } from './paths.ts';
import { refNotFound, selectRef } from './refs.ts';
import type { RefSelector } from './refs.ts';
import type { Repository } from './repository.ts';
import { openSnapshot } from './snapshot.ts';
import type { Revision, Source } from './source.ts';
import { createTreeCache } from './tree-view.ts';

export interface RepositorySourceOptions {
  readonly repository: Repository;
  readonly selector: RefSelector;
  readonly description: string;
  readonly location: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: () => number;
  readonly intervalMs: number;
}

/** A source over a repository, wherever it is. */
export function createRepositorySource(options: RepositorySourceOptions): Source {
  const { repository, selector, limits } = options;
  const trees = createTreeCache();
  const bell = new Bell();
  const closed = new AbortController();

  /** Runs an operation with its deadline, and so that `close` ends it. */
  const operate = async <T>(signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (closed.signal.aborted) throw cancelled(closed.signal);
    using limit = deadline(limits.operationMs, signal);
    const combined = AbortSignal.any([limit.signal, closed.signal]);
    if (combined.aborted) throw cancelled(combined);
    try {
      return await task(combined);
    } catch (error) {
      if (error instanceof GitError) throw error;
      if (combined.aborted) throw cancelled(combined);
      throw new GitError('PROTOCOL', `${repository.where} could not be read: ${reasonOf(error)}`, {
        retry: 'backoff',
        cause: error,
      });
    }
  };

  const resolve = async (signal: AbortSignal): Promise<Revision> => {
    if (selector.kind === 'commit') return { commit: selector.commit };
    const revision = selectRef(selector, await repository.refs(selector.names, signal));
    if (revision !== undefined) return revision;
    throw refNotFound(selector, await repository.refs(['refs/heads/', 'refs/tags/'], signal), repository.where);
  };

  return {
    description: options.description,
    location: options.location,
    resolve: ({ signal } = {}) => operate(signal, resolve),
    fetch: (revision, { signal, paths = [''] } = {}) =>
      operate(signal, async (limited) => {
        // Whoever reads from the root reads most of it: then all comes in one request.
        const filesLater = !paths.some((path) => splitPath(path, limits).length === 0);
        await repository.load(revision.commit, limited, { filesLater });
        const objects = repository.objects(revision.commit, { filesLater });
        return await openSnapshot(revision, { objects, limits, trees, paths });
      }),
    changes: ({ signal, intervalMs = options.intervalMs, onError } = {}) => {
      const ends = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]);
      return poll((limited) => operate(limited, resolve), {
        signal: ends,
        intervalMs,
        bell,
        clock: options.clock,
        random: options.random,
        ...(onError === undefined ? {} : { onError }),
      });
    },
    notify: () => {
      bell.ring();
    },
    async close() {
      closed.abort(new GitError('CLOSED', `the source ${options.description} was closed`));
      await repository.close();
    },
  };
}
