import { printRef } from '@homeostat/kube';
import type { Clock, LoopEvent } from '@homeostat/reconcile';
import type { Io } from './io.ts';
import { printDuration } from './style.ts';

/**
 * What is going on, for people: one line that is rewritten on a terminal; elsewhere a line for each wait, no more often
 * than the events come. Goes to standard error, so that standard output holds results alone.
 */
export interface Progress {
  readonly show: (event: LoopEvent) => void;
  /** Takes the line away, so that something else can be printed. */
  readonly clear: () => void;
}

export function createProgress({ stderr }: Pick<Io, 'stderr'>, clock: Pick<Clock, 'now'>): Progress {
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
  return {
    clear,
    show(event) {
      switch (event.type) {
        case 'revision':
          done = 0;
          line('fetching and rendering …', false);
          return;
        case 'rendered':
          line(`comparing ${event.objects} objects …`, false);
          return;
        case 'planned':
          done = 0;
          return;
        case 'apply':
          if (event.event.type === 'outcome') {
            done += 1;
            line(`applying: ${done} done …`, false);
          } else {
            line(waiting(event.event, clock.now()), true);
          }
          return;
        case 'validate':
        case 'prune':
          if (event.event.type === 'waiting') line(waiting(event.event, clock.now()), true);
          return;
        case 'waiting': {
          const { ref, status, since, others } = event;
          const more = others > 0 ? ` and ${others} more` : '';
          line(`waiting ${printDuration(clock.now() - since)} for ${printRef(ref)}${more}: ${status.message}`, true);
          return;
        }
        case 'drift':
          line(`drift: ${printRef(event.ref)} ${event.gone ? 'is gone' : 'was changed'}`, true);
          return;
        case 'fight':
          line(
            `fight: somebody keeps changing ${printRef(event.ref)}; the next repair waits ${printDuration(event.pauseMs)}`,
            true,
          );
          return;
        case 'degraded':
          line(`degraded: ${event.message}`, true);
          return;
        case 'dropped':
        case 'report':
          return;
        default:
          event satisfies never;
      }
    },
  };
}

function waiting(
  {
    ref,
    reason,
    since,
  }: { readonly ref: Parameters<typeof printRef>[0]; readonly reason: string; readonly since: number },
  now: number,
): string {
  return `waiting ${printDuration(now - since)} for ${printRef(ref)}: ${reason}`;
}
