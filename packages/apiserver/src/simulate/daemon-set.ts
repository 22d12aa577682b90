import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import { countCollision, syncRevisions, trimRevisions } from './controller-revisions.ts';
import { claim, ownerKeys } from './owned.ts';
import { availableIn, isDeleted, isOver, isReady, soonest, specOf, statusOf } from './pods.ts';
import { amount } from './rollout.ts';
import { podFrom, templateOf } from './template.ts';
import { nodeNamed } from './node-choice.ts';

const WRITER = 'kube-controller-manager';
const SHELF = 'daemonsets.apps';
const REVISION = 'controller-revision-hash';
const GENERATION = 'deprecated.daemonset.template.generation';

/** Tolerated by every Pod of a DaemonSet: what ails a node is no reason to leave it. */
const TOLERATED: readonly (readonly [string, string])[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
];

/** Keeps one Pod of a DaemonSet on every node that its `nodeSelector` fits. */
export function daemonSets({ registry }: ControllerWorld): Controller {
  const { clock, store } = registry;
  const resource = resourceOf(registry, 'apps', 'DaemonSet');

  const tell = (set: KubeObject, reason: string, message: string): Promise<void> =>
    recordEvent(registry, WRITER, set, { type: 'Normal', reason, message, component: 'daemonset-controller' });

  const createPod = async (set: KubeObject, node: string, hash: string): Promise<void> => {
    const template = templateOf(set);
    const spec = mapAt(template, 'spec') ?? {};
    const generation = set.metadata.annotations?.[GENERATION];
    const pod = await create(
      registry,
      WRITER,
      podFrom(set, template, {
        labels: { [REVISION]: hash, ...(generation !== undefined && { 'pod-template-generation': generation }) },
        spec: { affinity: pinned(mapAt(spec, 'affinity'), node), tolerations: tolerations(spec) },
      }),
    );
    await tell(set, 'SuccessfulCreate', `Created pod: ${pod?.metadata.name ?? ''}`);
  };

  const deletePod = async (set: KubeObject, { metadata }: KubeObject): Promise<void> => {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    await remove(registry, WRITER, { resource: resourceOf(registry, '', 'Pod'), key }, { uid: metadata.uid });
    await tell(set, 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
  };

  return {
    name: 'daemon-sets',
    watches: {
      [SHELF]: ownKey,
      pods: ownerKeys(registry, 'DaemonSet', SHELF),
      nodes: ({ type, stored, previous }) =>
        type === 'MODIFIED' && stored.object.metadata.labels === previous?.object.metadata.labels
          ? []
          : store.list(SHELF).map(({ key }) => key),
    },
    async settle(key) {
      const place = { resource, key };
      const set = read(registry, place);
      if (set === undefined) return undefined;
      const revisions = await syncRevisions(registry, set, REVISION);
      if (revisions === undefined) {
        await countCollision(registry, place, set);
        return undefined;
      }
      const hash = revisions.newest.metadata.labels?.[REVISION] ?? '';
      const selector = mapAt(specOf(set), 'selector');
      const nodes = store
        .list('nodes')
        .filter(({ object }) => fits(templateOf(set), object))
        .map(({ key: name }) => name);
      const podsOf = (): Promise<KubeObject[]> => claim(registry, { group: '', kind: 'Pod' }, set, selector);
      const wait = (pod: KubeObject): number | undefined =>
        isDeleted(pod) ? undefined : availableIn(pod, numberAt(specOf(set), 'minReadySeconds') ?? 0, clock.now());
      const isNew = (pod: KubeObject): boolean => pod.metadata.labels?.[REVISION] === hash;

      if (!isDeleted(set)) {
        const pods = await podsOf();
        for (const pod of pods) {
          if (!isDeleted(pod) && (isOver(pod) || !nodes.includes(nodeNamed(pod)))) await deletePod(set, pod);
        }
        for (const node of nodes) {
          if (!pods.some((pod) => nodeNamed(pod) === node)) await createPod(set, node, hash);
        }
        const strategy = mapAt(specOf(set), 'updateStrategy');
        if (textAt(strategy, 'type') !== 'OnDelete') {
          const may = amount(mapAt(strategy, 'rollingUpdate')?.['maxUnavailable'] ?? 1, nodes.length, Math.ceil);
          let missing = nodes.length - pods.filter((pod) => wait(pod) === 0).length;
          for (const pod of pods.filter((one) => !isNew(one) && !isDeleted(one))) {
            if (wait(pod) === 0 && missing++ >= Math.max(1, may)) break;
            await deletePod(set, pod);
          }
        }
      }

      const pods = (await podsOf()).filter((pod) => !isDeleted(pod));
      const placed = pods.filter((pod) => nodes.includes(nodeNamed(pod)));
      const available = placed.filter((pod) => wait(pod) === 0).length;
      const status: DraftMap = {
        ...statusOf(set),
        observedGeneration: set.metadata.generation,
        currentNumberScheduled: placed.length,
        desiredNumberScheduled: nodes.length,
        numberMisscheduled: pods.length - placed.length,
        numberReady: placed.filter(isReady).length,
        numberAvailable: available,
        numberUnavailable: nodes.length - available,
        updatedNumberScheduled: placed.filter(isNew).length,
      };
      await update(registry, WRITER, place, (draft) => void (draft['status'] = status), 'status');
      const live = new Set(pods.map((pod) => `${set.metadata.name}-${pod.metadata.labels?.[REVISION] ?? ''}`));
      await trimRevisions(registry, set, revisions, live.add(revisions.newest.metadata.name));
      return soonest(pods.map(wait));
    },
  };
}

function fits(template: DraftMap, node: KubeObject): boolean {
  const wanted = Object.entries(mapAt(mapAt(template, 'spec'), 'nodeSelector') ?? {});
  return wanted.every(([key, value]) => node.metadata.labels?.[key] === value);
}

/** The affinity of a template, and that it must be this node. */
function pinned(affinity: DraftMap | undefined, node: string): DraftMap {
  const required = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] };
  return {
    ...affinity,
    nodeAffinity: {
      ...mapAt(affinity, 'nodeAffinity'),
      requiredDuringSchedulingIgnoredDuringExecution: required,
    },
  };
}

function tolerations(spec: DraftMap): readonly DraftMap[] {
  const added =
    spec['hostNetwork'] === true ? [...TOLERATED, ['network-unavailable', 'NoSchedule'] as const] : TOLERATED;
  return [
    ...mapsAt(spec, 'tolerations'),
    ...added.map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect })),
  ];
}
