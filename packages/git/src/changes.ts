import type { Clock } from './clock.ts';
import { GitError } from './error.ts';
import type { ChangesOptions, Revision } from './source.ts';
import { printRevision } from './source.ts';

export interface PollOptions extends ChangesOptions {
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  readonly intervalMs: number;
  /** Wakes it early. */
  readonly bell: Bell;
}

/** The longest pause between two tries of a source that fails. */
const maxPauseMs = 5 * 60_000;
/** The longest pause that a server may ask for. */
const longestRetryMs = 60 * 60_000;

/** Looks at a source again and again and yields each revision that differs from the one before. */
export async function* poll(
  resolve: (signal: AbortSignal) => Promise<Revision>,
  { signal = new AbortController().signal, clock, random, intervalMs, bell, onError }: PollOptions,
): AsyncGenerator<Revision, void, undefined> {
  let last: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const rung = bell.count;
    let pause = intervalMs;
    try {
      const revision = await resolve(signal);
      failures = 0;
      if (printRevision(revision) !== last) {
        last = printRevision(revision);
        yield revision;
      }
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (signal.aborted || error.code === 'CLOSED') return;
      onError?.(error);
      pause = pauseAfter(error, ++failures, intervalMs);
    }
    // Whoever rang while we looked, or while the revision was worked upon, may know more than we saw.
    if (bell.count === rung) await bell.wait(clock, Math.round(pause * (0.8 + 0.4 * random())), signal);
  }
}

function pauseAfter({ retry }: GitError, failures: number, intervalMs: number): number {
  const grown = Math.min(intervalMs * 2 ** Math.min(failures - 1, 10), Math.max(intervalMs, maxPauseMs));
  if (typeof retry === 'string') return grown;
  // A quarter more, because the spread may take a fifth away.
  return Math.max(grown, Math.min(retry.afterMs, longestRetryMs) * 1.25);
}

/** Wakes whoever waits. */
export class Bell {
  readonly #waiting = new Set<AbortController>();
  /** How often it has rung. */
  count = 0;

  ring(): void {
    this.count++;
    for (const waiting of this.#waiting) waiting.abort();
  }

  /** Waits for the bell, the time, or the signal. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    const rung = new AbortController();
    this.#waiting.add(rung);
    try {
      await clock.sleep(ms, AbortSignal.any([rung.signal, signal]));
    } finally {
      this.#waiting.delete(rung);
    }
  }
}
