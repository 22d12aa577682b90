import { digest } from '@homeostat/kube';
import type { DraftItem } from './draft.ts';
import type { Difference } from './events.ts';
import type { FoundAdditions } from './find-additions.ts';

/** For people: `is gone`, or `was changed` and where. */
export function printDifference(difference: Omit<Difference, 'ref'>): string {
  return difference.gone ? 'is gone' : `was changed${printPlaces(difference)}`;
}

/** Which fields, by whom, the first three of each, as the end of a sentence: `: .spec.replicas, by kubectl-edit`. */
export function printPlaces({ fields, managers }: Pick<Difference, 'fields' | 'managers'>): string {
  const what = fields.length === 0 ? '' : `: ${some(fields)}`;
  return managers.length === 0 ? what : `${what}${what === '' ? ':' : ','} by ${some(managers)}`;
}

function some(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${names.slice(0, 3).join(', ')}${more}`;
}

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
