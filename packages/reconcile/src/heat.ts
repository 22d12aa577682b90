import type { RefKey } from '@homeostat/kube';

const HALF_LIFE = 60_000;
const HOT = 5;
/** However long a fight lasts, it is over about a minute after the last round. */
const HOTTEST = 10;
/** As good as never repaired. */
const COLD = 0.05;
const FLOOR = 1_000;
const CEILING = 300_000;

/** How warm one object is, and when it may be repaired again. Times are milliseconds since 1970. */
export interface Warmth {
  readonly heat: number;
  /** Between this repair and the next, in milliseconds. */
  readonly pause: number;
  readonly due: number;
}

/**
 * How often each object was repaired of late. Heat is `h = h·e^(−Δt/60 s) + 1` per repair; from 5 on the pause before the
 * next repair doubles each time (1 s … 5 min). It cools by itself, and what is cold is forgotten.
 *
 * `Δt` counts from when it might have been repaired again: a pause shows nothing of whether the other has given up, so whoever writes
 * again at once is met ever more rarely, and not anew with every long pause.
 */
export type Heat = ReadonlyMap<RefKey, Warmth>;

/** After a repair of these. Pure. */
export function warm(before: Heat, keys: readonly RefKey[], now: number): Heat {
  const after = new Map([...before].filter(([, warmth]) => warmth.due > now || cooled(warmth, now) > COLD));
  for (const key of keys) {
    const known = before.get(key);
    const heat = Math.min(HOTTEST, (known === undefined ? 0 : cooled(known, now)) + 1);
    const pause = heat < HOT ? 0 : Math.min(CEILING, Math.max(FLOOR, (known?.pause ?? 0) * 2));
    after.set(key, { heat, pause, due: now + pause });
  }
  return after;
}

/** How many objects are to wait for their next repair because others keep changing them. */
export function fights(heat: Heat, now: number): number {
  return heat
    .values()
    .filter(({ due, pause }) => pause > 0 && due > now)
    .toArray().length;
}

/** When this one may be repaired again: at once, unless it is hot. */
export function dueAt(heat: Heat, key: RefKey): number {
  return heat.get(key)?.due ?? 0;
}

function cooled({ heat, due }: Warmth, now: number): number {
  return heat * Math.exp(Math.min(0, due - now) / HALF_LIFE);
}
