/** Spaces requests evenly: `next` says how many milliseconds to wait before this one may start. */
export interface Pace {
  next(now: number): number;
}

/** At most `maxQps` starts a second, in order of asking, without bursts; `undefined` never waits. */
export function createPace(maxQps: number | undefined): Pace {
  if (maxQps === undefined) return { next: () => 0 };
  if (!(maxQps > 0)) throw new RangeError(`maxQps is ${maxQps}; a number above 0 is expected, or none for no limit`);
  const gap = 1000 / maxQps;
  let free = -Infinity;
  return {
    next(now) {
      const start = Math.max(now, free);
      free = start + gap;
      return start - now;
    },
  };
}
