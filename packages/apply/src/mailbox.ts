/** Events of concurrent tasks on their way to one reader. */
export interface Mailbox<T> {
  readonly put: (event: T) => void;
  /** Everything put so far. Waits for something unless the mailbox is closed; empty only when closed. */
  take(): Promise<readonly T[]>;
  close(): void;
}

export function createMailbox<T>(): Mailbox<T> {
  let events: T[] = [];
  let closed = false;
  let wake: (() => void) | undefined;
  return {
    put(event) {
      events.push(event);
      wake?.();
    },
    async take() {
      if (events.length === 0 && !closed) {
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
      const taken = events;
      events = [];
      return taken;
    },
    close() {
      closed = true;
      wake?.();
    },
  };
}
