import type { GitObject } from './object.ts';

/** Objects that were just unpacked, up to so many bytes: deltas lean on them, and what was fetched is read at once. */
export class RecentObjects {
  readonly #objects = new Map<string, GitObject>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(object: GitObject): void {
    if (this.#objects.has(object.id)) return;
    this.#objects.set(object.id, object);
    this.#bytes += object.content.length;
    for (const [id, { content }] of this.#objects) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#objects.delete(id);
      this.#bytes -= content.length;
    }
  }

  get(id: string): GitObject | undefined {
    return this.#objects.get(id);
  }

  values(): Iterable<GitObject> {
    return this.#objects.values();
  }

  clear(): void {
    this.#objects.clear();
    this.#bytes = 0;
  }
}
