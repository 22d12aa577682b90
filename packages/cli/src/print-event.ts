import { printRef } from '@homeostat/kube';
import { printDifference, printPlaces } from '@homeostat/reconcile';
import type { LoopEvent } from '@homeostat/reconcile';
import { ACTION_FORMAT } from './print-report.ts';
import { printDuration } from './style.ts';
import type { Paint } from './style.ts';
import { printEngine } from './who.ts';

/**
 * An event of a pass or a loop for people, in one line that begins as those of a report do; `undefined` for events that say
 * nothing by themselves, and for objects that were left as they are. `now` is in milliseconds since 1970.
 */
export function printEvent(event: LoopEvent, now: number, paint: Paint): string | undefined {
  switch (event.type) {
    case 'apply':
      return event.event.type === 'waiting' ? waiting(event.event, now, paint) : outcome(event.event, paint);
    case 'prune':
      return event.event.type === 'waiting' ? waiting(event.event, now, paint) : outcome(event.event.outcome, paint);
    case 'validate':
      return event.event.type === 'waiting' ? waiting(event.event, now, paint) : undefined;
    case 'waiting': {
      const { ref, status, since, others } = event;
      const more = others > 0 ? ` and ${others} more` : '';
      return waiting({ ref, since, reason: status.message }, now, paint, more);
    }
    case 'awaiting':
      return event.waits.map(({ message }) => `${paint('cyan', 'waiting  ')} ${message}`).join('\n');
    case 'drift':
      return `${paint('yellow', 'drift    ')} ${printRef(event.ref)} ${printDifference(event)}`;
    case 'fight':
      return `${paint('red', 'fight    ')} somebody keeps changing ${printRef(event.ref)}${printPlaces(event)}; the next repair waits ${printDuration(event.pauseMs)}`;
    case 'degraded':
      return `${paint('yellow', 'degraded ')} ${event.message}`;
    case 'standby':
      return `${paint('cyan', 'standby  ')} ${printEngine(event.holder)} holds this set; this one takes over when that is gone`;
    case 'revision':
    case 'rendered':
    case 'planned':
    case 'dropped':
    case 'report':
      return undefined;
    default:
      return event satisfies never;
  }
}

type Ref = Parameters<typeof printRef>[0];

function waiting(
  { ref, reason, since }: { readonly ref: Ref; readonly reason: string; readonly since: number },
  now: number,
  paint: Paint,
  more = '',
): string {
  return `${paint('cyan', 'waiting  ')} ${printDuration(now - since)} for ${printRef(ref)}${more}: ${reason}`;
}

function outcome(
  {
    action,
    ref,
    code,
    message,
  }: {
    readonly action: keyof typeof ACTION_FORMAT;
    readonly ref: Ref;
    readonly code?: string;
    readonly message?: string;
  },
  paint: Paint,
): string | undefined {
  // What is cancelled gives way to a newer revision, or to a stop: it has not failed, and whoever did that says so.
  if (action === 'unchanged' || action === 'skipped' || code === 'cancelled') return undefined;
  const why = [...(code === undefined ? [] : [`[${code}]`]), ...(message === undefined ? [] : [message])].join(' ');
  return `${paint(ACTION_FORMAT[action], action.padEnd(9))} ${printRef(ref)}${why === '' ? '' : `  ${why}`}`;
}
