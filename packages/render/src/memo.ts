import type { KubeObject } from '@homeostat/kube';
import type { IgnoreRules } from './ignore-rules.ts';
import type { ReadDocument } from './read-objects.ts';

/** A file as it was read once: its documents with their places, and what is wrong with the file as a whole. */
export interface ReadFile {
  readonly documents: readonly { readonly read: ReadDocument; readonly document: number; readonly line: number }[];
  readonly problem?: FileProblem;
}

export interface FileProblem {
  readonly code: 'FILE_TOO_LARGE' | 'NOT_UTF8';
  readonly message: string;
  readonly hint: string;
  /** From 1. */
  readonly line?: number;
}

export interface MemoOptions {
  /** Source text remembered, in bytes. Default 128 MiB; about four times as much memory is held for it. */
  readonly maxBytes?: number;
}

/** How often the memo helped, since it was made. */
export interface MemoCounts {
  /** Files read and split. */
  readonly filesRead: number;
  /** Files that were neither read nor split: their content id was known. */
  readonly filesReused: number;
  readonly documentsParsed: number;
  /** Documents of files that had changed, but not there. */
  readonly documentsReused: number;
}

/**
 * What renders remember from one another. Share one among all syncs of a process: everything in it is keyed by content,
 * so the same bytes give the same object *instances*, whatever file or revision they stand in.
 *
 * Nothing in it is ever wrong, only forgotten: beyond `maxBytes` what was used least recently goes first.
 */
export class RenderMemo {
  readonly files: Bounded<ReadFile>;
  readonly documents: Bounded<ReadDocument>;
  readonly ignoreRules: Bounded<IgnoreRules>;
  /** Objects as `resolveScopes` placed them, per namespace (`''` for none). */
  readonly #placed = new WeakMap<KubeObject, Map<string, KubeObject>>();

  constructor({ maxBytes = 128 * 1024 * 1024 }: MemoOptions = {}) {
    this.files = new Bounded(maxBytes);
    this.documents = new Bounded(maxBytes);
    this.ignoreRules = new Bounded(1024 * 1024);
  }

  get counts(): MemoCounts {
    return {
      filesRead: this.files.misses,
      filesReused: this.files.hits,
      documentsParsed: this.documents.misses,
      documentsReused: this.documents.hits,
    };
  }

  /** The same instance for the same object and namespace. */
  placed(object: KubeObject, namespace: string, place: () => KubeObject): KubeObject {
    let places = this.#placed.get(object);
    if (places === undefined) this.#placed.set(object, (places = new Map()));
    let placed = places.get(namespace);
    if (placed === undefined) places.set(namespace, (placed = place()));
    return placed;
  }
}

export function createRenderMemo(options?: MemoOptions): RenderMemo {
  return new RenderMemo(options);
}

/** A map bounded by the cost of its values; the least recently used go first (use counts from when it is half full). */
export class Bounded<V> {
  hits = 0;
  misses = 0;
  readonly #max: number;
  readonly #entries = new Map<string, { readonly value: V; readonly cost: number }>();
  #cost = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    // As long as it is half empty nothing is forgotten soon, and putting each entry to the end would cost more than the rest.
    if (this.#cost > this.#max / 2) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry.value;
  }

  /** Does not count as a use. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  set(key: string, value: V, cost: number): void {
    this.#cost += cost - (this.#entries.get(key)?.cost ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, cost });
    for (const [oldest, entry] of this.#entries) {
      if (this.#cost <= this.#max) return;
      this.#entries.delete(oldest);
      this.#cost -= entry.cost;
    }
  }
}
