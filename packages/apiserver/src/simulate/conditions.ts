import type { DraftMap } from '../draft.ts';
import { mapsAt } from '../draft.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

export function conditionOf(status: DraftMap, type: string): DraftMap | undefined {
  return mapsAt(status, 'conditions').find((condition) => condition['type'] === type);
}

/**
 * Puts a condition behind the others, unless one of its type says the same already: the same status for the same reason.
 * The time of the last transition stays while the status does. `times`: the fields of the kind's conditions that hold when
 * anything changed.
 */
export function setCondition(
  status: DraftMap,
  condition: Condition,
  now: string,
  times: readonly ('lastUpdateTime' | 'lastProbeTime')[] = [],
): void {
  const before = conditionOf(status, condition.type);
  if (before?.['status'] === condition.status && before['reason'] === condition.reason) return;
  replaceCondition(status, condition, now, times);
}

/** As {@link setCondition}, whatever stood there. */
export function replaceCondition(
  status: DraftMap,
  condition: Condition,
  now: string,
  times: readonly ('lastUpdateTime' | 'lastProbeTime')[] = [],
): void {
  const before = conditionOf(status, condition.type);
  const since = before?.['status'] === condition.status ? before['lastTransitionTime'] : now;
  const { type, ...rest } = condition;
  status['conditions'] = [
    ...mapsAt(status, 'conditions').filter((one) => one['type'] !== type),
    { type, ...rest, lastTransitionTime: since, ...Object.fromEntries(times.map((field) => [field, now])) },
  ];
}

export function dropCondition(status: DraftMap, type: string): void {
  if (conditionOf(status, type) === undefined) return;
  const others = mapsAt(status, 'conditions').filter((one) => one['type'] !== type);
  if (others.length === 0) delete status['conditions'];
  else status['conditions'] = others;
}
