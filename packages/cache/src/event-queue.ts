import type { CacheEvent } from './event.ts';

type Waiting = {
  readonly resolve: (result: IteratorResult<CacheEvent, void>) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * One reader's events: in order, at most `limit` unread. What does not fit is counted, and one `dropped` event stands in
 * its place.
 */
export class EventQueue implements AsyncIterableIterator<CacheEvent, void> {
  readonly #limit: number;
  readonly #set: string | undefined;
  readonly #onClose: () => void;
  #unread: CacheEvent[] = [];
  #dropped = 0;
  #waiting: Waiting[] = [];
  #ended: { readonly error?: unknown } | undefined;

  /**
   * @param onClose called once, when the reader leaves or the queue ends.
   * @param set of objects only what concerns this set; all without it.
   */
  constructor(limit: number, onClose: () => void, set?: string) {
    this.#limit = limit;
    this.#set = set;
    this.#onClose = onClose;
  }

  push(event: CacheEvent): void {
    if (this.#ended !== undefined || !this.#concerns(event)) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve({ done: false, value: event });
    else if (this.#dropped === 0 && this.#unread.length < this.#limit) this.#unread.push(event);
    else this.#dropped += 1;
  }

  /** Ends the queue after what is unread; with an error, the reader gets that instead of the end. */
  end(ended: { readonly error?: unknown } = {}): void {
    if (this.#ended !== undefined) return;
    this.#ended = ended;
    for (const waiting of this.#waiting) this.#finish(waiting);
    this.#waiting = [];
    this.#onClose();
  }

  next(): Promise<IteratorResult<CacheEvent, void>> {
    return new Promise((resolve, reject) => {
      const value = this.#take();
      if (value !== undefined) resolve({ done: false, value });
      else if (this.#ended !== undefined) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<CacheEvent, void>> {
    this.#unread = [];
    this.#dropped = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #concerns(event: CacheEvent): boolean {
    if (this.#set === undefined || !('uid' in event) || event.set === this.#set) return true;
    return event.type === 'changed' && event.formerSet === this.#set;
  }

  #take(): CacheEvent | undefined {
    const event = this.#unread.shift();
    if (event !== undefined || this.#dropped === 0) return event;
    const count = this.#dropped;
    this.#dropped = 0;
    return { type: 'dropped', count };
  }

  #finish({ resolve, reject }: Waiting): void {
    if (this.#ended !== undefined && 'error' in this.#ended) reject(this.#ended.error);
    else resolve({ done: true, value: undefined });
  }
}
