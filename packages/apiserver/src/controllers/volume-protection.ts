import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, textAt } from '../draft.ts';
import type { StoreEvent } from '../store/store.ts';
import type { Controller, ControllerWorld } from './controller.ts';
import { ownKey } from './controller.ts';
import { dropFinalizer } from './finalizers.ts';
import { read, resourceOf, update } from './writes.ts';

const CLAIM = 'kubernetes.io/pvc-protection';
const VOLUME = 'kubernetes.io/pv-protection';
const WRITER = 'kube-controller-manager';

/** A PersistentVolumeClaim that is being deleted goes once no Pod on a node uses it. */
export function claimProtection({ registry }: ControllerWorld): Controller {
  return {
    name: 'claim-protection',
    watches: { persistentvolumeclaims: ownKey, pods: claimsOf },
    async settle(key) {
      const place = { resource: resourceOf(registry, '', 'PersistentVolumeClaim'), key };
      const claim = read(registry, place);
      if (claim?.metadata.deletionTimestamp === undefined || !claim.metadata.finalizers?.includes(CLAIM)) {
        return undefined;
      }
      const namespace = claim.metadata.namespace ?? '';
      const used = registry.store.list('pods', `${namespace}/`).some(({ object }) => {
        return textAt(mapAt(object, 'spec'), 'nodeName') !== '' && claimNames(object).includes(claim.metadata.name);
      });
      if (!used) await update(registry, WRITER, place, (draft) => dropFinalizer(draft, CLAIM));
      return undefined;
    },
  };
}

/** A PersistentVolume that is being deleted goes unless it is bound. */
export function volumeProtection({ registry }: ControllerWorld): Controller {
  return {
    name: 'volume-protection',
    watches: { persistentvolumes: ownKey },
    async settle(key) {
      const place = { resource: resourceOf(registry, '', 'PersistentVolume'), key };
      const volume = read(registry, place);
      if (volume?.metadata.deletionTimestamp === undefined) return undefined;
      if (textAt(mapAt(volume, 'status'), 'phase') === 'Bound') return undefined;
      await update(registry, WRITER, place, (draft) => dropFinalizer(draft, VOLUME));
      return undefined;
    },
  };
}

function claimsOf({ stored: { object } }: StoreEvent): readonly string[] {
  return claimNames(object).map((name) => `${object.metadata.namespace ?? ''}/${name}`);
}

/** Of the claims that a Pod's volumes name, or that are made for them. */
export function claimNames(pod: KubeObject): readonly string[] {
  return mapsAt(mapAt(pod as unknown as DraftMap, 'spec'), 'volumes').flatMap((volume) => {
    if (mapAt(volume, 'ephemeral') !== undefined) return [`${pod.metadata.name}-${textAt(volume, 'name')}`];
    const name = textAt(mapAt(volume, 'persistentVolumeClaim'), 'claimName');
    return name === '' ? [] : [name];
  });
}
