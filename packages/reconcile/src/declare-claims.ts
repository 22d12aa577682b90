import type { Declaration } from './claims.ts';
import { standingOf } from './ports.ts';
import type { Ports } from './ports.ts';
import type { Sync } from './sync.ts';
import type { Verdicts } from './validate.ts';

/** Tells the other syncs of this process what this one desires now. */
export function declareClaims(
  sync: Sync,
  { claims, source, clock }: Pick<Ports, 'claims' | 'source' | 'clock'>,
  said: Pick<Declaration, 'revision' | 'desired' | 'complete'>,
): void {
  claims?.declare(sync, { ...said, ...standingOf(sync, source), now: clock.now() });
}

/** Tells those who have an object that this set desires it too. */
export function contest(sync: Sync, { claims }: Pick<Ports, 'claims'>, verdicts: Verdicts): void {
  claims?.contest(
    sync,
    [...verdicts].flatMap(([key, { heldBySet }]) =>
      heldBySet !== undefined && claims.desires(heldBySet, key, sync) === true ? [{ key, owner: heldBySet }] : [],
    ),
  );
}
