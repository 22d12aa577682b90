import { count, field, instant, integer, items, text } from './fields.ts';

/** One entry of `conditions`. Source: Kubernetes API conventions, "Typical status properties". */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** `lastTransitionTime` in milliseconds since 1970. */
  readonly since: number | undefined;
  /** It was made for an older generation of the object, so it says nothing about this one. */
  readonly stale: boolean;
}

/**
 * The conditions that `holder` (a status, or a part of one) lists, in the list's order.
 *
 * @param generation the object's generation, or `undefined` where staleness does not count (kstatus).
 */
export function conditionsOf(holder: unknown, generation: number | undefined): readonly Condition[] {
  return items(holder, 'conditions').map((entry) => ({
    type: text(entry, 'type'),
    status: text(entry, 'status'),
    reason: text(entry, 'reason'),
    message: text(entry, 'message'),
    since: instant(entry, 'lastTransitionTime'),
    stale:
      generation !== undefined &&
      integer(entry, 'observedGeneration') !== undefined &&
      count(entry, 'observedGeneration') < generation,
  }));
}

/** It is there, True, and about this generation. */
export function isTrue(condition: Condition | undefined): boolean {
  return condition !== undefined && condition.status === 'True' && !condition.stale;
}

/** `reason: message`, whatever of it there is; `fallback` when there is nothing. */
export function explain(condition: Condition, fallback: string): string {
  return [condition.reason, condition.message].filter((part) => part !== '').join(': ') || fallback;
}

/** The object's generation where it has one. */
export function generationOf(object: unknown): number | undefined {
  return integer(field(object, 'metadata'), 'generation');
}
