/** Sends each value to every subscriber, without ever waiting for one. */
export interface Broadcast<T> {
  send(value: T): void;
  close(): void;
  subscribe(options?: { readonly signal?: AbortSignal }): AsyncIterable<T>;
}

const BOUND = 10_000;

/** A subscriber that lags by more than 10,000 values loses the oldest and is told by `dropped` how many. */
export function createBroadcast<T>(dropped: (count: number) => T): Broadcast<T> {
  const subscribers = new Set<Subscriber<T>>();
  let closed = false;
  return {
    send(value) {
      for (const subscriber of subscribers) subscriber.push(value);
    },
    close() {
      closed = true;
      for (const subscriber of subscribers) subscriber.wake();
    },
    subscribe({ signal } = {}) {
      const subscriber = new Subscriber<T>();
      // From this moment on, not from the first read: what is sent in between must not be lost.
      subscribers.add(subscriber);
      const wake = (): void => subscriber.wake();
      signal?.addEventListener('abort', wake, { once: true });
      return (async function* () {
        try {
          for (;;) {
            // Asked before the values are taken: what was sent up to the end is still told.
            const ended = closed || signal?.aborted === true;
            const { values, lost } = subscriber.take();
            if (lost > 0) yield dropped(lost);
            yield* values;
            if (ended) return;
            await subscriber.something();
          }
        } finally {
          subscribers.delete(subscriber);
          signal?.removeEventListener('abort', wake);
        }
      })();
    },
  };
}

class Subscriber<T> {
  #values: T[] = [];
  #lost = 0;
  #arrival = Promise.withResolvers<void>();

  push(value: T): void {
    if (this.#values.length >= BOUND) {
      this.#values.shift();
      this.#lost += 1;
    }
    this.#values.push(value);
    this.wake();
  }

  wake(): void {
    this.#arrival.resolve();
  }

  take(): { readonly values: readonly T[]; readonly lost: number } {
    const taken = { values: this.#values, lost: this.#lost };
    this.#values = [];
    this.#lost = 0;
    return taken;
  }

  async something(): Promise<void> {
    if (this.#values.length > 0) return;
    await this.#arrival.promise;
    this.#arrival = Promise.withResolvers<void>();
  }
}
