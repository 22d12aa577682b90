import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { mapsAt, numberAt, textAt } from '../draft.ts';
import { conditionOf, dropCondition, replaceCondition, setCondition } from './conditions.ts';
import { specOf, statusOf } from './pods.ts';
import { availableOf, boundsOf, replicasOf, sum } from './rollout.ts';

const UPDATED = ['lastUpdateTime'] as const;
const NEVER = 2 ** 31 - 1;

/** Writes a condition `Progressing` that says that a rollout goes on. */
export function progress(status: DraftMap, reason: string, message: string, now: string): void {
  setCondition(status, { type: 'Progressing', status: 'True', reason, message }, now, UPDATED);
}

/** A deadline that is worth watching; `undefined`: the rollout may take for ever. */
export function deadlineOf(deployment: KubeObject): number | undefined {
  const seconds = numberAt(specOf(deployment), 'progressDeadlineSeconds');
  return seconds === undefined || seconds === NEVER ? undefined : seconds;
}

/** Whether every replica is of the newest template, and available, and no other is left. */
export function isComplete(deployment: KubeObject, status: DraftMap): boolean {
  const wanted = replicasOf(deployment);
  return (
    count(status, 'updatedReplicas') === wanted &&
    count(status, 'replicas') === wanted &&
    count(status, 'availableReplicas') === wanted &&
    count(status, 'observedGeneration') >= (deployment.metadata.generation ?? 0)
  );
}

/** What the ReplicaSets amount to, and whether enough of it is available. `fresh`: the ReplicaSet of the newest template. */
export function countReplicas(
  deployment: KubeObject,
  sets: readonly KubeObject[],
  fresh: KubeObject | undefined,
  now: number,
): DraftMap {
  const before = statusOf(deployment);
  const of = (field: string, some: readonly KubeObject[]): number =>
    sum(some, (set) => numberAt(statusOf(set), field) ?? 0);
  const available = sum(sets, availableOf);
  const status: DraftMap = {
    observedGeneration: deployment.metadata.generation,
    replicas: of('replicas', sets),
    updatedReplicas: of('replicas', fresh === undefined ? [] : [fresh]),
    readyReplicas: of('readyReplicas', sets),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(sets, replicasOf) - available),
    terminatingReplicas: of('terminatingReplicas', sets),
    ...(before['collisionCount'] !== undefined && { collisionCount: before['collisionCount'] }),
    ...(before['conditions'] !== undefined && { conditions: before['conditions'] }),
  };
  const enough = available >= replicasOf(deployment) - boundsOf(deployment).unavailable;
  setCondition(
    status,
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    timestamp(now),
    UPDATED,
  );
  return status;
}

/** How a rollout goes: complete, on its way, or past its deadline. Changes the conditions of `status`. */
export function judgeProgress(
  deployment: KubeObject,
  status: DraftMap,
  fresh: KubeObject | undefined,
  sets: readonly KubeObject[],
  now: number,
): void {
  const time = timestamp(now);
  const before = statusOf(deployment);
  const current = conditionOf(before, 'Progressing');
  const deadline = deadlineOf(deployment);
  const name = fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
  const atRest =
    count(status, 'replicas') === count(status, 'updatedReplicas') && current?.['reason'] === 'NewReplicaSetAvailable';
  if (deadline === undefined) dropCondition(status, 'Progressing');
  else if (!atRest) {
    if (isComplete(deployment, status)) {
      progress(status, 'NewReplicaSetAvailable', `${name} has successfully progressed.`, time);
    } else if (hasProgressed(before, status)) {
      const message = `${name} is progressing.`;
      const condition = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message } as const;
      replaceCondition(status, condition, time, UPDATED);
    } else if (isLate(status, deadline, now)) {
      const message = `${name} has timed out progressing.`;
      const condition = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message } as const;
      setCondition(status, condition, time, UPDATED);
    }
  }
  const failure = [...(fresh === undefined ? [] : [fresh]), ...sets].flatMap((set) =>
    mapsAt(statusOf(set), 'conditions').filter(({ type }) => type === 'ReplicaFailure'),
  )[0];
  if (failure === undefined) dropCondition(status, 'ReplicaFailure');
  else {
    const [reason, message] = [textAt(failure, 'reason'), textAt(failure, 'message')];
    setCondition(status, { type: 'ReplicaFailure', status: 'True', reason, message }, time, UPDATED);
  }
}

/** In how many milliseconds a rollout that does not move is past its deadline; `undefined`: never. */
export function lateIn(deployment: KubeObject, status: DraftMap, now: number): number | undefined {
  const deadline = deadlineOf(deployment);
  const current = conditionOf(status, 'Progressing');
  if (deadline === undefined || current === undefined || isComplete(deployment, status)) return undefined;
  if (current['reason'] === 'ProgressDeadlineExceeded') return undefined;
  // The second after it: times have whole seconds.
  return Math.max(1000, Date.parse(textAt(current, 'lastUpdateTime')) + (deadline + 1) * 1000 - now);
}

function isLate(status: DraftMap, deadline: number, now: number): boolean {
  const current = conditionOf(status, 'Progressing');
  if (current === undefined || current['reason'] === 'NewReplicaSetAvailable') return false;
  if (current['reason'] === 'ProgressDeadlineExceeded') return true;
  return Date.parse(textAt(current, 'lastUpdateTime')) + deadline * 1000 < now;
}

function hasProgressed(before: DraftMap, status: DraftMap): boolean {
  const old = (of: DraftMap): number => count(of, 'replicas') - count(of, 'updatedReplicas');
  return (
    count(status, 'updatedReplicas') > count(before, 'updatedReplicas') ||
    old(status) < old(before) ||
    count(status, 'readyReplicas') > count(before, 'readyReplicas') ||
    count(status, 'availableReplicas') > count(before, 'availableReplicas')
  );
}

function count(status: DraftMap, field: string): number {
  return numberAt(status, field) ?? 0;
}
