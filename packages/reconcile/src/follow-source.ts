import type { Revision } from '@homeostat/git';
import type { Ports } from './ports.ts';

/**
 * Tells every revision that the source comes to, the present one first, until the signal. A source that cannot even say what it will
 * come to is asked again after `pollMs`; `lost` says that something may have been missed.
 */
export async function followSource(
  { source, clock }: Pick<Ports, 'source' | 'clock'>,
  {
    signal,
    pollMs,
    seen,
    lost,
  }: {
    readonly signal: AbortSignal;
    readonly pollMs: number;
    readonly seen: (revision: Revision) => void;
    readonly lost: () => void;
  },
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const revision of source.changes({ signal, intervalMs: pollMs })) seen(revision);
    } catch {
      // The next pass resolves the source itself and reports what is wrong with it.
      if (!signal.aborted) lost();
    }
    await clock.sleep(pollMs, signal);
  }
}
