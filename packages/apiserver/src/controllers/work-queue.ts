import { setImmediate } from 'node:timers';
import type { Clock } from '../clock.ts';

/** A piece of work. It looks at the state and decides; what it was queued for it does not know. */
export type Work = () => Promise<void>;

/** Told of an error that is none of the API's answers. */
export type ReportError = (error: unknown, key: string) => void;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** So often others get their turn. */
const BATCH = 100;

/**
 * The work of all controllers of one server, one piece at a time.
 *
 * 1. Work runs in the order in which it was added; a key that waits already is not added again.
 * 2. What is added while nothing runs begins in a microtask: after the write that caused it, and before the next request.
 * 3. Work that fails is done again after a second of the server's clock, then two, four, up to a minute.
 * 4. Every hundred pieces the event loop gets its turn.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #waiting = new Map<string, Work>();
  readonly #later = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #idle: (() => void)[] = [];
  #running = false;
  #closed = false;

  constructor(clock: Clock, report: ReportError) {
    this.#clock = clock;
    this.#report = report;
  }

  add(key: string, work: Work): void {
    if (this.#closed || this.#waiting.has(key)) return;
    this.#waiting.set(key, work);
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#run());
  }

  /** Adds it `ms` from now. Of several times for one key the earliest counts. */
  addAfter(key: string, work: Work, ms: number): void {
    if (this.#closed) return;
    const wait = Math.max(0, ms);
    const at = this.#clock.now() + wait;
    const there = this.#later.get(key);
    if (there !== undefined && there.at <= at) return;
    there?.cancel();
    const cancel = this.#clock.setTimer(() => {
      this.#later.delete(key);
      this.add(key, work);
    }, wait);
    this.#later.set(key, { at, cancel });
  }

  /** When the clock will next bring work; `undefined`: never, unless something changes. */
  get nextAt(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#later.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  get busy(): boolean {
    return this.#running;
  }

  /** Resolves once there is nothing to do at this moment. What waits for the clock does not count. */
  settled(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
  }

  async #run(): Promise<void> {
    let done = 0;
    for (;;) {
      const first = this.#waiting.entries().next().value;
      if (first === undefined) break;
      const [key, work] = first;
      this.#waiting.delete(key);
      await this.#attempt(key, work);
      if (++done % BATCH === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    this.#running = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #attempt(key: string, work: Work): Promise<void> {
    try {
      await work();
      this.#failures.delete(key);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.addAfter(key, work, Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS));
      this.#report(error, key);
    }
  }
}
