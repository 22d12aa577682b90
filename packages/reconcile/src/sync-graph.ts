import { compareText } from '@homeostat/kube';
import type { SetName } from './claims.ts';

export function syncKey({ namespace, name }: SetName): string {
  return `${namespace}/${name}`;
}

/** The way from a sync back to itself, both ends included; `undefined` when there is none. The shortest, and of those the first by name. Pure. */
export function cycleOf(
  start: SetName,
  dependenciesOf: (sync: SetName) => readonly SetName[],
): readonly SetName[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly SetName[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly SetName[])[] = [];
    for (const way of ways) {
      const end = way.at(-1) ?? start;
      for (const next of dependenciesOf(end).toSorted(compareNames)) {
        const key = syncKey(next);
        if (key === syncKey(start)) return [...way, next];
        if (seen.has(key)) continue;
        seen.add(key);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return undefined;
}

/**
 * Each sync behind those that it depends on, and otherwise by name; the members of a cycle, and what depends on them, come at the
 * end, by name. Dependencies on others than these do not count. Pure.
 */
export function inOrder<T extends SetName & { readonly dependsOn: readonly SetName[] }>(
  syncs: readonly T[],
): readonly T[] {
  const byName = syncs.toSorted(compareNames);
  const left = new Map(byName.map((sync) => [syncKey(sync), sync]));
  const ordered: T[] = [];
  const isFree = ({ dependsOn }: T): boolean => !dependsOn.some((other) => left.has(syncKey(other)));
  const needing = Map.groupBy(
    byName.flatMap((sync) => sync.dependsOn.map((other) => ({ other: syncKey(other), sync }))),
    ({ other }) => other,
  );
  let free = byName.filter(isFree);
  while (free.length > 0) {
    for (const sync of free) left.delete(syncKey(sync));
    ordered.push(...free);
    const candidates = new Set(free.flatMap((sync) => (needing.get(syncKey(sync)) ?? []).map((one) => one.sync)));
    free = [...candidates].filter((sync) => left.has(syncKey(sync)) && isFree(sync)).toSorted(compareNames);
  }
  return [...ordered, ...left.values()];
}

function compareNames(a: SetName, b: SetName): number {
  return compareText(syncKey(a), syncKey(b));
}
