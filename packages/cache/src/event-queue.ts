import type { CacheEvent } from './event.ts';

type Waiting = {
  readonly resolve: (result: IteratorResult<CacheEvent, void>) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * One reader's events: in order, at most `limit` unread. Changes of one object that are unread are one event, in the place of the
 * first: an event says where to look, so twice says no more than once. What does not fit is counted, and one `dropped` event
 * stands in its place.
 */
export class EventQueue implements AsyncIterableIterator<CacheEvent, void> {
  readonly #limit: number;
  readonly #set: string | undefined;
  readonly #onClose: () => void;
  /** By ticket, in order. */
  readonly #unread = new Map<number, CacheEvent>();
  /** The ticket of the last unread event of an object, where that is a change; by uid. */
  readonly #changes = new Map<string, number>();
  #tickets = 0;
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
    else if (!this.#joins(event)) this.#append(event);
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
    this.#unread.clear();
    this.#changes.clear();
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

  /** Whether the event says no more than the unread one before it, which then says it. */
  #joins(event: CacheEvent): boolean {
    if (event.type !== 'changed' || event.formerSet !== undefined) return false;
    const ticket = this.#changes.get(event.uid);
    const former = ticket === undefined ? undefined : this.#unread.get(ticket);
    if (ticket === undefined || former?.type !== 'changed') return false;
    this.#unread.set(ticket, { ...event, formerSet: former.formerSet });
    return true;
  }

  #append(event: CacheEvent): void {
    if (this.#dropped > 0 || this.#unread.size >= this.#limit) {
      this.#dropped += 1;
      return;
    }
    const ticket = (this.#tickets += 1);
    this.#unread.set(ticket, event);
    if (event.type === 'changed') this.#changes.set(event.uid, ticket);
    else if (event.type === 'gone') this.#changes.delete(event.uid);
  }

  #take(): CacheEvent | undefined {
    for (const [ticket, event] of this.#unread) {
      this.#unread.delete(ticket);
      if (event.type === 'changed' && this.#changes.get(event.uid) === ticket) this.#changes.delete(event.uid);
      return event;
    }
    if (this.#dropped === 0) return undefined;
    const count = this.#dropped;
    this.#dropped = 0;
    return { type: 'dropped', count };
  }

  #finish({ resolve, reject }: Waiting): void {
    if (this.#ended !== undefined && 'error' in this.#ended) reject(this.#ended.error);
    else resolve({ done: true, value: undefined });
  }
}
