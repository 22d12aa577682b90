import { itemName } from './item-element.ts';
import { equalJson, nonEmptyList, nonEmptyRecord, ownField, setField } from './json.ts';
import { entryType, kindOf, listFor, mapFor } from './kind.ts';
import type { ListAtom, MapAtom, TypeUse } from './schema.ts';

/**
 * `live` with everything that `config` says. Nothing is removed; leaves and atomic values come from `config`, maps are
 * united entry by entry, and items of associative lists by identity. Both have been validated, `config` without duplicates.
 *
 * Parts that stay the same are those of `live`, not copies; when all stays the same, `live` itself is returned.
 *
 * Source: structured-merge-diff, `typed/merge.go`.
 */
export function mergeObjects(live: unknown, config: unknown, type: TypeUse): unknown {
  if (config === undefined || live === config) return live;
  if (live === undefined) return config;
  const atom = type.atom();
  const kind = kindOf(atom, config);
  const map = mapFor(atom, kind);
  if (map !== undefined) return mergeMaps(map, live, config);
  const list = listFor(atom, kind);
  return list === undefined ? mergeLeaves(live, config) : mergeLists(list, live, config);
}

function mergeLeaves(live: unknown, config: unknown): unknown {
  return equalJson(live, config) ? live : config;
}

function mergeMaps(map: MapAtom, live: unknown, config: unknown): unknown {
  if (map.relationship === 'atomic') return mergeLeaves(live, config);
  const there = nonEmptyRecord(live);
  const given = nonEmptyRecord(config);
  // Both empty: a leaf, so that null and {} stay different. One empty: it adds nothing.
  if (there === undefined) return given ?? mergeLeaves(live, config);
  if (given === undefined) return live;
  let merged: Record<string, unknown> | undefined;
  for (const name in given) {
    const before = ownField(there, name);
    const after = mergeObjects(before, given[name], entryType(map, name));
    if (after !== before) setField((merged ??= { ...there }), name, after);
  }
  return merged ?? live;
}

function mergeLists(list: ListAtom, live: unknown, config: unknown): unknown {
  if (list.relationship === 'atomic') return mergeLeaves(live, config);
  const there = nonEmptyList(live);
  const given = nonEmptyList(config);
  if (there === undefined) return given ?? mergeLeaves(live, config);
  if (given === undefined) return live;
  const merged = mergeItems(list, there, given);
  return merged.length === there.length && merged.every((item, i) => item === there[i]) ? live : merged;
}

/** The names of a list's items, and the item of each name; null where several have it: those are not merged into. */
function index(list: ListAtom, items: readonly unknown[]): { names: string[]; byName: Map<string, unknown> } {
  const names: string[] = [];
  const byName = new Map<string, unknown>();
  for (const item of items) {
    const name = itemName(list, item);
    const text = name.fault === undefined ? name.text : '';
    names.push(text);
    byName.set(text, byName.has(text) ? null : item);
  }
  return { names, byName };
}

/**
 * Items that only `live` has keep their place; those of `config` come in its order. Two cursors; `shared` is what both
 * have, in the order of `config`: a live item that is shared but not the next one is left for later.
 */
function mergeItems(list: ListAtom, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const left = index(list, live);
  const right = index(list, config);
  const shared = right.names.filter((name) => left.byName.has(name));
  const merged: unknown[] = [];
  const emitted = new Set<string>();
  let next = 0;
  const emit = (name: string): void => {
    merged.push(mergeObjects(left.byName.get(name), right.byName.get(name), list.element));
    emitted.add(name);
  };
  let l = 0;
  let r = 0;
  while (l < live.length || r < config.length) {
    if (l < live.length) {
      const name = left.names[l] as string;
      if (r < config.length) {
        if (name === right.names[r]) {
          emit(name);
          l++;
          r++;
          next++;
          continue;
        }
        if (right.byName.has(name) && next < shared.length && shared[next] !== name) {
          l++;
          continue;
        }
      }
      if (!right.byName.has(name)) {
        merged.push(live[l++]);
        continue;
      }
      if (emitted.has(name)) l++;
    }
    if (r < config.length) {
      const name = right.names[r++] as string;
      emit(name);
      if (shared[next] === name) next++;
    }
  }
  return merged;
}
