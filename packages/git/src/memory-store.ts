import { Mutex } from './mutex.ts';
import type { GitObject } from './object.ts';
import { checkComplete, maxSnapshots, retain, storeTooSmall } from './retention.ts';
import { SingleFlight } from './single-flight.ts';
import type { ObjectStore, PartialStore, PartialWriter, StoreWriter } from './store.ts';

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
  /** Those of the commits of which perhaps not all files are there. */
  #inParts = new Set<string>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(id: string): Promise<GitObject | undefined> {
    return Promise.resolve(this.#objects.get(id));
  }

  commits(): Promise<readonly string[]> {
    return Promise.resolve(this.#commits.filter((commit) => !this.#inParts.has(commit)));
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
    this.#inParts.clear();
    this.#bytes = 0;
    return Promise.resolve();
  }

  readonly partial: PartialStore = {
    commits: () => this.#commits.filter((commit) => this.#inParts.has(commit)),
    has: (id) => this.#objects.has(id),
    begin: () => Promise.resolve(this.#writer()),
  };

  begin(): Promise<StoreWriter> {
    return Promise.resolve(this.#writer());
  }

  #writer(): StoreWriter & PartialWriter {
    const pack = new Map<string, GitObject>();
    let bytes = 0;
    return {
      begin: () => {},
      add: (object) => {
        pack.set(object.id, object);
        bytes += object.content.length + overheadBytes;
        if (bytes > this.#maxBytes) throw storeTooSmall(this.#maxBytes);
      },
      peek: (id) => pack.get(id),
      get: (id) => Promise.resolve(pack.get(id)),
      flush: () => Promise.resolve(),
      finish: (commit) => this.#admission.run(() => this.#admit(commit, pack, false)),
      finishTrees: (commit) => this.#admission.run(() => this.#admit(commit, pack, true)),
      finishObjects: () =>
        this.#admission.run(async () => {
          this.#take(pack);
          if (this.#bytes > this.#maxBytes) await this.#shrink();
        }),
      discard: () => {
        pack.clear();
        return Promise.resolve();
      },
    };
  }

  async #admit(commit: string, pack: ReadonlyMap<string, GitObject>, filesLater: boolean): Promise<void> {
    const trees = async function* (): AsyncGenerator<GitObject> {
      for (const object of pack.values()) if (object.type === 'tree') yield object;
    };
    const objects = {
      has: (id: string) => pack.has(id) || this.#objects.has(id),
      get: (id: string) => Promise.resolve(pack.get(id) ?? this.#objects.get(id)),
    };
    await checkComplete(commit, trees(), objects, { filesLater });
    this.#take(pack);
    const before = this.#commits;
    if (!filesLater) this.#inParts.delete(commit);
    else if (!before.includes(commit)) this.#inParts.add(commit);
    this.#use(commit);
    try {
      if (this.#bytes > this.#maxBytes || this.#commits.length > 2 * maxSnapshots) await this.#shrink();
    } catch (error) {
      this.#commits = before;
      throw error;
    }
  }

  #take(pack: ReadonlyMap<string, GitObject>): void {
    for (const object of pack.values()) {
      if (this.#objects.has(object.id)) continue;
      this.#objects.set(object.id, object);
      this.#bytes += object.content.length + overheadBytes;
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
    const { commits, ids } = await retain(this.#commits, view, this.#maxBytes, this.#inParts);
    for (const [id, object] of this.#objects) {
      if (ids.has(id)) continue;
      this.#objects.delete(id);
      this.#bytes -= object.content.length + overheadBytes;
    }
    this.#commits = commits;
    for (const commit of this.#inParts) if (!commits.includes(commit)) this.#inParts.delete(commit);
  }
}
