import { payloadOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { difference, leaves, locate, union } from '@homeostat/merge';
import type { FieldSet } from '@homeostat/merge';
import type { Change } from './change.ts';
import { findingsOf, toChanges } from './compare.ts';
import type { CompareOptions } from './compare.ts';
import { othersOn, ownedBy } from './holder.ts';
import type { Finding } from './walk.ts';

/** What an apply that the server accepted did not bring about. */
export interface RemainingChange extends Change {
  /**
   * - `overridden`: we own the field, and live still has another value: admission or the server changed it.
   * - `kept-by`: we no longer own it, and it is still there: the manager in `heldBy` owns it too.
   */
  readonly why: 'overridden' | 'kept-by';
}

export interface RemainingOptions extends CompareOptions {
  /** Live as it was before the write; without it nothing is known of what was removed. */
  readonly before?: KubeObject | undefined;
}

/**
 * What remains of the differences after an apply. Nothing that only normalization explains: the server has just said what
 * it makes of it. Without secret values; never throws.
 */
export function remainingChanges(
  desired: KubeObject,
  answer: KubeObject,
  options: RemainingOptions,
): readonly RemainingChange[] {
  const payload = payloadOf(desired);
  const owned = ownedBy(answer, options.manager.current);
  const others = othersOn(answer, options.manager);
  const overridden = findingsOf(owned, payload, answer, others, options.ignore).filter(
    ({ kind, uncertain }) => !uncertain && (kind === 'add' || kind === 'change' || kind === 'order'),
  );
  const kept = options.before === undefined ? [] : keptFields(options.before, answer, owned, options);
  return [
    ...toChanges(overridden, payload, answer, others, options).map((change) => ({
      ...change,
      why: 'overridden' as const,
    })),
    // A default that came back in the place of what we removed is nobody's.
    ...toChanges(kept, payload, answer, others, options)
      .filter(({ heldBy }) => heldBy !== undefined)
      .map((change) => ({ ...change, why: 'kept-by' as const })),
  ];
}

function keptFields(before: KubeObject, answer: KubeObject, owned: FieldSet, { manager }: CompareOptions): Finding[] {
  if (before.apiVersion !== answer.apiVersion) return [];
  const claimed = [manager.current, ...manager.former].map((name) => ownedBy(before, name)).reduce(union);
  return [...locate(leaves(difference(claimed, owned)), answer)]
    .filter(({ value }) => value !== undefined)
    .map(({ path, value }) => ({ steps: path, kind: 'remove', desired: undefined, live: value, uncertain: false }));
}
