import type { ManualClock } from '@homeostat/apiserver';
import { sleepBy } from '@homeostat/kube';
import type { Clock } from '@homeostat/kube';

/** Time that moves when it is told to, for the server and for all that talks to it. */
export interface LabClock extends ManualClock, Clock {
  /** Moves on by `ms`, from one thing that is due to the next; what each brings about gets the time to be done. */
  elapse(ms: number): Promise<void>;
  /** Resolves once nothing happens any more unless time moves. */
  settle(): Promise<void>;
  /** Something happened, so what it brings about may not be over. */
  stir(): void;
}

/** So many turns of the event loop without anything stirring: requests within the process take far fewer. */
const QUIET_TURNS = 16;
/** So much without time moving on, and something runs in circles. */
const MOST_TURNS = 200_000;

export function labClock(start: number = Date.UTC(2026, 0, 1)): LabClock {
  let time = start;
  let stirred = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();

  const setTimer = (run: () => void, ms: number): (() => void) => {
    stirred += 1;
    const timer = { at: time + Math.max(0, ms), run };
    timers.add(timer);
    return () => {
      if (timers.delete(timer)) stirred += 1;
    };
  };
  const next = (until: number): { readonly at: number; readonly run: () => void } | undefined => {
    let first: { readonly at: number; readonly run: () => void } | undefined;
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  };
  const fire = (until: number): boolean => {
    const timer = next(until);
    if (timer === undefined) return false;
    timers.delete(timer);
    time = Math.max(time, timer.at);
    timer.run();
    return true;
  };
  const settle = async (): Promise<void> => {
    let seen = stirred;
    let quiet = 0;
    for (let turn = 0; quiet < QUIET_TURNS; turn += 1) {
      if (turn > MOST_TURNS) throw new Error('it never comes to rest: something goes on and on without time passing');
      await new Promise(setImmediate);
      quiet = seen === stirred ? quiet + 1 : 0;
      seen = stirred;
    }
  };

  return {
    now: () => time,
    setTimer,
    stir: () => void (stirred += 1),
    settle,
    sleep: sleepBy(setTimer),
    advance(ms) {
      const end = time + ms;
      while (fire(end));
      time = end;
    },
    async elapse(ms) {
      const end = time + ms;
      await settle();
      while (fire(end)) await settle();
      time = end;
    },
  };
}
