import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapsAt, textAt } from '../draft.ts';
import { conditionOf } from './conditions.ts';
import { NODE_IP } from './node.ts';
import { specOf, statusOf } from './pods.ts';

/** How a Pod on a node stands. */
export type PodStage =
  | { readonly stage: 'creating' }
  | { readonly stage: 'running'; readonly ready: boolean; readonly since: string }
  | { readonly stage: 'image-missing' }
  | {
      readonly stage: 'crashed';
      readonly restarts: number;
      readonly backoff: string;
      readonly startedAt: string;
      readonly finishedAt: string;
    }
  | {
      readonly stage: 'over';
      readonly phase: 'Succeeded' | 'Failed';
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
    };

/** The status of a Pod as its kubelet reports it. `ip`: what it has or gets, once its containers run. */
export function podStatus(pod: KubeObject, stage: PodStage, ip: string, now: string): DraftMap {
  const before = statusOf(pod);
  const spec = specOf(pod);
  const created = stage.stage !== 'creating';
  const containers = mapsAt(spec, 'containers');
  const names = containers.map((container) => textAt(container, 'name')).join(' ');
  const unready = `containers with unready status: [${names}]`;
  const ready = stage.stage === 'running' && stage.ready;
  const over = stage.stage === 'over' && stage.phase === 'Succeeded';
  const why = over ? { reason: 'PodCompleted' } : { reason: 'ContainersNotReady', message: unready };
  const generation = pod.metadata.generation;
  const condition = (type: string, met: boolean, more: DraftMap = {}): DraftMap => {
    const status = met ? 'True' : 'False';
    const old = conditionOf(before, type);
    return {
      type,
      status,
      ...(generation !== undefined && { observedGeneration: generation }),
      lastProbeTime: null,
      lastTransitionTime: old?.['status'] === status ? old['lastTransitionTime'] : now,
      ...more,
    };
  };
  const ran = stage.stage === 'running' || stage.stage === 'crashed' || stage.stage === 'over';
  const own = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']);
  const inits = mapsAt(spec, 'initContainers');
  return {
    ...before,
    ...(generation !== undefined && { observedGeneration: generation }),
    phase: stage.stage === 'over' ? stage.phase : ran ? 'Running' : 'Pending',
    conditions: [
      ...mapsAt(before, 'conditions').filter((one) => !own.has(textAt(one, 'type'))),
      condition('PodReadyToStartContainers', created && stage.stage !== 'over'),
      condition('Initialized', created || inits.length === 0, over ? { reason: 'PodCompleted' } : {}),
      condition('Ready', ready, ready ? {} : why),
      condition('ContainersReady', ready, ready ? {} : why),
      condition('PodScheduled', true),
    ],
    hostIP: NODE_IP,
    hostIPs: [{ ip: NODE_IP }],
    startTime: before['startTime'] ?? now,
    ...(created && { podIP: ip, podIPs: [{ ip }] }),
    ...(inits.length > 0 && { initContainerStatuses: inits.map((container) => initStatus(container, stage)) }),
    containerStatuses: containers.map((container) => containerStatus(pod, container, stage)),
  };
}

function initStatus(container: DraftMap, stage: PodStage): DraftMap {
  const ended = stage.stage === 'over' || stage.stage === 'running' || stage.stage === 'crashed';
  const sidecar = container['restartPolicy'] === 'Always';
  const at = 'startedAt' in stage ? stage.startedAt : 'since' in stage ? stage.since : undefined;
  const state =
    !ended || at === undefined
      ? { waiting: { reason: 'PodInitializing' } }
      : sidecar && stage.stage !== 'over'
        ? { running: { startedAt: at } }
        : { terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } };
  return { ...common(container), state, lastState: {}, ready: ended, restartCount: 0, started: sidecar && ended };
}

function containerStatus(pod: KubeObject, container: DraftMap, stage: PodStage): DraftMap {
  const base = { ...common(container), lastState: {}, ready: false, restartCount: 0, started: false };
  switch (stage.stage) {
    case 'creating':
      return { ...base, state: { waiting: { reason: 'ContainerCreating' } } };
    case 'image-missing':
      return {
        ...base,
        state: { waiting: { reason: 'ImagePullBackOff', message: backOffPulling(textAt(container, 'image')) } },
      };
    case 'running':
      return { ...base, state: { running: { startedAt: stage.since } }, ready: stage.ready, started: true };
    case 'crashed': {
      const { restarts, backoff, startedAt, finishedAt } = stage;
      const { name, namespace = '', uid = '' } = pod.metadata;
      const where = `container=${textAt(container, 'name')} pod=${name}_${namespace}(${uid})`;
      return {
        ...base,
        state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off ${backoff} restarting failed ${where}` } },
        lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt, finishedAt } },
        restartCount: restarts,
      };
    }
    case 'over': {
      const { exitCode, startedAt, finishedAt } = stage;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      return { ...base, state: { terminated: { exitCode, reason, startedAt, finishedAt } } };
    }
    default:
      return stage satisfies never;
  }
}

export function backOffPulling(image: string): string {
  return `Back-off pulling image ${JSON.stringify(image)}`;
}

function common(container: DraftMap): DraftMap {
  const image = textAt(container, 'image');
  return { name: textAt(container, 'name'), image, imageID: '' };
}
