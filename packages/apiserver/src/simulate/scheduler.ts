import type { KubeObject } from '@homeostat/kube';
import { microTimestamp, timestamp } from '../clock.ts';
import { ensureMap, listAt } from '../draft.ts';
import { ownKey, splitKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { claimNames } from '../controllers/volume-protection.ts';
import { callerOf, read, resourceOf, update } from '../controllers/writes.ts';
import { bindPod } from '../registry/pod-subresources.ts';
import { conditionOf, replaceCondition } from './conditions.ts';
import { suits, takes } from './node-choice.ts';
import { fateOf } from './pod-rules.ts';
import type { PodRule } from './pod-rules.ts';
import { isDeleted, specOf, statusOf } from './pods.ts';
import { claimProblem } from './volumes.ts';

const WRITER = 'kube-scheduler';

/** Puts Pods onto the first node that their `nodeSelector` fits and that takes any. Those that none takes say why. */
export function scheduler({ registry }: ControllerWorld, rules: readonly PodRule[]): Controller {
  const { store, clock } = registry;
  const waiting = (): string[] =>
    store
      .list('pods')
      .filter(({ object }) => isToBeScheduled(object))
      .map(({ key }) => key);
  return {
    name: 'scheduler',
    watches: { pods: ownKey, nodes: waiting, persistentvolumeclaims: waiting },
    async settle(key) {
      const place = { resource: resourceOf(registry, '', 'Pod'), key };
      const pod = read(registry, place);
      if (pod === undefined || !isToBeScheduled(pod)) return undefined;
      const nodes = store.list('nodes').map(({ object }) => object);
      const problem = claimProblem(registry, pod, claimNames(pod));
      const { node, why } =
        problem === undefined
          ? choose(pod, nodes)
          : { node: undefined, why: `0/${String(nodes.length)} nodes are available: ${problem}. not found` };
      if (node !== undefined && fateOf(pod, rules, 0).fate !== 'Unschedulable') {
        await bindPod(registry, place.resource, splitKey(key), node, callerOf(WRITER));
        const { namespace = '', name } = pod.metadata;
        await recordEvent(registry, WRITER, pod, {
          type: 'Normal',
          reason: 'Scheduled',
          message: `Successfully assigned ${namespace}/${name} to ${node}`,
          component: 'default-scheduler',
          action: 'Binding',
          eventTime: microTimestamp(clock.now()),
        });
        return undefined;
      }
      if (conditionOf(statusOf(pod), 'PodScheduled')?.['message'] === why) return undefined;
      await update(
        registry,
        WRITER,
        place,
        (draft) =>
          replaceCondition(
            ensureMap(draft, 'status'),
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: why, ...observed(pod) },
            timestamp(clock.now()),
          ),
        'status',
      );
      await recordEvent(registry, WRITER, pod, {
        type: 'Warning',
        reason: 'FailedScheduling',
        message: why,
        component: 'default-scheduler',
        action: 'Scheduling',
        eventTime: microTimestamp(clock.now()),
      });
      return undefined;
    },
  };
}

function observed({ metadata: { generation } }: KubeObject): { readonly observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}

function isToBeScheduled(pod: KubeObject): boolean {
  const spec = specOf(pod);
  // Others' Pods wait for theirs.
  const isOurs = spec['schedulerName'] === 'default-scheduler';
  return isOurs && spec['nodeName'] === undefined && !isDeleted(pod) && listAt(spec, 'schedulingGates').length === 0;
}

/** `why`: what is said where no node is chosen, or the Pod is not to have one. */
function choose(
  pod: KubeObject,
  nodes: readonly KubeObject[],
): { readonly node: string | undefined; readonly why: string } {
  const fitting = nodes.filter((node) => suits(pod, node));
  const open = fitting.filter((node) => takes(node, pod));
  const reasons = [
    [fitting.length - open.length, 'node(s) were unschedulable'],
    [nodes.length - fitting.length, "node(s) didn't match Pod's node affinity/selector"],
    // A rule says so, whatever the nodes are like.
    [open.length, 'Insufficient cpu'],
  ] as const;
  const said = reasons.filter(([count]) => count > 0).map(([count, text]) => `${String(count)} ${text}`);
  const total = String(nodes.length);
  return {
    node: open[0]?.metadata.name,
    why:
      nodes.length === 0
        ? 'no nodes available to schedule pods'
        : `0/${total} nodes are available: ${said.join(', ')}. preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`,
  };
}
