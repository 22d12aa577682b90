import { KubeError } from '@homeostat/kube';
import { leaseHolder, noLease } from '@homeostat/reconcile';
import { hasDifferences } from '@homeostat/reconcile';
import type { Plan, Ports, Sync } from '@homeostat/reconcile';
import type { Io } from './io.ts';
import { printFinding } from './print-report.ts';
import { painter, usesColor } from './style.ts';
import { printEngine } from './who.ts';

/** Thrown past the pass that it stops, which so writes no report either. What there is to say has been said. */
export class HeldByAnother extends Error {}

/**
 * Looks for another engine when there is something to do, and not before: a pass over a settled set costs no request more.
 *
 * @throws {HeldByAnother}
 */
export function unlessHeld(
  sync: Pick<Sync, 'namespace' | 'name'>,
  ports: Pick<Ports, 'client' | 'clock'>,
  io: Io,
): (plan: Plan) => Promise<void> {
  return async (plan) => {
    if (hasDifferences(plan) && (await isHeldByAnother(sync, ports, io))) throw new HeldByAnother();
  };
}

/**
 * Whether an engine stays on this set, which a single pass must not meddle with; says so on standard error. One GET. Where we may not
 * look, that is said, and the pass goes on: every write proves itself.
 */
export async function isHeldByAnother(
  sync: Pick<Sync, 'namespace' | 'name'>,
  ports: Pick<Ports, 'client' | 'clock'>,
  io: Io,
): Promise<boolean> {
  const paint = painter(usesColor(io, io.stderr));
  try {
    const holder = await leaseHolder(sync, ports, { signal: io.signal });
    if (holder === undefined) return false;
    io.stderr.write(
      `${paint('red', 'error')}: ${printEngine(holder)} keeps ${sync.namespace}/${sync.name} in sync: stop it, ask it with homeostat sync-now, or pass --force\n`,
    );
    return true;
  } catch (error) {
    // What does not answer here does not answer the pass either, which reports it.
    if (!(error instanceof KubeError)) throw error;
    if (error.code === 'FORBIDDEN') io.stderr.write(`${printFinding(noLease(error), paint)}\n`);
    return false;
  }
}
