import { createInformer } from './informer.ts';
import type { Informer } from './informer.ts';
import { holdRef } from './hold-lease.ts';
import type { Term } from './hold-lease.ts';
import { engineLeaseRef, LEASE_LABEL } from './lease.ts';
import type { Ports } from './ports.ts';
import { untilAborted } from './until-aborted.ts';
import type { Ref } from '@homeostat/kube';

/** The Lease of a process, through which it holds the Leases of its sets: one renewal per 10 s, however many sets there are. */
export interface EngineLease {
  readonly ref: Ref;
  /** The Leases of all engines and sets, by one watch. */
  readonly leases: Informer;
  /** Keeps it until the signal: abort that when nothing holds through it any more. */
  run(signal: AbortSignal): Promise<void>;
  /** The present term, or the next one; `undefined` when the signal comes first. */
  term(signal: AbortSignal): Promise<Term | undefined>;
}

export interface EngineLeaseOptions {
  readonly holder: string;
  readonly namespace: string;
  readonly trouble: (message: string) => void;
}

export function createEngineLease(
  ports: Pick<Ports, 'client' | 'clock' | 'random'>,
  { holder, namespace, trouble }: EngineLeaseOptions,
): EngineLease {
  const ref = engineLeaseRef(namespace, holder);
  const leases = createInformer({ group: ref.group, kind: ref.kind, labelSelector: LEASE_LABEL }, ports);
  let next = Promise.withResolvers<Term>();
  let present: Term | undefined;

  const keep = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const term = await holdRef(ref, ports, { holder, holds: 'engine', signal, standby: () => {}, trouble });
      if (term === undefined) return;
      present = term;
      next.resolve(term);
      await untilAborted(term.signal);
      present = undefined;
      next = Promise.withResolvers();
      await term.end();
    }
  };

  return {
    ref,
    leases,
    async run(signal) {
      await Promise.all([leases.run(signal), keep(signal)]);
    },
    async term(signal) {
      if (signal.aborted) return undefined;
      if (present !== undefined) return present;
      const leaving = Promise.withResolvers<undefined>();
      const leave = (): void => leaving.resolve(undefined);
      signal.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([next.promise, leaving.promise]);
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
  };
}
