/** Sends each value to every subscriber, without ever waiting for one. */
export interface Broadcast<T> {
  send(value: T): void;
  close(): void;
  subscribe(options?: { readonly signal?: AbortSignal }): AsyncIterable<T>;
  /** How many values subscribers have lost so far. */
  readonly lost: number;
}

const BOUND = 10_000;

export interface BroadcastOptions<T> {
  /** What stands in the place of values that a subscriber lost. */
  readonly dropped: (count: number) => T;
  /** How much a value counts: about as many as the small ones that take the same memory. Default 1. */
  readonly weigh?: (value: T) => number;
}

/**
 * A subscriber that lags by more than 10,000 loses the oldest values and is told by `dropped` how many. The newest value is always kept,
 * however heavy.
 */
export function createBroadcast<T>({ dropped, weigh = () => 1 }: BroadcastOptions<T>): Broadcast<T> {
  const subscribers = new Set<Subscriber<T>>();
  let closed = false;
  let lost = 0;
  return {
    send(value) {
      if (subscribers.size === 0) return;
      const weight = weigh(value);
      for (const subscriber of subscribers) lost += subscriber.push(value, weight);
    },
    close() {
      closed = true;
      for (const subscriber of subscribers) subscriber.wake();
      subscribers.clear();
    },
    subscribe({ signal } = {}) {
      const subscriber = new Subscriber<T>();
      // From this moment on, not from the first read: what is sent in between must not be lost.
      subscribers.add(subscriber);
      // Whether or not anybody reads what is left: nothing more is kept for it.
      const leave = (): void => {
        subscribers.delete(subscriber);
        subscriber.wake();
      };
      signal?.addEventListener('abort', leave, { once: true });
      if (signal?.aborted === true) leave();
      return (async function* () {
        try {
          for (;;) {
            // Asked before the values are taken: what was sent up to the end is still told.
            const ended = closed || signal?.aborted === true;
            for (let next = subscriber.take(); next !== undefined; next = subscriber.take())
              yield 'value' in next ? next.value : dropped(next.lost);
            if (ended) return;
            await subscriber.something();
          }
        } finally {
          subscribers.delete(subscriber);
          signal?.removeEventListener('abort', leave);
        }
      })();
    },
    get lost() {
      return lost;
    },
  };
}

interface Unread<T> {
  readonly value: T;
  readonly weight: number;
}

class Subscriber<T> {
  /** In order; the oldest leaves at no cost, however many there are. */
  readonly #unread = new Set<Unread<T>>();
  #weight = 0;
  #lost = 0;
  #arrival = Promise.withResolvers<void>();

  /** Returns how many others had to make room. */
  push(value: T, weight: number): number {
    let dropped = 0;
    for (const oldest of this.#unread) {
      if (this.#weight + weight <= BOUND) break;
      this.#remove(oldest);
      dropped += 1;
    }
    this.#lost += dropped;
    this.#unread.add({ value, weight });
    this.#weight += weight;
    this.wake();
    return dropped;
  }

  wake(): void {
    this.#arrival.resolve();
  }

  /** What was lost since the last value, or the next value. */
  take(): Unread<T> | { readonly lost: number } | undefined {
    if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      return { lost };
    }
    for (const oldest of this.#unread) {
      this.#remove(oldest);
      return oldest;
    }
    return undefined;
  }

  async something(): Promise<void> {
    if (this.#unread.size > 0) return;
    await this.#arrival.promise;
    this.#arrival = Promise.withResolvers<void>();
  }

  #remove(unread: Unread<T>): void {
    this.#unread.delete(unread);
    this.#weight -= unread.weight;
  }
}
