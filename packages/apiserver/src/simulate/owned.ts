import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, textAt } from '../draft.ts';
import { update } from '../controllers/writes.ts';
import type { Place } from '../controllers/writes.ts';
import { resourceOf } from '../controllers/writes.ts';
import { matchesLabelSelector } from '../registry/match-selector.ts';
import type { Registry } from '../registry/registry.ts';
import type { StoreEvent } from '../store/store.ts';
import { specOf } from './pods.ts';

const WRITER = 'kube-controller-manager';

/** The owner reference that names a controller. */
export function controllerRef({ apiVersion, kind, metadata }: KubeObject): DraftMap {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** The reference to the controller of an object, if it has one. */
export function controllerOf({ metadata }: KubeObject): DraftMap | undefined {
  return mapsAt(metadata as DraftMap, 'ownerReferences').find((owner) => owner['controller'] === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return textAt(controllerOf(object), 'uid') === owner.metadata.uid;
}

/**
 * The keys of the owners that a change of one of their objects concerns: its controller, now and before, and where it has
 * none every owner in its namespace whose selector fits, for it may adopt it.
 */
export function ownerKeys(registry: Registry, kind: string, shelf: string): (event: StoreEvent) => readonly string[] {
  return ({ stored, previous }) => {
    const { namespace = '' } = stored.object.metadata;
    const owners = [stored.object, previous?.object]
      .map((object) => object && controllerOf(object))
      .filter((owner) => owner !== undefined);
    if (owners.length > 0) {
      const named = owners.filter((owner) => owner['kind'] === kind).map((owner) => textAt(owner, 'name'));
      return [...new Set(named)].map((name) => `${namespace}/${name}`);
    }
    return registry.store
      .list(shelf, `${namespace}/`)
      .filter(({ object }) => matchesLabelSelector(mapAt(specOf(object), 'selector'), stored.object.metadata.labels))
      .map(({ key }) => key);
  };
}

/**
 * The objects of a kind that belong to an owner. What fits its selector and has no controller is adopted; what is its own and
 * does not fit any more is let go.
 */
export async function claim(
  registry: Registry,
  { group, kind }: { readonly group: string; readonly kind: string },
  owner: KubeObject,
  selector: DraftMap | undefined,
): Promise<KubeObject[]> {
  const resource = resourceOf(registry, group, kind);
  const { namespace = '', uid, deletionTimestamp } = owner.metadata;
  const claimed: KubeObject[] = [];
  for (const { key, object } of registry.store.list(resource.shelf, `${namespace}/`)) {
    const fits = matchesLabelSelector(selector, object.metadata.labels);
    const place: Place = { resource, key };
    if (isControlledBy(object, owner)) {
      if (fits || deletionTimestamp !== undefined) claimed.push(resource.fromStored(object));
      else await update(registry, WRITER, place, ({ metadata }) => dropOwner(metadata, uid));
    } else if (
      fits &&
      controllerOf(object) === undefined &&
      object.metadata.deletionTimestamp === undefined &&
      deletionTimestamp === undefined
    ) {
      const adopted = await update(registry, WRITER, place, ({ metadata }) => {
        metadata['ownerReferences'] = [...mapsAt(metadata, 'ownerReferences'), controllerRef(owner)];
      });
      if (adopted !== undefined) claimed.push(adopted);
    }
  }
  return claimed;
}

function dropOwner(metadata: DraftMap, uid: string | undefined): void {
  const others = mapsAt(metadata, 'ownerReferences').filter((owner) => owner['uid'] !== uid);
  if (others.length === 0) delete metadata['ownerReferences'];
  else metadata['ownerReferences'] = others;
}
