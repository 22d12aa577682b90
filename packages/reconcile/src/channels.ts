import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { Channel, TracingChannel } from 'node:diagnostics_channel';
import type { Revision } from '@homeostat/git';
import type { OutcomeCode } from '@homeostat/apply';
import type { Ref } from '@homeostat/kube';
import type { PruneOutcome } from '@homeostat/prune';
import type { SetName } from './claims.ts';
import type { ApplyStep } from './step.ts';
import type { Difference } from './events.ts';
import type { Failure, Report, ReportState } from './report.ts';

export type PassResult = ReportState | 'Cancelled';

/** One pass. What is only known at its end is there when that is told. */
export interface PassTrace {
  readonly sync: SetName;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs?: number;
  readonly revision?: Revision;
  readonly result?: PassResult;
  readonly counts?: Report['counts'];
  /** Where and why it could not come to its end. */
  readonly failure?: Pick<Failure, 'stage' | 'code'>;
}

/** One stage of a pass. */
export interface StageTrace {
  /** The same object that the channel of passes tells of. */
  readonly pass: PassTrace;
  readonly stage: Failure['stage'];
  readonly startedAt: number;
  readonly durationMs?: number;
}

/** One repair of objects that may have drifted. */
export interface RepairTrace {
  readonly sync: SetName;
  readonly startedAt: number;
  readonly durationMs?: number;
  /** How many were looked at. */
  readonly objects: number;
  /** How many were not as desired. */
  readonly drifted?: number;
  readonly result?: RepairResult;
}

/** `unneeded`: all were as desired; `reported`: the policy repairs nothing. */
export type RepairResult = 'repaired' | 'reported' | 'failed' | 'unneeded' | 'Cancelled';

/**
 * What is told on the `diagnostics_channel` of each name, for whoever runs in the same process: all syncs of all engines. Messages are plain and
 * not to be changed; none holds a secret, an object or the text of an error. Their names and these fields are part of the API.
 *
 * `homeostat:request`, of `@homeostat/kube/http`, tells of each exchange with an API server as a `RequestRecord`.
 */
export interface ChannelMessages {
  /** An object was written, or could not be. */
  readonly 'homeostat:apply': {
    readonly sync: SetName;
    readonly ref: Ref;
    readonly action: (ApplyStep & { readonly type: 'outcome' })['action'];
    readonly code?: OutcomeCode;
  };
  /** An orphan was deleted or released, or stayed. */
  readonly 'homeostat:prune': {
    readonly sync: SetName;
    readonly ref: Ref;
    readonly action: PruneOutcome['action'];
    readonly reason?: string;
  };
  /** Somebody else changed an object. */
  readonly 'homeostat:drift': Difference & { readonly sync: SetName };
  /** Somebody changes it again and again. */
  readonly 'homeostat:fight': Omit<Difference, 'gone'> & { readonly sync: SetName; readonly pauseMs: number };
  /** `standby`: the holder that is named keeps the set. `without`: the Lease may not be had, and the loop goes on. */
  readonly 'homeostat:lease': {
    readonly sync: SetName;
    readonly lease: 'held' | 'lost' | 'released' | 'standby' | 'without';
    readonly holder?: string;
  };
}

/** The same for what begins and ends: a `tracingChannel` of each name, which tells of `start` and `asyncEnd`, and of `error` on a defect. */
export interface TracingMessages {
  readonly 'homeostat:pass': PassTrace;
  readonly 'homeostat:stage': StageTrace;
  readonly 'homeostat:repair': RepairTrace;
}

const channels = {
  'homeostat:apply': channel('homeostat:apply'),
  'homeostat:prune': channel('homeostat:prune'),
  'homeostat:drift': channel('homeostat:drift'),
  'homeostat:fight': channel('homeostat:fight'),
  'homeostat:lease': channel('homeostat:lease'),
} as const satisfies Readonly<Record<keyof ChannelMessages, Channel>>;

/** Tells it on the channel of that name. The message is made only if somebody listens. */
export function publish<Name extends keyof ChannelMessages>(name: Name, message: () => ChannelMessages[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(message());
}

const tracings = {
  'homeostat:pass': tracingChannel('homeostat:pass'),
  'homeostat:stage': tracingChannel('homeostat:stage'),
  'homeostat:repair': tracingChannel('homeostat:repair'),
} as const satisfies Readonly<Record<keyof TracingMessages, TracingChannel>>;

/** Tells that it begins. `end` adds what is known by then to the same message, and tells that it is over. */
export function trace<Name extends keyof TracingMessages>(
  name: Name,
  begun: TracingMessages[Name],
): { readonly message: TracingMessages[Name]; end(known: Partial<TracingMessages[Name]>, how?: 'defect'): void } {
  const { start, asyncEnd, error } = tracings[name];
  const message = { ...begun };
  start.publish(message);
  return {
    message,
    end(known, how) {
      Object.assign(message, known);
      if (how === 'defect') error.publish(message);
      asyncEnd.publish(message);
    },
  };
}
