import type { ChangesOptions, Revision, Snapshot, Source } from '@homeostat/git';

/**
 * One source for many syncs.
 *
 * 1. One poller asks for new revisions, as often as the most eager of those who follow it wants. What it knows to be current is answered to
 *    whoever resolves, so a revision is as old as `poll` allows, and never older; `notify` makes everybody ask anew.
 * 2. Who asks while others do shares the next answer: it is never from before the question.
 * 3. A revision is fetched once, whoever wants it.
 * 4. Closing it is its owner's.
 */
export interface SharedSource extends Source {
  /** Whether whoever is at `commit` has what came with `wanted`: it became current then, or later. */
  hasReached(commit: string, wanted: string): boolean;
}

/** What a source was asked a moment ago may be asked for again: by the syncs that are still at the revision before. */
const SNAPSHOTS = 2;
const HISTORY = 1_000;

/** `paths`: what all of them are going to read, as `paths` of `fetch`; asked at each fetch. */
export function shareSource(source: Source, paths: () => readonly string[]): SharedSource {
  return new Shared(source, paths);
}

interface Follower {
  readonly intervalMs: number;
  readonly arrived: (revision: Revision) => void;
  readonly failed: NonNullable<ChangesOptions['onError']> | undefined;
  readonly broken: (error: unknown) => void;
}

class Shared implements SharedSource {
  readonly #source: Source;
  readonly #paths: () => readonly string[];
  readonly #followers = new Set<Follower>();
  readonly #snapshots = new Map<string, Promise<Snapshot>>();
  /** Commits in the order in which they became current; one that became so again counts anew. */
  readonly #history: string[] = [];
  #current: Revision | undefined;
  #poller: { readonly stop: AbortController; readonly intervalMs: number } | undefined;
  #asking: Promise<Revision> | undefined;
  #askingNext: Promise<Revision> | undefined;

  constructor(source: Source, paths: () => readonly string[]) {
    this.#source = source;
    this.#paths = paths;
  }

  get description(): string {
    return this.#source.description;
  }

  get location(): string {
    return this.#source.location;
  }

  async resolve({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Revision> {
    if (this.#current !== undefined && signal?.aborted !== true) return this.#current;
    return await this.#orCancelled(this.#ask(), signal, (options) => this.#source.resolve(options));
  }

  async fetch(revision: Revision, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Snapshot> {
    const { commit } = revision;
    const known = this.#snapshots.get(commit) ?? this.#source.fetch(revision, { paths: this.#paths() });
    if (!this.#snapshots.has(commit)) {
      this.#snapshots.set(commit, known);
      for (const oldest of this.#snapshots.keys()) {
        if (this.#snapshots.size <= SNAPSHOTS) break;
        this.#snapshots.delete(oldest);
      }
      known.catch(() => {
        if (this.#snapshots.get(commit) === known) this.#snapshots.delete(commit);
      });
    }
    return await this.#orCancelled(known, signal, (options) => this.#source.fetch(revision, options));
  }

  async *changes({
    signal = new AbortController().signal,
    intervalMs = 30_000,
    onError,
  }: ChangesOptions = {}): AsyncGenerator<Revision, void> {
    let next = this.#current;
    let arrival = Promise.withResolvers<void>();
    const follower: Follower = {
      intervalMs,
      arrived(revision) {
        next = revision;
        arrival.resolve();
      },
      failed: onError,
      broken: (error) => arrival.reject(error),
    };
    const leave = (): void => arrival.resolve();
    signal.addEventListener('abort', leave, { once: true });
    this.#followers.add(follower);
    this.#poll();
    let last: string | undefined;
    try {
      while (!signal.aborted) {
        if (next !== undefined && next.commit !== last) {
          last = next.commit;
          yield next;
          continue;
        }
        await arrival.promise;
        arrival = Promise.withResolvers();
      }
    } finally {
      signal.removeEventListener('abort', leave);
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#endPoll();
    }
  }

  notify(): void {
    this.#current = undefined;
    this.#source.notify();
  }

  hasReached(commit: string, wanted: string): boolean {
    if (commit === wanted) return true;
    const at = this.#history.lastIndexOf(wanted);
    return at >= 0 && this.#history.lastIndexOf(commit) > at;
  }

  async close(): Promise<void> {
    this.#endPoll();
    await Promise.resolve();
  }

  /** An answer that is not from before now. */
  #ask(): Promise<Revision> {
    if (this.#asking === undefined) {
      this.#asking = this.#learnNow().finally(() => (this.#asking = undefined));
      return this.#asking;
    }
    const after = (): Promise<Revision> => {
      this.#askingNext = undefined;
      return this.#ask();
    };
    this.#askingNext ??= this.#asking.then(after, after);
    return this.#askingNext;
  }

  async #learnNow(): Promise<Revision> {
    const revision = await this.#source.resolve();
    this.#learn(revision);
    return revision;
  }

  #learn(revision: Revision): void {
    this.#current = revision;
    if (this.#history.at(-1) !== revision.commit) this.#history.push(revision.commit);
    if (this.#history.length > HISTORY) this.#history.shift();
    for (const follower of this.#followers) follower.arrived(revision);
  }

  #poll(): void {
    const intervalMs = Math.min(...[...this.#followers].map((follower) => follower.intervalMs));
    if (this.#poller !== undefined && this.#poller.intervalMs <= intervalMs) return;
    this.#poller?.stop.abort();
    const stop = new AbortController();
    this.#poller = { stop, intervalMs };
    void this.#pollUntil(stop.signal, intervalMs);
  }

  async #pollUntil(signal: AbortSignal, intervalMs: number): Promise<void> {
    try {
      const onError = (error: Parameters<NonNullable<ChangesOptions['onError']>>[0]): void => {
        this.#current = undefined;
        for (const { failed } of this.#followers) failed?.(error);
      };
      for await (const revision of this.#source.changes({ signal, intervalMs, onError })) this.#learn(revision);
    } catch (error) {
      if (!signal.aborted) for (const follower of this.#followers) follower.broken(error);
    }
    if (!signal.aborted) this.#endPoll();
  }

  #endPoll(): void {
    this.#poller?.stop.abort();
    this.#poller = undefined;
    this.#current = undefined;
  }

  /** The shared answer, unless the caller's own signal comes first: then the source says in its own words that it was cancelled. */
  async #orCancelled<T>(
    answer: Promise<T>,
    signal: AbortSignal | undefined,
    ask: (options: { readonly signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    if (signal === undefined) return await answer;
    const leaving = Promise.withResolvers<'left'>();
    const leave = (): void => leaving.resolve('left');
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      const first = await Promise.race([leaving.promise, answer.then((value) => ({ value }))]);
      return first === 'left' ? await ask({ signal }) : first.value;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}
