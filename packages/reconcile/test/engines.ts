import { expect } from 'vitest';
import type { Loop } from '@homeostat/reconcile';
import { eventually } from '../../../test/support/scenario.ts';
import type { Process } from '../../../test/support/scenario.ts';

/** The engine that comes first. */
export const first = { lease: { holder: 'host-a/1/x' } };

/** The Lease of the set of a story. */
export const leaseOf = (namespace: string) => ({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  namespace,
  name: 'homeostat-site',
});

/** Waits until the loop has nothing left to do, its report at the parent included. */
export async function settled(process: Process, loop: Loop): Promise<void> {
  await eventually(() => {
    expect(loop.report?.state).toBe('Ready');
    expect(process.ports.memory.parent?.report?.state).toBe('Ready');
  });
}
