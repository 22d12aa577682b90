import type { KubeObject } from '@homeostat/kube';
import { compareText } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap, mapAt, numberAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import { ApiError } from '../status.ts';
import { conditionOf, dropCondition, setCondition } from './conditions.ts';
import { claim, ownerKeys } from './owned.ts';
import { availableIn, isActive, isDeleted, isOver, isReady, phaseOf, readySince, soonest, specOf } from './pods.ts';
import { nodeOf, podFrom, templateOf } from './template.ts';

const WRITER = 'kube-controller-manager';
const COMPONENT = 'replicaset-controller';
const SHELF = 'replicasets.apps';

/** Keeps as many Pods as a ReplicaSet wants. */
export function replicaSets({ registry }: ControllerWorld): Controller {
  const { clock } = registry;

  /** Answers with why it could not make them all. */
  const scale = async (set: KubeObject, active: readonly KubeObject[]): Promise<ApiError | undefined> => {
    const missing = (numberAt(specOf(set), 'replicas') ?? 1) - active.length;
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
      recordEvent(registry, WRITER, set, { type, reason, message, component: COMPONENT });
    for (let i = 0; i < missing; i++) {
      try {
        const pod = await create(registry, WRITER, podFrom(set, templateOf(set)));
        await tell('Normal', 'SuccessfulCreate', `Created pod: ${pod?.metadata.name ?? ''}`);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')) return undefined;
        await tell('Warning', 'FailedCreate', `Error creating: ${error.message}`);
        return error;
      }
    }
    const resource = resourceOf(registry, '', 'Pod');
    for (const { metadata } of active.toSorted(byWorth).slice(0, Math.max(0, -missing))) {
      const key = `${metadata.namespace ?? ''}/${metadata.name}`;
      await remove(registry, WRITER, { resource, key }, { uid: metadata.uid });
      await tell('Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
    }
    return undefined;
  };

  return {
    name: 'replica-sets',
    watches: { [SHELF]: ownKey, pods: ownerKeys(registry, 'ReplicaSet', SHELF) },
    async settle(key) {
      const place = { resource: resourceOf(registry, 'apps', 'ReplicaSet'), key };
      const set = read(registry, place);
      if (set === undefined) return undefined;
      const selector = mapAt(specOf(set), 'selector');
      const claimed = await claim(registry, { group: '', kind: 'Pod' }, set, selector);
      const failure = isDeleted(set) ? undefined : await scale(set, claimed.filter(isActive));

      const pods = await claim(registry, { group: '', kind: 'Pod' }, set, selector);
      const now = clock.now();
      const minReady = numberAt(specOf(set), 'minReadySeconds') ?? 0;
      const wanted = mapAt(mapAt(templateOf(set), 'metadata'), 'labels') ?? {};
      const active = pods.filter(isActive);
      const waits = active.map((pod) => availableIn(pod, minReady, now));
      await update(
        registry,
        WRITER,
        place,
        (draft) => {
          const status = ensureMap(draft, 'status');
          status['replicas'] = active.length;
          status['fullyLabeledReplicas'] = active.filter((pod) => hasLabels(pod, wanted)).length;
          status['readyReplicas'] = active.filter(isReady).length;
          status['availableReplicas'] = waits.filter((wait) => wait === 0).length;
          status['terminatingReplicas'] = pods.filter((pod) => isDeleted(pod) && !isOver(pod)).length;
          status['observedGeneration'] = set.metadata.generation;
          if (failure === undefined) dropCondition(status, 'ReplicaFailure');
          else if (conditionOf(status, 'ReplicaFailure') === undefined) {
            const { message } = failure;
            setCondition(
              status,
              { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message },
              timestamp(now),
            );
          }
        },
        'status',
      );
      if (failure !== undefined) throw failure;
      return soonest(waits);
    },
  };
}

function hasLabels(pod: KubeObject, wanted: DraftMap): boolean {
  return Object.entries(wanted).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

const PHASES = ['Pending', 'Unknown', 'Running'];

/** What is worth least comes first, and goes first: what does not run, is not ready, or is youngest. */
function byWorth(a: KubeObject, b: KubeObject): number {
  return (
    Number(nodeOf(a) !== '') - Number(nodeOf(b) !== '') ||
    PHASES.indexOf(phaseOf(a)) - PHASES.indexOf(phaseOf(b)) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    (readySince(b) ?? 0) - (readySince(a) ?? 0) ||
    Date.parse(textAt(b.metadata, 'creationTimestamp')) - Date.parse(textAt(a.metadata, 'creationTimestamp')) ||
    compareText(a.metadata.uid ?? '', b.metadata.uid ?? '')
  );
}

function deletionCost({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
}
