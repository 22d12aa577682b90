import { Mutex } from './mutex.ts';
import type { GitObject } from './object.ts';
import { checkComplete, maxSnapshots, retain, storeTooSmall } from './retention.ts';
import { SingleFlight } from './single-flight.ts';
import type { ObjectStore, StoreWriter } from './store.ts';

/** A store in memory. Objects are kept inflated, so that reading one costs nothing. */
export function createMemoryStore(maxBytes: number): ObjectStore {
  return new MemoryStore(maxBytes);
}

/** What an object costs beyond its content, roughly. */
const overheadBytes = 200;

class MemoryStore implements ObjectStore {
  readonly #maxBytes: number;
  readonly #flights = new SingleFlight();
  readonly #admission = new Mutex();
  #objects = new Map<string, GitObject>();
  #commits: readonly string[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(id: string): Promise<GitObject | undefined> {
    return Promise.resolve(this.#objects.get(id));
  }

  commits(): Promise<readonly string[]> {
    return Promise.resolve(this.#commits);
  }

  touch(commit: string): Promise<void> {
    if (this.#commits.includes(commit)) this.#use(commit);
    return Promise.resolve();
  }

  once<T>(key: string, task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#flights.run(key, task, signal);
  }

  close(): Promise<void> {
    this.#objects = new Map();
    this.#commits = [];
    this.#bytes = 0;
    return Promise.resolve();
  }

  begin(): Promise<StoreWriter> {
    const pack = new Map<string, GitObject>();
    let bytes = 0;
    return Promise.resolve({
      begin: () => {},
      add: (object) => {
        pack.set(object.id, object);
        bytes += object.content.length + overheadBytes;
        if (bytes > this.#maxBytes) throw storeTooSmall(this.#maxBytes);
      },
      peek: (id) => pack.get(id),
      get: (id) => Promise.resolve(pack.get(id)),
      flush: () => Promise.resolve(),
      finish: (commit) => this.#admission.run(() => this.#admit(commit, pack)),
      discard: () => {
        pack.clear();
        return Promise.resolve();
      },
    });
  }

  async #admit(commit: string, pack: ReadonlyMap<string, GitObject>): Promise<void> {
    const trees = async function* (): AsyncGenerator<GitObject> {
      for (const object of pack.values()) if (object.type === 'tree') yield object;
    };
    await checkComplete(commit, trees(), {
      has: (id) => pack.has(id) || this.#objects.has(id),
      get: (id) => Promise.resolve(pack.get(id) ?? this.#objects.get(id)),
    });
    for (const object of pack.values()) {
      if (this.#objects.has(object.id)) continue;
      this.#objects.set(object.id, object);
      this.#bytes += object.content.length + overheadBytes;
    }
    const before = this.#commits;
    this.#use(commit);
    try {
      if (this.#bytes > this.#maxBytes || this.#commits.length > 2 * maxSnapshots) await this.#shrink();
    } catch (error) {
      this.#commits = before;
      throw error;
    }
  }

  #use(commit: string): void {
    this.#commits = [commit, ...this.#commits.filter((other) => other !== commit)];
  }

  async #shrink(): Promise<void> {
    const sizeOf = (id: string): number | undefined => {
      const object = this.#objects.get(id);
      return object === undefined ? undefined : object.content.length + overheadBytes;
    };
    const view = { get: (id: string) => this.get(id), sizeOf };
    const { commits, ids } = await retain(this.#commits, view, this.#maxBytes);
    for (const [id, object] of this.#objects) {
      if (ids.has(id)) continue;
      this.#objects.delete(id);
      this.#bytes -= object.content.length + overheadBytes;
    }
    this.#commits = commits;
  }
}
