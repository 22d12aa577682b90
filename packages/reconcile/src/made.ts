import type { ApplyOutcome } from '@homeostat/apply';
import { digest } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import type { Memory } from './memory.ts';
import type { Removals } from './remove-additions.ts';
import type { Settled } from './settle.ts';
import type { Sync } from './sync.ts';

/** What has been made as desired: where it is not so any more, somebody else changed it. */
export interface Made {
  /** Of which commit and document, as a digest. */
  readonly as: string;
  readonly keys: Set<RefKey>;
  /** What was last told of how an object differs; by digest. */
  readonly told: Map<RefKey, string>;
}

/** What decides about the objects of a set, in a document. */
export function decisiveOptions({
  render,
  policy,
  takeOver,
  impersonate,
}: Sync): Pick<Sync, 'render' | 'policy' | 'takeOver' | 'impersonate'> {
  return { render, policy, takeOver, ...(impersonate !== undefined && { impersonate }) };
}

/** Adds what a pass has found as desired, or made so. */
export function addMade(
  made: Made,
  settled: readonly Settled[],
  outcomes: ReadonlyMap<RefKey, ApplyOutcome>,
  removals: Removals,
): void {
  for (const { plan, prepared, removal } of settled) {
    const { key } = prepared;
    const outcome = outcomes.get(key);
    const isWritten = outcome === undefined ? removal !== undefined : 'object' in outcome;
    const isRemoved = removal === undefined || removals.get(key)?.action === 'removed';
    if (plan.action === 'unchanged' || plan.action === 'skip' || (isWritten && isRemoved)) made.keys.add(key);
  }
}

/** Whether all that is desired has been made. */
export function isAllMade({ keys }: Made, desired: ReadonlyMap<RefKey, unknown>): boolean {
  return [...desired.keys()].every((key) => keys.has(key));
}

/** Of this commit, by this document: nothing yet. */
export function nothingMade(sync: Sync, commit: string): Made {
  return { as: digest([commit, decisiveOptions(sync)]), keys: new Set(), told: new Map() };
}

/**
 * What was made of this commit by this document already: in this process, or all of it, if the parent says so; else nothing.
 */
export function recallMade(
  sync: Sync,
  commit: string,
  desired: ReadonlyMap<RefKey, unknown>,
  { made, parent }: Pick<Memory, 'made' | 'parent'>,
): Made {
  const nothing = nothingMade(sync, commit);
  if (made?.as === nothing.as) return made;
  return parent?.report?.made === nothing.as ? { ...nothing, keys: new Set(desired.keys()) } : nothing;
}
