import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import { countCollision, syncRevisions, templateIn, trimRevisions } from './controller-revisions.ts';
import { claim, controllerRef, ownerKeys } from './owned.ts';
import { availableIn, isDeleted, isOver, isReady, soonest, specOf, statusOf } from './pods.ts';
import { amount, replicasOf } from './rollout.ts';
import { podFrom } from './template.ts';

const WRITER = 'kube-controller-manager';
const SHELF = 'statefulsets.apps';
const HASH = 'controller.kubernetes.io/hash';
const REVISION = 'controller-revision-hash';

/** What one pass works on. */
interface Pass {
  readonly set: KubeObject;
  /** Its Pods by their number. */
  readonly pods: ReadonlyMap<number, KubeObject>;
  readonly current: KubeObject;
  readonly newest: KubeObject;
}

/**
 * Keeps the numbered Pods of a StatefulSet: made one after the other once those before are available, ended and replaced from
 * the last to the first. With `podManagementPolicy: Parallel` they do not wait for each other, save for an update.
 */
export function statefulSets({ registry }: ControllerWorld): Controller {
  const { clock } = registry;
  const resource = resourceOf(registry, 'apps', 'StatefulSet');
  const podResource = resourceOf(registry, '', 'Pod');

  const tell = (set: KubeObject, reason: string, message: string): Promise<void> =>
    recordEvent(registry, WRITER, set, { type: 'Normal', reason, message, component: 'statefulset-controller' });

  const wait = (set: KubeObject, pod: KubeObject): number | undefined =>
    isDeleted(pod) ? undefined : availableIn(pod, numberAt(specOf(set), 'minReadySeconds') ?? 0, clock.now());

  const createPod = async ({ set, current, newest }: Pass, number: number): Promise<void> => {
    const spec = specOf(set);
    const strategy = mapAt(spec, 'updateStrategy');
    const held = textAt(strategy, 'type') !== 'OnDelete' && number < firstNumber(set) + partitionOf(set);
    const revision = held ? current : newest;
    const { name, namespace } = set.metadata;
    const podName = `${name}-${String(number)}`;
    const template = templateIn(revision);
    const claims = mapsAt(spec, 'volumeClaimTemplates');
    for (const one of claims) await createClaim(set, one, podName);
    const claimed = claims.map((one) => {
      const claim_ = textAt(mapAt(one, 'metadata'), 'name');
      return { name: claim_, persistentVolumeClaim: { claimName: `${claim_}-${podName}` } };
    });
    const others = mapsAt(mapAt(template, 'spec'), 'volumes').filter(
      (volume) => !claimed.some((one) => one.name === volume['name']),
    );
    const volumes = [...claimed, ...others];
    const pod = await create(
      registry,
      WRITER,
      podFrom(set, template, {
        name: podName,
        labels: {
          [REVISION]: revision.metadata.name,
          'statefulset.kubernetes.io/pod-name': podName,
          'apps.kubernetes.io/pod-index': String(number),
        },
        spec: {
          hostname: podName,
          ...(textAt(spec, 'serviceName') !== '' && { subdomain: textAt(spec, 'serviceName') }),
          ...(volumes.length > 0 && { volumes }),
        },
      }),
    );
    if (pod !== undefined) {
      await tell(set, 'SuccessfulCreate', `Create Pod ${podName} in StatefulSet ${name} successful`);
      return;
    }
    throw new TypeError(`a Pod ${podName} in ${namespace ?? ''} is somebody else's`);
  };

  const createClaim = async (set: KubeObject, template: DraftMap, podName: string): Promise<void> => {
    const metadata = mapAt(template, 'metadata');
    const name = `${textAt(metadata, 'name')}-${podName}`;
    const goes = mapAt(specOf(set), 'persistentVolumeClaimRetentionPolicy')?.['whenDeleted'] === 'Delete';
    const made = await create(registry, WRITER, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...metadata,
        name,
        namespace: set.metadata.namespace,
        labels: { ...mapAt(metadata, 'labels'), ...mapAt(mapAt(specOf(set), 'selector'), 'matchLabels') },
        ...(goes && { ownerReferences: [controllerRef(set)] }),
      },
      spec: mapAt(template, 'spec'),
    });
    const where = `Create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`;
    if (made !== undefined) await tell(set, 'SuccessfulCreate', where);
  };

  const deletePod = async (set: KubeObject, { metadata }: KubeObject): Promise<void> => {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    await remove(registry, WRITER, { resource: podResource, key }, { uid: metadata.uid });
    await tell(set, 'SuccessfulDelete', `Delete Pod ${metadata.name} in StatefulSet ${set.metadata.name} successful`);
  };

  /** Makes what is missing, ends what is too many, then replaces what is of an old template: one after the other. */
  const step = async (pass: Pass): Promise<void> => {
    const { set, pods, newest } = pass;
    const ordered = textAt(specOf(set), 'podManagementPolicy') !== 'Parallel';
    const numbers = numbersOf(set);
    for (const number of numbers) {
      const pod = pods.get(number);
      if (pod === undefined) await createPod(pass, number);
      else if (isOver(pod) && !isDeleted(pod)) await deletePod(set, pod);
      else if (wait(set, pod) === 0) continue;
      if (ordered) return;
    }
    const surplus = [...pods].filter(([number]) => !numbers.includes(number)).toSorted(([a], [b]) => b - a);
    for (const [, pod] of surplus) {
      if (!isDeleted(pod)) await deletePod(set, pod);
      if (ordered) return;
    }
    if (surplus.length > 0) return;
    const strategy = mapAt(specOf(set), 'updateStrategy');
    if (textAt(strategy, 'type') === 'OnDelete') return;
    const least = firstNumber(set) + partitionOf(set);
    const may = Math.max(
      1,
      amount(mapAt(strategy, 'rollingUpdate')?.['maxUnavailable'] ?? 1, numbers.length, Math.ceil),
    );
    let missing = numbers.filter((number) => !isFine(set, pods.get(number))).length;
    for (const number of numbers.toReversed()) {
      const pod = pods.get(number);
      if (number < least || pod === undefined) continue;
      const old = pod.metadata.labels?.[REVISION] !== newest.metadata.name;
      if (!old || isDeleted(pod)) continue;
      if (isFine(set, pod) && missing >= may) return;
      if (isFine(set, pod)) missing++;
      await deletePod(set, pod);
    }
  };

  const isFine = (set: KubeObject, pod: KubeObject | undefined): boolean => pod !== undefined && wait(set, pod) === 0;

  const podsOf = async (set: KubeObject): Promise<Map<number, KubeObject>> => {
    const pods = await claim(registry, { group: '', kind: 'Pod' }, set, mapAt(specOf(set), 'selector'));
    return new Map(
      pods.flatMap((pod) => {
        const number = numberIn(set, pod);
        return number === undefined ? [] : [[number, pod] as const];
      }),
    );
  };

  return {
    name: 'stateful-sets',
    watches: { [SHELF]: ownKey, pods: ownerKeys(registry, 'StatefulSet', SHELF) },
    async settle(key) {
      const place = { resource, key };
      const set = read(registry, place);
      if (set === undefined) return undefined;
      const revisions = await syncRevisions(registry, set, HASH);
      if (revisions === undefined) {
        await countCollision(registry, place, set);
        return undefined;
      }
      const { newest, all } = revisions;
      const known = textAt(statusOf(set), 'currentRevision');
      const current = all.find(({ metadata }) => metadata.name === known) ?? newest;
      if (!isDeleted(set)) await step({ set, pods: await podsOf(set), current, newest });

      const pods = [...(await podsOf(set)).values()];
      const status = statusFor({ set, current, newest }, pods, (pod) => wait(set, pod) === 0);
      await update(registry, WRITER, place, (draft) => void (draft['status'] = status), 'status');
      const live = [
        ...pods.map(({ metadata }) => metadata.labels?.[REVISION] ?? ''),
        textAt(status, 'currentRevision'),
      ];
      await trimRevisions(registry, set, revisions, new Set([...live, newest.metadata.name]));
      return soonest(pods.map((pod) => wait(set, pod)));
    },
  };
}

