import type { Clock, LoopEvent } from '@homeostat/reconcile';
import type { Io } from './io.ts';
import { printEvent } from './print-event.ts';
import { painter } from './style.ts';

/**
 * What is going on, for people: one line that is rewritten on a terminal; elsewhere a line for each wait, each drift and what was
 * repaired, no more often than the events come. Goes to standard error, so that standard output holds results alone.
 */
export interface Progress {
  readonly show: (event: LoopEvent) => void;
  /** Takes the line away, so that something else can be printed. */
  readonly clear: () => void;
}

export function createProgress({ stderr }: Io, clock: Clock): Progress {
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001B[K');
    shown = false;
  };
  const line = (text: string, lasting: boolean): void => {
    if (stderr.isTTY) {
      clear();
      stderr.write(text.slice(0, 200));
      shown = true;
    } else if (lasting) {
      stderr.write(`${text}\n`);
    }
  };
  let done = 0;
  // What a pass does its report tells; a repair has none.
  let repairing = false;
  return {
    clear,
    show(event) {
      switch (event.type) {
        case 'revision':
          done = 0;
          repairing = false;
          line('fetching and rendering …', false);
          return;
        case 'rendered':
          line(`comparing ${event.objects} objects …`, false);
          return;
        case 'planned':
          done = 0;
          return;
        case 'apply':
        case 'prune':
          if (event.event.type === 'outcome' && !repairing) {
            done += 1;
            line(`applying: ${done} done …`, false);
            return;
          }
          break;
        case 'drift':
          repairing = true;
          break;
        default:
      }
      const text = printEvent(event, clock.now(), painter(false));
      if (text !== undefined) line(text, true);
    },
  };
}
