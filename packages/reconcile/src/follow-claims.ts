import type { Ports } from './ports.ts';
import type { Report } from './report.ts';
import type { Sync } from './sync.ts';
import { untilAborted } from './until-aborted.ts';

/** Listens to what other syncs of the process say, for as long as something of this one hangs on it. */
export interface ClaimsFollower {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** A pass begins: what is heard from here on may be later than what it goes by. */
  began(): void;
  reported(report: Report): void;
}

/**
 * `wake` is called when another look can come to something else: what was kept or refused for the sake of others may go now, or others
 * contest more or less than before. A listener costs nothing while nothing hangs on the others, since a commit that a thousand syncs
 * read is said a thousand times.
 */
export function createClaimsFollower(
  sync: Sync,
  { claims }: Pick<Ports, 'claims'>,
  { wake }: { readonly wake: () => void },
): ClaimsFollower {
  let hangs = false;
  let heard = false;
  let contested = claims?.contested(sync);
  return {
    async run(signal) {
      const stop = claims?.onChange(() => {
        const now = claims.contested(sync);
        const other = now !== contested;
        contested = now;
        heard = true;
        if (hangs || other) wake();
      });
      await untilAborted(signal);
      stop?.();
    },
    began() {
      heard = false;
    },
    reported(report) {
      hangs = hangsOnOthers(report);
      if (hangs && heard) wake();
      heard = false;
    },
  };
}

/** Whether something is held, or refused, for what other syncs of this process desire or may desire. */
function hangsOnOthers({ objects, orphans }: Report): boolean {
  return (
    orphans.some(({ reason }) => reason === 'claimed' || reason === 'claim-unknown') ||
    objects.some(({ action, code }) => action === 'failed' && code === 'conflict')
  );
}
