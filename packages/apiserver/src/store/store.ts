import type { KubeObject } from '@homeostat/kube';
import { plainFailure } from '../status.ts';
import { Collection } from './collection.ts';
import { storedOf, withVersion } from './stored.ts';
import type { Stored } from './stored.ts';

/** One change. `previous` is what stood there before it; of a deletion `stored` is the last state under a new version. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly stored: Stored;
  readonly previous: Stored | undefined;
}

export interface StoreLimits {
  /** Changes that are kept for watches and for reading the past. */
  readonly events: number;
  /** Bytes of JSON in them. */
  readonly eventBytes: number;
}

/** What etcd takes in one request, by default. */
const OBJECT_LIMIT = 1.5 * 1024 * 1024;

/** A place in the history of one resource, from which a watch reads on. */
export interface Cursor {
  /** The next change, or `undefined` when there is none yet; `'expired'` when it has been forgotten. */
  next(): StoreEvent | undefined | 'expired';
  /** Whether what comes next has been forgotten. */
  readonly expired: boolean;
}

/** What is kept of one resource (`plural.group`). */
interface Shelf {
  readonly objects: Collection;
  /** Its changes still kept, oldest first. The first of them has number `firstNumber`. */
  events: StoreEvent[];
  firstNumber: number;
  /** The version of the newest change that is forgotten. */
  forgotten: number;
  readonly listeners: Set<(event: StoreEvent) => void>;
}

/**
 * Every object of the server, and one ordered log of its changes under one sequence of resourceVersions.
 *
 * 1. A write takes the next version; versions are never used twice, and all kinds share them.
 * 2. What is stored is never changed in place: a reader may keep it.
 * 3. The log keeps the last `limits.events` changes, and fewer when they hold more than `limits.eventBytes`. A state of the
 *    past can be read as far as the log of its resource goes back.
 * 4. Listeners are told in the order of versions, after the write is complete, within the call that wrote.
 */
export class Store {
  readonly #limits: StoreLimits;
  readonly #shelves = new Map<string, Shelf>();
  /** The resources of all changes that are kept, oldest first, from `#head` on. */
  #order: Shelf[] = [];
  #head = 0;
  #bytes = 0;
  #version: number;
  /** Everything up to this version is forgotten, in every resource. */
  #floor = 0;

  constructor(limits: StoreLimits, firstVersion = 1) {
    this.#limits = limits;
    this.#version = firstVersion;
  }

  /** The version of the latest write. */
  get version(): number {
    return this.#version;
  }

  get(resource: string, key: string): Stored | undefined {
    return this.#shelves.get(resource)?.objects.get(key);
  }