function statusFor(
  { set, current, newest }: Pick<Pass, 'set' | 'current' | 'newest'>,
  pods: readonly KubeObject[],
  isAvailable: (pod: KubeObject) => boolean,
): DraftMap {
  const of = (revision: KubeObject): number =>
    pods.filter((pod) => !isDeleted(pod) && pod.metadata.labels?.[REVISION] === revision.metadata.name).length;
  const ready = pods.filter((pod) => isReady(pod)).length;
  const updated = of(newest);
  const wanted = replicasOf(set);
  const rolling = textAt(mapAt(specOf(set), 'updateStrategy'), 'type') !== 'OnDelete';
  const complete = rolling && updated === pods.length && ready === pods.length && pods.length === wanted;
  return {
    ...statusOf(set),
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: pods.filter(isAvailable).length,
    updatedReplicas: updated,
    currentReplicas: complete ? updated : of(current),
    currentRevision: (complete ? newest : current).metadata.name,
    updateRevision: newest.metadata.name,
    collisionCount: numberAt(statusOf(set), 'collisionCount') ?? 0,
  };
}

function firstNumber(set: KubeObject): number {
  return numberAt(mapAt(specOf(set), 'ordinals'), 'start') ?? 0;
}

function numbersOf(set: KubeObject): readonly number[] {
  const first = firstNumber(set);
  return Array.from({ length: replicasOf(set) }, (_, index) => first + index);
}

/** Pods before this one keep the template that they have. */
function partitionOf(set: KubeObject): number {
  return numberAt(mapAt(mapAt(specOf(set), 'updateStrategy'), 'rollingUpdate'), 'partition') ?? 0;
}

function numberIn(set: KubeObject, { metadata }: KubeObject): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const text = metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : '';
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
