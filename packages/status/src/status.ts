/**
 * How far an object is. `NotFound` and `Unknown` say something about the reader: {@link statusOf} answers `Unknown` only
 * where an object or a custom rule makes no sense, and never `NotFound` (see {@link statusOfAbsent}).
 */
export type State = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';

/** A verdict. Plain data: equal input gives an equal verdict. */
export interface Status {
  readonly state: State;
  /** One CamelCase word for programs: `LessReady`, `PodUnschedulable`, or the reason a condition gave. */
  readonly reason: string;
  /** For people: what is awaited or what is wrong, and the child that is to blame where one is known. */
  readonly message: string;
  /** The verdict rests on time: at this instant (milliseconds since 1970) the same object may be judged otherwise. */
  readonly recheckAt?: number;
}

export function current(reason: string, message: string): Status {
  return { state: 'Current', reason, message };
}

export function inProgress(reason: string, message: string, recheckAt?: number): Status {
  return { state: 'InProgress', reason, message, ...(recheckAt !== undefined && { recheckAt }) };
}

export function failed(reason: string, message: string): Status {
  return { state: 'Failed', reason, message };
}

export function unknown(reason: string, message: string): Status {
  return { state: 'Unknown', reason, message };
}

/** The instant that comes first, where either may be unknown. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
