import { KubeError } from '@homeostat/kube';
import { leaseHolder, noLease } from '@homeostat/reconcile';
import type { Ports, Sync } from '@homeostat/reconcile';
import type { Io } from './io.ts';
import { printFinding } from './print-report.ts';
import { painter, usesColor } from './style.ts';
import { printEngine } from './who.ts';

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
