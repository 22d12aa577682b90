import { cancelled } from './cancel.ts';

/** Shares one run of a task among all who ask for it meanwhile. The task is cancelled when its last caller gives up. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();

  /** @throws what the task throws, and `CANCELLED` for a caller whose own signal aborts */
  async run<T>(key: string, task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw cancelled(signal);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const controller = new AbortController();
      const started: Flight = { controller, callers: 0, result: task(controller.signal) };
      const land = (): void => {
        if (this.#flights.get(key) === started) this.#flights.delete(key);
      };
      started.result.then(land, land);
      this.#flights.set(key, started);
      flight = started;
    }
    return (await this.#join(key, flight, signal)) as T;
  }

  async #join(key: string, flight: Flight, signal: AbortSignal): Promise<unknown> {
    flight.callers++;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => {
      reject(cancelled(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([flight.result, aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
      flight.callers--;
      if (flight.callers === 0 && this.#flights.get(key) === flight) {
        // Whoever comes now begins anew rather than joining what is being cancelled.
        this.#flights.delete(key);
        flight.controller.abort();
      }
    }
  }
}

interface Flight {
  readonly controller: AbortController;
  readonly result: Promise<unknown>;
  callers: number;
}
