import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import { ensureMap, mapAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { read, resourceOf, update } from '../controllers/writes.ts';
import { matchesLabelSelector } from '../registry/match-selector.ts';
import { conditionOf } from './conditions.ts';
import { controllerOf } from './owned.ts';
import { isDeleted, isOver, isReady, specOf, statusOf } from './pods.ts';
import { amount, replicasOf } from './rollout.ts';

const WRITER = 'kube-controller-manager';
const SHELF = 'poddisruptionbudgets.policy';

/** Counts how many of the Pods that a PodDisruptionBudget is about may go. */
export function disruptionBudgets({ registry }: ControllerWorld): Controller {
  const { store, clock } = registry;

  /** The replicas that a Pod's workload wants, by the workload's uid. */
  const workloadOf = (pod: KubeObject): readonly [string, number] => {
    let owner = pod;
    for (;;) {
      const reference = controllerOf(owner);
      if (reference === undefined) break;
      const kind = textAt(reference, 'kind');
      const group = textAt(reference, 'apiVersion').split('/')[0] ?? '';
      const shelf = registry.resources.ofKind(group, kind)?.shelf ?? '';
      const found = store.get(shelf, `${pod.metadata.namespace ?? ''}/${textAt(reference, 'name')}`)?.object;
      if (found === undefined) break;
      owner = found;
    }
    return [owner.metadata.uid ?? '', owner === pod ? 1 : replicasOf(owner)];
  };

  return {
    name: 'disruption-budgets',
    watches: {
      [SHELF]: ownKey,
      pods: ({ stored: { object } }) =>
        store
          .list(SHELF, `${object.metadata.namespace ?? ''}/`)
          .filter((budget) => matchesLabelSelector(mapAt(specOf(budget.object), 'selector'), object.metadata.labels))
          .map(({ key }) => key),
    },
    async settle(key) {
      const place = { resource: resourceOf(registry, 'policy', 'PodDisruptionBudget'), key };
      const budget = read(registry, place);
      if (budget === undefined || isDeleted(budget)) return undefined;
      const { selector, minAvailable, maxUnavailable } = specOf(budget);
      const pods = store
        .list('pods', `${budget.metadata.namespace ?? ''}/`)
        .map(({ object }) => object)
        .filter((pod) =>
          matchesLabelSelector(selector as Parameters<typeof matchesLabelSelector>[0], pod.metadata.labels),
        )
        .filter((pod) => !isOver(pod));
      const scale = [...new Map(pods.map(workloadOf)).values()].reduce((total, replicas) => total + replicas, 0);
      const counted = typeof minAvailable === 'number';
      const expected = counted ? pods.length : scale;
      const desired =
        maxUnavailable === undefined
          ? amount(minAvailable, expected, Math.ceil)
          : Math.max(0, expected - amount(maxUnavailable, expected, Math.ceil));
      const healthy = pods.filter((pod) => isReady(pod) && !isDeleted(pod)).length;
      const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired);
      const { generation } = budget.metadata;
      const condition = {
        type: 'DisruptionAllowed',
        status: allowed > 0 ? 'True' : 'False',
        observedGeneration: generation,
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
        message: '',
      };
      const before = conditionOf(statusOf(budget), condition.type);
      const since = before?.['status'] === condition.status ? before['lastTransitionTime'] : timestamp(clock.now());
      await update(
        registry,
        WRITER,
        place,
        (draft) => {
          Object.assign(ensureMap(draft, 'status'), {
            observedGeneration: generation,
            disruptionsAllowed: allowed,
            currentHealthy: healthy,
            desiredHealthy: desired,
            expectedPods: expected,
            conditions: [{ ...condition, lastTransitionTime: since }],
          });
        },
        'status',
      );
      return undefined;
    },
  };
}
