/** Where the server's time comes from. Milliseconds. */
export interface Clock {
  /** Since the epoch. */
  now(): number;
  /** Calls `run` once, `ms` from now. The function that is returned calls it off. */
  setTimer(run: () => void, ms: number): () => void;
}

/** Of the machine. Its timers do not keep a process alive. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    setTimer(run, ms) {
      const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

/** Longer timers of Node fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time that moves when it is told to. */
export interface ManualClock extends Clock {
  /** Moves on by `ms` and runs what is due, in order of its time; what that sets up for within `ms` too. */
  advance(ms: number): void;
}

export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => time,
    setTimer(run, ms) {
      const timer = { at: time + Math.max(0, ms), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const end = time + ms;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        time = next.at;
        next.run();
      }
      time = end;
    },
  };
}

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with microseconds (`metav1.MicroTime`). */
export function microTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
