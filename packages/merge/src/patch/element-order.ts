import { MergeError } from '../error.ts';
import { goType, goValue } from '../go-text.ts';
import { isMap, ownValue } from './json-value.ts';
import type { JsonMap } from './json-value.ts';

/** What makes two items of a list the same one: the value of their merge key, or they themselves where there is none. */
export function identityOf(item: unknown, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined) return item;
  const map = mapOrThrow(item);
  if (!Object.hasOwn(map, mergeKey)) throw missingKey(map, mergeKey);
  return map[mergeKey];
}

/**
 * Orders merged items: those that the patch names as it names them, the others as they stood on the server, and both
 * woven together by the server's order as far as it knows them.
 *
 * Source: strategic merge patch, "preserve order" proposal.
 *
 * @throws {MergeError} `MISSING_MERGE_KEY`.
 */
export function orderItems(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const patchRanks = ranks(patchOrder, mergeKey);
  const serverRanks = ranks(serverOrder, mergeKey);
  const keyed = merged.map((item) => ({ item, id: identityOf(item, mergeKey) }));
  const rankIn = (order: ReadonlyMap<unknown, number>) => (a: { id: unknown }, b: { id: unknown }) =>
    (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0);
  const named = keyed.filter(({ id }) => patchRanks.has(id)).toSorted(rankIn(patchRanks));
  const others = keyed.filter(({ id }) => !patchRanks.has(id)).toSorted(rankIn(serverRanks));

  const woven: unknown[] = [];
  let next = 0;
  for (const { item, id } of others) {
    const rank = serverRanks.get(id) ?? Infinity;
    // Everything of the patch goes first until one comes that is known to stand behind this item.
    for (; next < named.length; next += 1) {
      const there = named[next] as { item: unknown; id: unknown };
      const theirs = serverRanks.get(there.id);
      if (theirs !== undefined && rank < theirs) break;
      woven.push(there.item);
    }
    woven.push(item);
  }
  return [...woven, ...named.slice(next).map(({ item }) => item)];
}

function ranks(order: readonly unknown[], mergeKey: string | undefined): ReadonlyMap<unknown, number> {
  const found = new Map<unknown, number>();
  order.forEach((item, rank) => {
    const id = identityOf(item, mergeKey);
    if (!found.has(id)) found.set(id, rank);
  });
  return found;
}

/** The items of a patch list must stand in the list that orders them, in the same order; deletions need not. */
export function checkOrder(items: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  if (items.length === 0 || order.length === 0) return;
  let at = 0;
  for (const item of items) {
    const directive = isMap(item) ? ownValue(item, '$patch') : undefined;
    if (directive === 'delete') continue;
    if (at === order.length) throw wrongOrder(items, order);
    if (directive !== undefined) continue;
    const id = identityOf(item, mergeKey);
    while (at < order.length && identityOf(order[at], mergeKey) !== id) at += 1;
    if (at === order.length) throw wrongOrder(items, order);
    at += 1;
  }
}

function wrongOrder(items: readonly unknown[], order: readonly unknown[]): MergeError {
  const lists = `patch list:\n${goValue(items)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`;
  return new MergeError('PATCH_MISMATCH', `The order in ${lists}`);
}

function missingKey(item: JsonMap, mergeKey: string): MergeError {
  return new MergeError('MISSING_MERGE_KEY', `map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`);
}

function mapOrThrow(item: unknown): JsonMap {
  if (isMap(item)) return item;
  throw new MergeError('PATCH_MISMATCH', `expected a map[string]interface {}, but received a ${goType(item)}`);
}
