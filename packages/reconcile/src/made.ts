import type { ApplyOutcome } from '@homeostat/apply';
import { digest } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import type { Memory } from './memory.ts';
import type { PassOptions } from './pass.ts';
import type { Plan } from './plan.ts';
import type { Ports } from './ports.ts';
import type { Removals } from './remove-additions.ts';
import type { Wanted } from './render-snapshot.ts';
import { pendingRequests } from './requests.ts';
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
  made: Made | undefined,
  settled: readonly Settled[],
  outcomes: ReadonlyMap<RefKey, ApplyOutcome>,
  removals: Removals,
): void {
  if (made === undefined) return;
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
function nothingMade(sync: Sync, commit: string): Made {
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

/** Whether what others changed is left: the policy says so, and nobody wants it to be made as desired. */
export function leavesDrift(
  { policy }: Pick<Sync, 'policy'>,
  { memory }: Pick<Ports, 'memory'>,
  { leaveDrift = false }: Pick<PassOptions, 'leaveDrift'>,
): boolean {
  const isWanted = pendingRequests(memory.parent).some(({ request }) => request === 'sync-now');
  return policy.drift === 'report' && leaveDrift && !isWanted;
}

/**
 * What is made of this revision: what was made of it before, unless all of it is to be made anew. `undefined` where nobody asks.
 */
export function beginMaking(
  sync: Sync,
  { source: { commit } }: Plan,
  { byKey }: Wanted,
  ports: Pick<Ports, 'memory'>,
  options: PassOptions,
): Made | undefined {
  const { memory } = ports;
  if (sync.policy.drift !== 'report') memory.made = undefined;
  else if (leavesDrift(sync, ports, options)) memory.made = recallMade(sync, commit, byKey, memory);
  else memory.made = nothingMade(sync, commit);
  return memory.made;
}
