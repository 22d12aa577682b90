import { digest } from '@homeostat/kube';
import type { DraftItem } from './draft.ts';
import type { Difference } from './events.ts';
import type { FoundAdditions } from './find-additions.ts';

/** How one object is not as desired, and a digest by which the same difference is known again; `undefined` when it is. Pure. */
export function differenceOf(
  item: DraftItem,
  additions: FoundAdditions | undefined,
): { readonly difference: Difference; readonly digest: string } | undefined {
  const { ref } = item.prepared;
  const changes = item.step === 'ask' ? item.changes : [];
  const removals = (additions?.additions ?? []).filter(({ action }) => action === 'remove');
  if (item.step !== 'ask' && removals.length === 0) return undefined;
  const places = [
    ...changes.map(({ path, kind, live, heldBy }) => ({ path, kind, live, by: heldBy === undefined ? [] : [heldBy] })),
    ...removals.map(({ path, value, heldBy }) => ({ path, kind: 'added', live: value, by: [...heldBy] })),
  ].map(({ by, ...place }) => ({ ...place, by: by.map(({ manager }) => manager) }));
  const gone = item.step === 'ask' && item.item.action === 'create';
  const difference = {
    ref,
    gone,
    fields: [...new Set(places.map(({ path }) => path))].toSorted(),
    managers: [...new Set(places.flatMap(({ by }) => by))].toSorted(),
  };
  return { difference, digest: digest({ gone, desired: item.prepared.digest, places }) };
}
