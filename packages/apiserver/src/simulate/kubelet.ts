import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import { mapsAt, numberAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { read, remove, resourceOf, update } from '../controllers/writes.ts';
import type { Place } from '../controllers/writes.ts';
import { NODE } from './node.ts';
import { controllerOf } from './owned.ts';
import { courseOf } from './pod-life.ts';
import { fateOf } from './pod-rules.ts';
import type { PodRule } from './pod-rules.ts';
import { backOffPulling, podStatus } from './pod-status.ts';
import type { PodStage } from './pod-status.ts';
import { imagesOf, isDeleted, isOver, specOf, statusOf } from './pods.ts';
import { nodeOf } from './template.ts';

const WRITER = 'kubelet';
/** The network of Pods: 10.244.0.0/16. */
const POD_NETWORK = '10.244.';

export interface KubeletTimes {
  /** From having a node to being ready. */
  readonly startMs: number;
  /** How long the Pods of Jobs run. */
  readonly runMs: number;
  /** From being deleted to being gone; never longer than the grace period. */
  readonly stopMs: number;
}

/** What is known of a Pod beside its state, whose times are whole seconds: when it got its node, and when its deletion was seen. */
interface Known {
  readonly uid: string;
  bound: number | undefined;
  stopped: number | undefined;
}

/** Plays the containers of every Pod that has a node, from `Pending` to `Running` or to what a rule says, and to their end. */
export function kubelet({ registry }: ControllerWorld, rules: readonly PodRule[], times: KubeletTimes): Controller {
  const { clock, store } = registry;
  const { startMs, runMs, stopMs } = times;
  const known = new Map<string, Known>();
  let addresses = 0;

  const stop = async (place: Place, pod: KubeObject, moments: Known): Promise<number | undefined> => {
    const grace = (numberAt(pod.metadata, 'deletionGracePeriodSeconds') ?? 0) * 1000;
    if (grace === 0 && isOver(pod)) return undefined;
    const since = (moments.stopped ??= clock.now());
    const wait = since + Math.min(stopMs, grace) - clock.now();
    if (wait > 0) return wait;
    if ((pod.metadata.finalizers ?? []).length > 0 && !isOver(pod)) {
      // Somebody waits to see how it ended.
      const at = timestamp(clock.now());
      const startedAt = textAt(statusOf(pod), 'startTime') || at;
      await report(place, pod, { stage: 'over', phase: 'Failed', exitCode: 137, startedAt, finishedAt: at });
    }
    await remove(registry, WRITER, place, { uid: moments.uid, gracePeriodSeconds: 0 });
    return undefined;
  };

  const report = async (place: Place, pod: KubeObject, stage: PodStage): Promise<void> => {
    const given = textAt(statusOf(pod), 'podIP');
    const ip = given !== '' || stage.stage === 'creating' ? given : address(++addresses);
    const before = statusOf(pod);
    const status = podStatus(pod, stage, ip, timestamp(clock.now()));
    await update(registry, WRITER, place, (draft) => void (draft['status'] = status), 'status');
    if (stage.stage === 'image-missing' && reasonOf(before) !== 'ImagePullBackOff') {
      for (const image of imagesOf(pod))
        await warn(pod, 'Failed', `Failed to pull image ${JSON.stringify(image)}: not found`);
      for (const image of imagesOf(pod)) await warn(pod, 'BackOff', backOffPulling(image));
    } else if (stage.stage === 'crashed' && restartsOf(before) !== stage.restarts) {
      const { name, namespace = '', uid = '' } = pod.metadata;
      for (const container of mapsAt(specOf(pod), 'containers')) {
        const which = `${textAt(container, 'name')} in pod ${name}_${namespace}(${uid})`;
        await warn(pod, 'BackOff', `Back-off restarting failed container ${which}`);
      }
    }
  };

  const warn = (pod: KubeObject, reason: string, message: string): Promise<void> =>
    recordEvent(registry, WRITER, pod, { type: 'Warning', reason, message, component: 'kubelet', host: NODE });

  return {
    name: 'kubelet',
    watches: { pods: ownKey },
    async settle(key) {
      const place = { resource: resourceOf(registry, '', 'Pod'), key };
      const pod = read(registry, place);
      if (pod === undefined) {
        known.delete(key);
        return undefined;
      }
      const { uid = '' } = pod.metadata;
      let moments = known.get(key);
      if (moments?.uid !== uid) known.set(key, (moments = { uid, bound: undefined, stopped: undefined }));
      if (isDeleted(pod)) return stop(place, pod, moments);
      if (isOver(pod) || store.get('nodes', nodeOf(pod)) === undefined) return undefined;
      const since = (moments.bound ??= clock.now());
      const ofJob = controllerOf(pod)?.['kind'] === 'Job';
      const { stage, next } = courseOf(fateOf(pod, rules, startMs), since, clock.now(), {
        runMs: ofJob ? runMs : undefined,
        restarts: specOf(pod)['restartPolicy'] !== 'Never',
      });
      await report(place, pod, stage);
      return next === undefined ? undefined : next - clock.now();
    },
  };
}

function reasonOf(status: ReturnType<typeof statusOf>): string {
  const [first] = mapsAt(status, 'containerStatuses');
  return textAt((first?.['state'] as { waiting?: Record<string, unknown> } | undefined)?.waiting, 'reason');
}

function restartsOf(status: ReturnType<typeof statusOf>): number | undefined {
  return numberAt(mapsAt(status, 'containerStatuses')[0], 'restartCount');
}

function address(number: number): string {
  return `${POD_NETWORK}${String((number >> 8) & 255)}.${String(number & 255)}`;
}