  /** Names of the resources that hold anything. */
  resources(): string[] {
    return [...this.#shelves].filter(([, shelf]) => shelf.objects.size > 0).map(([name]) => name);
  }

  size(resource: string): number {
    return this.#shelves.get(resource)?.objects.size ?? 0;
  }

  /** Objects whose key begins with `prefix`, in order of keys. */
  list(resource: string, prefix = ''): Stored[] {
    const objects = this.#shelves.get(resource)?.objects;
    if (objects === undefined) return [];
    return objects.keys(prefix).flatMap((key) => objects.get(key) ?? []);
  }

  /** As {@link list}, at a version of the past; `undefined` when that is forgotten. */
  listAt(resource: string, prefix: string, version: number): Stored[] | undefined {
    if (version >= this.#version) return this.list(resource, prefix);
    const shelf = this.#shelves.get(resource);
    if (version < this.#floor) return undefined;
    if (shelf === undefined) return [];
    if (version < shelf.forgotten) return undefined;
    const states = new Map<string, Stored | undefined>();
    // Backwards: what stands there in the end is what the oldest of the undone changes replaced.
    for (let i = shelf.events.length - 1; i >= 0; i--) {
      const event = shelf.events[i];
      if (event === undefined || event.version <= version) break;
      if (event.stored.key.startsWith(prefix)) states.set(event.stored.key, event.previous);
    }
    const keys = new Set([...shelf.objects.keys(prefix), ...states.keys()]);
    return [...keys].sort().flatMap((key) => (states.has(key) ? states.get(key) : shelf.objects.get(key)) ?? []);
  }

  /**
   * The resourceVersion of `object` is replaced by the next one.
   *
   * @throws {ApiError} 500 for an object that etcd would not take, in its words.
   */
  put(resource: string, key: string, object: KubeObject): Stored {
    const shelf = this.#shelf(resource);
    const previous = shelf.objects.get(key);
    const version = this.#version + 1;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    const stored = storedOf(key, version, { ...object, metadata });
    if (stored.json.length > OBJECT_LIMIT) throw plainFailure('etcdserver: request is too large');
    this.#version = version;
    shelf.objects.set(stored);
    this.#log(shelf, { type: previous === undefined ? 'ADDED' : 'MODIFIED', version, stored, previous });
    return stored;
  }

  /** What stood there last, under the version of its deletion; `undefined` when nothing did. */
  delete(resource: string, key: string): Stored | undefined {
    const shelf = this.#shelf(resource);
    const previous = shelf.objects.get(key);
    if (previous === undefined) return undefined;
    const version = ++this.#version;
    shelf.objects.delete(key);
    const stored = withVersion(previous, version);
    this.#log(shelf, { type: 'DELETED', version, stored, previous });
    return stored;
  }

  /** Reads on from the first change after `version`; `undefined` when that may be forgotten. */
  cursor(resource: string, version: number): Cursor | undefined {
    const shelf = this.#shelf(resource);
    if (version < shelf.forgotten || version < this.#floor) return undefined;
    let number = shelf.firstNumber + firstAfter(shelf.events, version);
    return {
      get expired() {
        return number < shelf.firstNumber;
      },
      next() {
        if (number < shelf.firstNumber) return 'expired';
        const event = shelf.events[number - shelf.firstNumber];
        if (event !== undefined) number++;
        return event;
      },
    };
  }

  /** Calls `listener` after every change of the resource, until the function that is returned is called. */
  listen(resource: string, listener: (event: StoreEvent) => void): () => void {
    const { listeners } = this.#shelf(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Forgets the history up to now, as etcd does when it is compacted. Objects stay; watches that have read it go on. */
  expire(): void {
    for (const shelf of this.#shelves.values()) {
      shelf.firstNumber += shelf.events.length;
      shelf.events = [];
    }
    this.#floor = this.#version;
    this.#order = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #shelf(resource: string): Shelf {
    let shelf = this.#shelves.get(resource);
    if (shelf === undefined) {
      shelf = { objects: new Collection(), events: [], firstNumber: 0, forgotten: 0, listeners: new Set() };
      this.#shelves.set(resource, shelf);
    }
    return shelf;
  }

  #log(shelf: Shelf, event: StoreEvent): void {
    shelf.events.push(event);
    this.#order.push(shelf);
    this.#bytes += event.stored.json.length;
    while (this.#order.length - this.#head > this.#limits.events || this.#bytes > this.#limits.eventBytes) {
      const oldest = this.#order[this.#head++];
      if (oldest === undefined) break;
      this.#forgetFirst(oldest);
    }
    if (this.#head > 1024 && this.#head > this.#order.length / 2) {
      this.#order = this.#order.slice(this.#head);
      this.#head = 0;
    }
    for (const listener of shelf.listeners) listener(event);
  }

  #forgetFirst(shelf: Shelf): void {
    const event = shelf.events.shift();
    if (event === undefined) return;
    shelf.firstNumber++;
    shelf.forgotten = event.version;
    this.#bytes -= event.stored.json.length;
  }
}

function firstAfter(events: readonly StoreEvent[], version: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.version ?? 0) <= version) low = middle + 1;
    else high = middle;
  }
  return low;
}
