import type { Ref } from '@homeostat/kube';
import { compareRefs } from '@homeostat/kube';
import type { State, Status } from './status.ts';

/** Best to worst. */
const ORDER: readonly State[] = ['Current', 'InProgress', 'NotFound', 'Terminating', 'Unknown', 'Failed'];
const SHOWN = 10;

/** One object of a whole. */
export interface StatusEntry {
  readonly ref: Ref;
  readonly status: Status;
  /** When the object came into this state, in milliseconds since 1970: readers print ages from it. */
  readonly since?: number;
}

export interface Aggregate {
  /** The worst state: Current < InProgress < NotFound < Terminating < Unknown < Failed. `Current` of nothing. */
  readonly state: State;
  readonly counts: Readonly<Record<State, number>>;
  /** The first ten that are not Current: worst first, then by ref. */
  readonly notReady: readonly StatusEntry[];
}

/** One verdict on many objects. Pure; the order of `entries` does not matter. */
export function aggregate(entries: readonly StatusEntry[]): Aggregate {
  const counts: Record<State, number> = {
    Current: 0,
    InProgress: 0,
    NotFound: 0,
    Terminating: 0,
    Unknown: 0,
    Failed: 0,
  };
  for (const { status } of entries) counts[status.state] += 1;
  const state = ORDER.findLast((one) => counts[one] > 0) ?? 'Current';
  const notReady = entries
    .filter(({ status }) => status.state !== 'Current')
    .toSorted((a, b) => rank(b.status.state) - rank(a.status.state) || compareRefs(a.ref, b.ref))
    .slice(0, SHOWN);
  return { state, counts, notReady };
}

function rank(state: State): number {
  return ORDER.indexOf(state);
}
