import type { KubeObject } from '@homeostat/kube';
import { mapAt, numberAt, textAt } from '../draft.ts';
import { specOf, statusOf } from './pods.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas';

/** How far a rollout may stray from the replicas that are wanted. */
export interface Bounds {
  readonly surge: number;
  readonly unavailable: number;
}

/** A ReplicaSet of a Deployment, and how many Pods it is to have. */
export interface Scaling {
  readonly set: KubeObject;
  readonly replicas: number;
}

/** Replicas that an owner wants. */
export function replicasOf(object: KubeObject): number {
  return numberAt(specOf(object), 'replicas') ?? 1;
}

export function isRolling(deployment: KubeObject): boolean {
  return textAt(mapAt(specOf(deployment), 'strategy'), 'type') !== 'Recreate';
}

/** A share of the surge is rounded up, one of what may be missing down; both are never nothing. */
export function boundsOf(deployment: KubeObject): Bounds {
  if (!isRolling(deployment)) return { surge: 0, unavailable: 0 };
  const replicas = replicasOf(deployment);
  const rolling = mapAt(mapAt(specOf(deployment), 'strategy'), 'rollingUpdate');
  const surge = amount(rolling?.['maxSurge'], replicas, Math.ceil);
  const unavailable = amount(rolling?.['maxUnavailable'], replicas, Math.floor);
  if (replicas === 0) return { surge, unavailable: 0 };
  return { surge, unavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas) };
}

/** A number, or a share of `total`. */
export function amount(value: unknown, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return 0;
  const percent = /^([0-9]+)%$/.exec(value);
  return percent === null ? 0 : round((Number(percent[1]) * total) / 100);
}

/** How many Pods the new ReplicaSet is to have next: as many as the surge leaves room for. */
export function nextReplicas(deployment: KubeObject, sets: readonly KubeObject[], current: number): number {
  const wanted = replicasOf(deployment);
  if (!isRolling(deployment)) return wanted;
  const room = wanted + boundsOf(deployment).surge - sum(sets, replicasOf);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** Which old ReplicaSets lose how many Pods next, oldest first: those that do not work, then as many as may be missing. */
export function scaleDown(deployment: KubeObject, fresh: KubeObject, old: readonly KubeObject[]): Scaling[] {
  const all = [...old, fresh];
  const least = replicasOf(deployment) - boundsOf(deployment).unavailable;
  const unavailable = replicasOf(fresh) - availableOf(fresh);
  const may = sum(all, replicasOf) - least - unavailable;
  if (may <= 0 || sum(old, replicasOf) === 0) return [];
  const sizes = new Map(old.map((set) => [set, replicasOf(set)]));
  let broken = may;
  for (const set of old) {
    const size = replicasOf(set);
    const less = Math.max(0, Math.min(broken, size - availableOf(set)));
    sizes.set(set, size - less);
    broken -= less;
  }
  let spare = sum(all, availableOf) - least;
  for (const set of old) {
    const size = sizes.get(set) ?? 0;
    const less = Math.max(0, Math.min(spare, size));
    sizes.set(set, size - less);
    spare -= less;
  }
  return old.flatMap((set) => {
    const replicas = sizes.get(set) ?? 0;
    return replicas === replicasOf(set) ? [] : [{ set, replicas }];
  });
}

/** A Deployment that is scaled in the middle of a rollout: its ReplicaSets grow or shrink in proportion. */
export function proportional(deployment: KubeObject, active: readonly KubeObject[]): Scaling[] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + boundsOf(deployment).surge : 0;
  const change = allowed - sum(active, replicasOf);
  // The larger first; of two of a size the newer one grows, and the older one shrinks.
  const sorted = active.toSorted(
    (a, b) => replicasOf(b) - replicasOf(a) || (change > 0 ? createdAt(b) - createdAt(a) : createdAt(a) - createdAt(b)),
  );
  let done = 0;
  const scalings = sorted.map((set) => {
    const share = change === 0 || change === done ? 0 : shareOf(deployment, set, allowed);
    const part = change > 0 ? Math.min(share, change - done) : Math.max(share, change - done);
    done += part;
    return { set, replicas: replicasOf(set) + part };
  });
  return scalings.map(({ set, replicas }, index) => ({
    set,
    replicas: index === 0 ? Math.max(0, replicas + change - done) : replicas,
  }));
}

function shareOf(deployment: KubeObject, set: KubeObject, allowed: number): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return -size;
  const before = Number(set.metadata.annotations?.[MAXIMUM] ?? 0) || numberAt(statusOf(deployment), 'replicas') || 0;
  return before === 0 ? 0 : Math.round((size * allowed) / before) - size;
}

export function availableOf(set: KubeObject): number {
  return numberAt(statusOf(set), 'availableReplicas') ?? 0;
}

export function createdAt({ metadata }: KubeObject): number {
  return Date.parse(textAt(metadata, 'creationTimestamp'));
}

export function sum(sets: readonly KubeObject[], count: (set: KubeObject) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}
