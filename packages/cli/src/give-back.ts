/** What it needs of the process. */
export interface ProcessMemory {
  /** User and system time that the process has used, in milliseconds. */
  readonly cpuMs: () => number;
  /** Collects all garbage, and gives what is free then back to the system. The process stands still meanwhile. */
  readonly collect: () => void;
  readonly sleep: (ms: number) => Promise<void>;
}

const LOOK_EVERY_MS = 5_000;
/** Less than this between two looks is rest: a source is asked for news, a Lease renewed. */
const REST_MS = 500;
/** So much work leaves something behind that is worth standing still for; at least ten times what that took last. */
const WORK_MS = 2_000;
const WORK_PER_COLLECTION = 10;

/**
 * Gives memory back when the process has first come to rest, and whenever it has after some work; until the signal. V8 collects garbage where it
 * allocates: a process with nothing to do keeps what its last pass has left, a third of what it occupies with thousands of objects.
 */
export async function giveBackMemory(signal: AbortSignal, { cpuMs, collect, sleep }: ProcessMemory): Promise<void> {
  let due = 0;
  let looked = cpuMs();
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    const before = looked;
    looked = cpuMs();
    if (looked - before >= REST_MS || looked < due) continue;
    collect();
    const tookMs = cpuMs() - looked;
    looked += tookMs;
    due = looked + Math.max(WORK_MS, WORK_PER_COLLECTION * tookMs);
  }
}
