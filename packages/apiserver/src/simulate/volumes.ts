import { compareQuantities, compareText, parseQuantity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import type { Registry } from '../registry/registry.ts';
import type { StoreEvent } from '../store/store.ts';
import { isDeleted, phaseOf, specOf, statusOf } from './pods.ts';

const WRITER = 'kube-controller-manager';
const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const BOUND = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_US = 'pv.kubernetes.io/bound-by-controller';

/**
 * Binds claims to volumes: to the one that they name, to the smallest free one that fits, and where there is none to a new
 * one, unless the claim forbids that by an empty `storageClassName`.
 */
export function claimBinder({ registry }: ControllerWorld): Controller {
  const { store } = registry;
  const claimResource = resourceOf(registry, '', 'PersistentVolumeClaim');
  const volumeResource = resourceOf(registry, '', 'PersistentVolume');

  const volumeFor = async (claim: KubeObject): Promise<KubeObject | undefined> => {
    const spec = specOf(claim);
    const named = textAt(spec, 'volumeName');
    const volumes = store.list(VOLUMES).map(({ object }) => object);
    if (named !== '') return volumes.find((volume) => volume.metadata.name === named && isFree(volume, claim));
    const found = volumes.filter((volume) => isFree(volume, claim) && fits(volume, claim)).toSorted(bySize)[0];
    return found ?? (spec['storageClassName'] === '' ? undefined : provision(claim));
  };

  const provision = (claim: KubeObject): Promise<KubeObject | undefined> => {
    const spec = specOf(claim);
    const name = `pvc-${claim.metadata.uid ?? ''}`;
    return create(registry, WRITER, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': 'simulated' } },
      spec: {
        capacity: { storage: requested(spec) },
        accessModes: spec['accessModes'],
        persistentVolumeReclaimPolicy: 'Delete',
        ...(textAt(spec, 'storageClassName') !== '' && { storageClassName: textAt(spec, 'storageClassName') }),
        volumeMode: spec['volumeMode'],
        hostPath: { path: `/simulated/${name}` },
        claimRef: referenceTo(claim),
      },
    });
  };

  const bind = async (key: string, claim: KubeObject, { metadata: { name } }: KubeObject): Promise<void> => {
    const place = { resource: volumeResource, key: name };
    await update(registry, WRITER, place, (draft) => {
      const spec = ensureMap(draft, 'spec');
      if (textAt(mapAt(spec, 'claimRef'), 'uid') === claim.metadata.uid) return false;
      ensureMap(draft.metadata, 'annotations')[BOUND_BY_US] = 'yes';
      spec['claimRef'] = referenceTo(claim);
      return undefined;
    });
    await setPhase(registry, place, 'Bound');
    const volume = read(registry, place);
    await update(registry, WRITER, { resource: claimResource, key }, (draft) => {
      const spec = ensureMap(draft, 'spec');
      const annotations = ensureMap(draft.metadata, 'annotations');
      annotations[BOUND] = 'yes';
      if (textAt(spec, 'volumeName') === '') annotations[BOUND_BY_US] = 'yes';
      spec['volumeName'] = name;
    });
    await update(
      registry,
      WRITER,
      { resource: claimResource, key },
      (draft) => {
        const { accessModes, capacity } = specOf(volume);
        draft['status'] = { ...mapAt(draft, 'status'), phase: 'Bound', accessModes, capacity };
      },
      'status',
    );
  };

  return {
    name: 'claim-binder',
    watches: {
      [CLAIMS]: ownKey,
      // A volume that is new or free again is a chance for all that wait.
      [VOLUMES]: () =>
        store
          .list(CLAIMS)
          .filter(({ object }) => phaseOf(object) === 'Pending')
          .map(({ key }) => key),
    },
    async settle(key) {
      const claim = read(registry, { resource: claimResource, key });
      if (claim === undefined || isDeleted(claim) || phaseOf(claim) !== 'Pending') return undefined;
      const volume = await volumeFor(claim);
      if (volume !== undefined) await bind(key, claim, volume);
      return undefined;
    },
  };
}

