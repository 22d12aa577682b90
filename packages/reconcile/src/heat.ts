import type { RefKey } from '@homeostat/kube';
import type { Clock } from './ports.ts';

const HALF_LIFE = 60_000;
const HOT = 5;
const FLOOR = 1_000;
const CEILING = 300_000;

/**
 * How often each object was repaired of late. Heat is `h = h·e^(−Δt/60 s) + 1` per repair; from 5 on the pause before the
 * next repair doubles each time (1 s … 5 min). It cools by itself.
 */
export interface Heat {
  /** Notes a repair; returns how long the next one has to wait. */
  add(key: RefKey): number;
  isDue(key: RefKey): boolean;
  /** Milliseconds until the first of these is due; undefined when there is none. */
  next(keys: readonly RefKey[]): number | undefined;
}

export function createHeat(clock: Clock): Heat {
  const objects = new Map<RefKey, { heat: number; at: number; pause: number; due: number }>();
  return {
    add(key) {
      const now = clock.now();
      const before = objects.get(key);
      const heat = (before === undefined ? 0 : before.heat * Math.exp((before.at - now) / HALF_LIFE)) + 1;
      const pause = heat < HOT ? 0 : Math.min(CEILING, Math.max(FLOOR, (before?.pause ?? 0) * 2));
      objects.set(key, { heat, at: now, pause, due: now + pause });
      return pause;
    },
    isDue: (key) => (objects.get(key)?.due ?? 0) <= clock.now(),
    next(keys) {
      if (keys.length === 0) return undefined;
      return Math.max(0, Math.min(...keys.map((key) => objects.get(key)?.due ?? 0)) - clock.now());
    },
  };
}
