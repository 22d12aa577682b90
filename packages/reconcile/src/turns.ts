import PQueue from 'p-queue';
import type { Limit } from '@homeostat/apply';
import { throughLimit } from './through-limit.ts';

/** What a loop wants to work for, the most urgent first. */
export type Urgency = 'revision' | 'drift' | 'retry' | 'resync';

/** How much later something more urgent may come and still go first, in milliseconds. */
export const patience: Readonly<Record<Urgency, number>> = {
  revision: 0,
  drift: 1_000,
  retry: 10_000,
  resync: 60_000,
};

export interface TurnOptions {
  readonly urgency: Urgency;
  /** Since when there is something to do; milliseconds since 1970. */
  readonly since: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * The gate of one process: so many of its loops compute or write at once.
 *
 * 1. A new revision goes before drift, drift before a retry, a retry before a resync; but nothing is overtaken for ever: what is less urgent
 *    has its turn before what came later than its {@link patience} allows.
 * 2. Among equals first come, first served. A loop wants one turn at a time, and one more for what runs beside a task that rested, so no sync
 *    keeps another from its own.
 * 3. A loop that waits (for an object to be ready or gone, for its source, a Lease, the clock) has no turn.
 */
export interface Turns {
  /** A turn, as the function that ends it; `undefined` when the signal came first. */
  take(options: TurnOptions): Promise<(() => void) | undefined>;
  readonly running: number;
  readonly waiting: number;
}

/** Makes a gate for the loops that are given it. `atOnce`: how many of them work at the same time; default 8. */
export function createTurns({ atOnce = 8 }: { readonly atOnce?: number } = {}): Turns {
  const queue = new PQueue({ concurrency: atOnce });
  return {
    async take({ urgency, since, signal }) {
      const granted = Promise.withResolvers<(() => void) | undefined>();
      const leaving = new AbortController();
      const leave = (): void => {
        leaving.abort();
        granted.resolve(undefined);
      };
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      const task = (): Promise<void> => {
        const ended = Promise.withResolvers<void>();
        signal.removeEventListener('abort', leave);
        granted.resolve(ended.resolve);
        return ended.promise;
      };
      queue.add(task, { priority: -(since + patience[urgency]), signal: leaving.signal }).catch((error: unknown) => {
        if (!leaving.signal.aborted) granted.reject(error);
      });
      return await granted.promise;
    },
    get running() {
      return queue.pending;
    },
    get waiting() {
      return queue.size;
    },
  };
}

/** What one task of a loop does with the gate: it has a turn while it works, and none while it merely waits. */
export interface Turn {
  /** Does this in a turn: waits for one, unless other work of the task has it. */
  work<T>(task: () => Promise<T>): Promise<T>;
  /** Within work: does this without a turn, and goes on when it has one again. */
  wait<T>(task: () => Promise<T>): Promise<T>;
  /** Within work: the same for steps of which only the requests are work. */
  rest<E, R>(steps: AsyncGenerator<E, R>): AsyncGenerator<E, R>;
}

/**
 * The turn of one task. Once the signal is aborted nothing waits for a turn any more: what is left to do then is to stop.
 *
 * A turn is given back when nothing of the task has been at work for one round of the event loop: what follows at once on an answer
 * belongs to it. `rests` is told whenever that is so (true), and when the task wants a turn again (false).
 */
export function createTurn(
  turns: Turns,
  { rests, ...options }: TurnOptions & { readonly rests?: (rests: boolean) => void },
): Turn {
  let busy = 0;
  let had: Promise<(() => void) | undefined> | undefined;
  const enter = async (): Promise<void> => {
    busy += 1;
    if (had === undefined) {
      rests?.(false);
      had = turns.take(options);
    }
    await had;
  };
  const leave = (): void => {
    busy -= 1;
    setImmediate(() => {
      if (busy > 0 || had === undefined) return;
      void had.then((end) => end?.());
      had = undefined;
      rests?.(true);
    });
  };
  return {
    async work(task) {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
    async wait(task) {
      leave();
      try {
        return await task();
      } finally {
        await enter();
      }
    },
    async *rest(steps) {
      leave();
      try {
        return yield* steps;
      } finally {
        await enter();
      }
    },
  };
}

/** For a pass that nobody else has to make room for. */
export const freeTurn: Turn = {
  work: (task) => task(),
  wait: (task) => task(),
  rest: (steps) => steps,
};

/** The same ports, with requests that are made in the turn. */
export function portsWithin<P extends { readonly limit: Limit }>(ports: P, turn: Turn): P {
  if (turn === freeTurn) return ports;
  const { limit } = ports;
  return { ...ports, limit: throughLimit(limit, (task, options) => turn.work(() => limit.run(task, options))) };
}