/** Says of volumes whether they are free, bound or left behind; those that are to go with their claim go. */
export function volumeKeeper({ registry }: ControllerWorld): Controller {
  const { store } = registry;
  const resource = resourceOf(registry, '', 'PersistentVolume');
  return {
    name: 'volume-keeper',
    watches: { [VOLUMES]: ownKey, [CLAIMS]: volumeNamed },
    async settle(key) {
      const place = { resource, key };
      const volume = read(registry, place);
      if (volume === undefined || isDeleted(volume)) return undefined;
      const reference = mapAt(specOf(volume), 'claimRef');
      const uid = textAt(reference, 'uid');
      const claimKey = `${textAt(reference, 'namespace')}/${textAt(reference, 'name')}`;
      const released = uid !== '' && store.get(CLAIMS, claimKey)?.object.metadata.uid !== uid;
      const phase = released ? 'Released' : uid !== '' ? 'Bound' : 'Available';
      await setPhase(registry, place, phase);
      if (released && specOf(volume)['persistentVolumeReclaimPolicy'] === 'Delete') {
        await remove(registry, WRITER, place, { uid: volume.metadata.uid });
      }
      return undefined;
    },
  };
}

/** Writes the phase of a volume where it is another, with the time at which it came to be so. */
async function setPhase(registry: Registry, place: Parameters<typeof update>[2], phase: string): Promise<void> {
  await update(
    registry,
    WRITER,
    place,
    (draft) => {
      const status = ensureMap(draft, 'status');
      if (status['phase'] === phase) return false;
      status['phase'] = phase;
      status['lastPhaseTransitionTime'] = timestamp(registry.clock.now());
      return undefined;
    },
    'status',
  );
}

function volumeNamed({ stored: { object } }: StoreEvent): readonly string[] {
  const name = textAt(specOf(object), 'volumeName');
  return name === '' ? [] : [name];
}

function referenceTo({ metadata }: KubeObject): DraftMap {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
}

function isFree(volume: KubeObject, claim: KubeObject): boolean {
  if (isDeleted(volume)) return false;
  const reference = mapAt(specOf(volume), 'claimRef');
  if (reference === undefined) return phaseOf(volume) !== 'Released';
  const { namespace, name, uid } = claim.metadata;
  if (reference['namespace'] !== namespace || reference['name'] !== name) return false;
  return textAt(reference, 'uid') === '' || reference['uid'] === uid;
}

function fits(volume: KubeObject, claim: KubeObject): boolean {
  const [has, wants] = [specOf(volume), specOf(claim)];
  if (textAt(has, 'storageClassName') !== textAt(wants, 'storageClassName')) return false;
  if (textAt(has, 'volumeMode') !== textAt(wants, 'volumeMode')) return false;
  if (mapAt(wants, 'selector') !== undefined) return false;
  const modes = listAt(has, 'accessModes');
  return (
    listAt(wants, 'accessModes').every((mode) => modes.includes(mode)) && compare(sizeOf(has), requested(wants)) >= 0
  );
}

function bySize(a: KubeObject, b: KubeObject): number {
  return compare(sizeOf(specOf(a)), sizeOf(specOf(b))) || compareText(a.metadata.name, b.metadata.name);
}

function sizeOf(spec: DraftMap): string {
  return textAt(mapAt(spec, 'capacity'), 'storage');
}

function requested(spec: DraftMap): string {
  return textAt(mapAt(mapAt(spec, 'resources'), 'requests'), 'storage');
}

function compare(a: string, b: string): number {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left === undefined || right === undefined ? 0 : compareQuantities(left, right);
}

/** Why the claims of a Pod keep it from a node; `undefined`: they do not. */
export function claimProblem(
  registry: ControllerWorld['registry'],
  pod: KubeObject,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const claim = registry.store.get(CLAIMS, `${pod.metadata.namespace ?? ''}/${name}`)?.object;
    if (claim === undefined) return `persistentvolumeclaim ${JSON.stringify(name)} not found`;
    if (textAt(statusOf(claim), 'phase') !== 'Bound') return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}
