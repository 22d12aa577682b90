import type { Stored } from './stored.ts';

/** The objects of one resource, in the order of their keys, which is that of etcd (bytes). */
export class Collection {
  readonly #objects = new Map<string, Stored>();
  #sorted: string[] = [];

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  set(stored: Stored): void {
    const { key } = stored;
    if (!this.#objects.has(key)) this.#sorted.splice(firstAtOrAfter(this.#sorted, key), 0, key);
    this.#objects.set(key, stored);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#sorted.splice(firstAtOrAfter(this.#sorted, key), 1);
  }

  /** Keys that begin with `prefix`, not before `start`. */
  keys(prefix: string, start: string = prefix): readonly string[] {
    const from = firstAtOrAfter(this.#sorted, start > prefix ? start : prefix);
    const to = prefix === '' ? this.#sorted.length : firstAtOrAfter(this.#sorted, `${prefix}\uffff`);
    return this.#sorted.slice(from, to);
  }
}

function firstAtOrAfter(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
