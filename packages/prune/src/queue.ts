/** Hands values from tasks that run side by side to one reader. */
export interface Queue<T> extends AsyncIterable<T> {
  readonly put: (value: T) => void;
  readonly close: () => void;
}

export function createQueue<T>(): Queue<T> {
  const values: T[] = [];
  let closed = false;
  let arrival = Promise.withResolvers<void>();
  const wake = (): void => {
    arrival.resolve();
    arrival = Promise.withResolvers<void>();
  };
  return {
    put(value) {
      values.push(value);
      wake();
    },
    close() {
      closed = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = arrival.promise;
        while (values.length > 0) yield values.shift() as T;
        if (closed) return;
        await next;
      }
    },
  };
}
