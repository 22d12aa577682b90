import { compareForApply, refKey } from '@homeostat/kube';
import type { DependencyGraph, Ref, RefKey } from '@homeostat/kube';

/** What holds something back: the object at the root of it, and why that one cannot be had. */
export interface Obstacle {
  readonly by: Ref;
  readonly reason: string;
}

/** An object that was not applied, and why what needs it cannot be. */
export interface Failure {
  readonly key: RefKey;
  readonly obstacle: Obstacle;
}

/** What an event set in motion, in the order of application. */
export interface Progress {
  /** May start now. */
  readonly free: readonly RefKey[];
  /** Can never start. */
  readonly blocked: readonly Failure[];
}

/**
 * Who waits for whom. A state machine: no I/O, no time.
 *
 * 1. An object is free when all that it needs has come true; nothing else delays it.
 * 2. What it needs is that others are *ready* (implied, depends-on, the wave before), or merely *applied* (soft: a claim that
 *    binds only once a Pod uses it must not hold that Pod).
 * 3. What fails blocks all that needs it, at any distance, each naming the object at the root.
 * 4. Every object becomes free or blocked at most once.
 */
export interface Schedule {
  /** What waits for nothing and has not failed. Call it once, before anything is applied. */
  begin(): Progress;
  applied(key: RefKey): Progress;
  ready(key: RefKey): Progress;
  /** They were not applied. All at once, so that what needs one of a cycle names that one. */
  failed(failures: readonly Failure[]): Progress;
  /** It was applied, but is not ready in time. */
  notReady(key: RefKey, obstacle: Obstacle): Progress;
  /** Whether anything waits for it to be ready: if not, nobody needs to look. */
  isAwaited(key: RefKey): boolean;
}

type Condition = string;
const APPLIED = 'applied ';
const READY = 'ready ';

/** An object, or the barrier after a wave. */
interface Node {
  readonly key: string;
  readonly barrier: boolean;
  readonly needs: ReadonlySet<Condition>;
}

export function createSchedule(refs: readonly Ref[], graph: DependencyGraph): Schedule {
  const sorted = refs.toSorted(compareForApply);
  const rank = new Map(sorted.map((ref, i) => [refKey(ref), i]));
  const nodes = [...objectNodes(sorted, graph), ...barrierNodes(graph)];
  const dependants = new Map<Condition, Node[]>();
  const missing = new Map<string, number>();
  for (const node of nodes) {
    missing.set(node.key, node.needs.size);
    for (const condition of node.needs) {
      const list = dependants.get(condition);
      if (list === undefined) dependants.set(condition, [node]);
      else list.push(node);
    }
  }
  const settled = new Set<string>();

  const meet = (condition: Condition, free: RefKey[]) => {
    for (const node of dependants.get(condition) ?? []) {
      const left = (missing.get(node.key) ?? 0) - 1;
      missing.set(node.key, left);
      if (left > 0 || settled.has(node.key)) continue;
      settled.add(node.key);
      if (node.barrier) meet(READY + node.key, free);
      else free.push(node.key);
    }
  };
  const spoil = (conditions: readonly Condition[]): readonly RefKey[] => {
    const blocked: RefKey[] = [];
    const open = [...conditions];
    for (let condition = open.pop(); condition !== undefined; condition = open.pop()) {
      for (const node of dependants.get(condition) ?? []) {
        if (settled.has(node.key)) continue;
        settled.add(node.key);
        if (!node.barrier) blocked.push(node.key);
        open.push(APPLIED + node.key, READY + node.key);
      }
    }
    return blocked;
  };
  const byRank = (a: RefKey, b: RefKey) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
  const met = (condition: Condition): Progress => {
    const free: RefKey[] = [];
    meet(condition, free);
    return { free: free.sort(byRank), blocked: [] };
  };
  const spoilt = (failures: readonly (Failure & { readonly conditions: readonly Condition[] })[]): Progress => {
    const blocked = failures.flatMap(({ conditions, obstacle }) => spoil(conditions).map((key) => ({ key, obstacle })));
    return { free: [], blocked: blocked.sort((a, b) => byRank(a.key, b.key)) };
  };

  return {
    begin() {
      const free = nodes.filter(({ key, needs }) => needs.size === 0 && !settled.has(key));
      for (const { key } of free) settled.add(key);
      return { free: free.map(({ key }) => key), blocked: [] };
    },
    applied: (key) => met(APPLIED + key),
    ready: (key) => met(READY + key),
    failed(failures) {
      for (const { key } of failures) settled.add(key);
      return spoilt(
        failures.map((failure) => ({ ...failure, conditions: [APPLIED + failure.key, READY + failure.key] })),
      );
    },
    notReady: (key, obstacle) => spoilt([{ key, obstacle, conditions: [READY + key] }]),
    isAwaited: (key) => dependants.has(READY + key),
  };
}

function objectNodes(sorted: readonly Ref[], graph: DependencyGraph): readonly Node[] {
  const waveOf = new Map(graph.waves.flatMap(({ members }, i) => members.map((key) => [key, i] as const)));
  return sorted.map((ref) => {
    const key = refKey(ref);
    const needs = new Set<Condition>();
    for (const { on, kind, inSet } of graph.edges.get(key) ?? []) {
      if (inSet) needs.add((kind === 'soft' ? APPLIED : READY) + refKey(on));
    }
    const wave = waveOf.get(key) ?? 0;
    if (wave > 0) needs.add(READY + barrierKey(wave - 1));
    return { key, barrier: false, needs };
  });
}

/** The last wave needs none. */
function barrierNodes(graph: DependencyGraph): readonly Node[] {
  return graph.waves.slice(0, -1).map(({ members }, i) => ({
    key: barrierKey(i),
    barrier: true,
    needs: new Set(members.map((key) => READY + key)),
  }));
}

/** No ref key: those hold slashes. */
function barrierKey(wave: number): string {
  return `after wave ${wave}`;
}
