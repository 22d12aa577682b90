import { printRef, refKey } from '@homeostat/kube';
import type { Clock, Ref, RefKey } from '@homeostat/kube';
import type { PassEvent } from './events.ts';

/** What a pass waits for at present, from what it tells. Nobody tells the end of a wait, but every wait is told again while it lasts. */
export interface Waits {
  /** The same steps, noted; `told` hears of each event first. */
  through<R>(steps: AsyncGenerator<PassEvent, R>, told?: (event: PassEvent) => void): AsyncGenerator<PassEvent, R>;
  /** The longest first, each with object, condition and age; at most three. */
  print(): string;
}

interface Wait {
  readonly ref: Ref;
  readonly condition: string;
  readonly since: number;
  readonly told: number;
  readonly isPause: boolean;
}

/** A little more than the time between two tellings. */
const RECENT = 6_000;

export function createWaits(clock: Pick<Clock, 'now'>): Waits {
  const open = new Map<RefKey, Wait>();
  const note = (event: PassEvent): void => {
    if (event.type !== 'validate' && event.type !== 'apply' && event.type !== 'prune') return;
    switch (event.event.type) {
      case 'waiting': {
        const { ref, reason, since } = event.event;
        const what = 'what' in event.event ? event.event.what : 'gone';
        const condition = `${CONDITIONS[what]} (${reason})`;
        // A pause between two attempts is told once, when it begins.
        open.set(refKey(ref), { ref, condition, since, told: clock.now(), isPause: what === 'retry' });
        return;
      }
      case 'outcome':
        open.delete(refKey('ref' in event.event ? event.event.ref : event.event.outcome.ref));
        return;
      case 'answer':
        open.delete(refKey(event.event.ref));
        return;
      default:
        event.event satisfies never;
    }
  };
  return {
    async *through(steps, told) {
      open.clear();
      let step = await steps.next();
      try {
        while (step.done !== true) {
          note(step.value);
          told?.(step.value);
          yield step.value;
          step = await steps.next();
        }
        return step.value;
      } finally {
        if (step.done !== true) await steps.return(undefined as never);
      }
    },
    print() {
      const now = clock.now();
      const lasting = [...open.values()].filter(({ told, isPause }) => isPause || now - told <= RECENT);
      const sorted = lasting.toSorted((a, b) => a.since - b.since);
      const told = sorted
        .slice(0, 3)
        .map(({ ref, condition, since }) => `${printRef(ref)} ${condition}, for ${printTime(now - since)}`);
      const more = sorted.length - told.length;
      return [...told, ...(more > 0 ? [`${more} more`] : [])].join('; ');
    },
  };
}

const CONDITIONS = {
  ready: 'to be ready',
  gone: 'to be gone',
  kind: 'to have its kind served',
  retry: 'to be taken by the server',
} as const;

/** A time as people say it: `90 s`, `5 min`. */
export function printTime(ms: number): string {
  const whole = Math.round(ms / 1000);
  return whole >= 120 && whole % 60 === 0 ? `${whole / 60} min` : whole === 0 ? `${Math.round(ms)} ms` : `${whole} s`;
}
