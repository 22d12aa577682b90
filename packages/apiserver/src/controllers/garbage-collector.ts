import { equalJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { Draft } from '../draft.ts';
import { mapsAt, textAt } from '../draft.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import type { StoreEvent } from '../store/store.ts';
import { keyOf } from '../store/stored.ts';
import type { ControllerWorld } from './controller.ts';
import { listenToAll, resourceOfShelf } from './controller.ts';
import { recordEvent } from './events.ts';
import { dropFinalizer } from './finalizers.ts';
import { OwnerIndex, ownersOf } from './owner-index.ts';
import type { ObjectRef, OwnerReference } from './owner-index.ts';
import { read, remove, update } from './writes.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
const WRITER = 'kube-controller-manager';

type Standing = 'solid' | 'dangling' | 'waiting' | 'unknown';

/**
 * Deletes what has lost its owners, as the garbage collector of kube-controller-manager does.
 *
 * 1. An object all of whose owners are gone is deleted: absent, another one under that name, or in another namespace.
 * 2. An object that still has an owner only loses the references to those that are gone.
 * 3. An owner with `foregroundDeletion` goes once no dependent with `blockOwnerDeletion` is left; all dependents are deleted.
 * 4. An owner with `orphan` goes once no dependent names it any more.
 * 5. Of an owner whose kind is not served nothing is known: its dependents stay.
 */
export function runGarbageCollector({ registry, queue }: ControllerWorld): () => void {
  const { store, resources } = registry;
  const index = new OwnerIndex();

  const mark = (ref: ObjectRef): void => {
    queue.add(`garbage-collector ${ref.shelf} ${ref.key}`, () => settle(ref));
  };
  const markOwners = (owners: readonly OwnerReference[]): void => {
    for (const { uid } of owners) {
      const ref = index.placeOf(uid);
      if (ref !== undefined && isDeletingDependents(store.get(ref.shelf, ref.key)?.object)) mark(ref);
    }
  };

  const tell = (shelf: string, { type, stored, previous }: StoreEvent): void => {
    const { object, key } = stored;
    const ref = { shelf, key };
    if (type === 'DELETED') {
      index.delete(previous?.object ?? object);
      for (const dependent of index.dependentsOf(object.metadata.uid ?? '')) mark(dependent);
      markOwners(ownersOf(object));
      return;
    }
    const before = previous?.object;
    index.set(ref, object, before);
    const { ownerReferences, deletionTimestamp, uid = '' } = object.metadata;
    if (!equalJson(ownerReferences ?? [], before?.metadata.ownerReferences ?? [])) {
      if (ownerReferences !== undefined) mark(ref);
      if (before !== undefined) markOwners(ownersOf(before));
      reportForeignOwners(ref, object);
    }
    if (deletionTimestamp === undefined) return;
    if (!isDeletingDependents(object) && !object.metadata.finalizers?.includes(ORPHAN)) return;
    mark(ref);
    if (isDeletingDependents(object) && !isDeletingDependents(before)) {
      for (const dependent of index.dependentsOf(uid)) mark(dependent);
    }
  };

  /** Kubernetes says so only of owners that it has seen. */
  const reportForeignOwners = (ref: ObjectRef, object: KubeObject): void => {
    for (const owner of ownersOf(object)) {
      const place = index.placeOf(owner.uid);
      const found = place && store.get(place.shelf, place.key)?.object.metadata;
      if (found?.namespace === undefined || found.namespace === object.metadata.namespace) continue;
      const { namespace = '' } = object.metadata;
      const named = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
      queue.add(`garbage-collector event ${ref.shelf} ${ref.key} ${owner.uid}`, () =>
        recordEvent(registry, WRITER, object, {
          type: 'Warning',
          reason: 'OwnerRefInvalidNamespace',
          message: `ownerRef ${named} does not exist in namespace ${JSON.stringify(namespace)}`,
          component: 'garbage-collector-controller',
        }),
      );
    }
  };

  const settle = async (ref: ObjectRef): Promise<void> => {
    const resource = resourceOfShelf(registry, ref.shelf);
    if (resource === undefined) return;
    const place = { resource, key: ref.key };
    const object = read(registry, place);
    if (object === undefined) return;
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined) {
      if (finalizers.includes(ORPHAN)) await orphanDependents(place, object);
      else if (finalizers.includes(FOREGROUND)) await finishForeground(place, object);
      return;
    }
    await collect(ref, resource, object);
  };

  const collect = async (ref: ObjectRef, resource: ServedResource, object: KubeObject): Promise<void> => {
    const owners = ownersOf(object).map((owner) => ({ owner, standing: standingOf(owner, object) }));
    const has = (standing: Standing): boolean => owners.some((one) => one.standing === standing);
    if (owners.length === 0 || has('unknown')) return;
    const place = { resource, key: ref.key };
    if (has('solid')) {
      const lost = owners.filter(({ standing }) => standing !== 'solid').map(({ owner }) => owner.uid);
      if (lost.length > 0) await update(registry, WRITER, place, (draft) => dropOwners(draft, lost));
      return;
    }
    const { uid = '', finalizers = [] } = object.metadata;
    const dependents = index.dependentsOf(uid);
    if (has('waiting') && dependents.length > 0) {
      // A ring of owners that wait for each other would wait for ever.
      const ring = dependents.some(({ shelf, key }) => isDeletingDependents(store.get(shelf, key)?.object));
      if (ring) await update(registry, WRITER, place, unblockOwners);
      await remove(registry, WRITER, place, { uid, propagation: 'Foreground' });
      return;
    }
    const propagation = finalizers.includes(ORPHAN)
      ? 'Orphan'
      : finalizers.includes(FOREGROUND)
        ? 'Foreground'
        : 'Background';
    await remove(registry, WRITER, place, { uid, propagation });
  };

  /** How an owner stands: looked up by kind and name, in the namespace of its dependent. */
  const standingOf = ({ apiVersion, kind, name, uid }: OwnerReference, dependent: KubeObject): Standing => {
    const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const resource = resources.ofKind(group, kind, version);
    if (resource === undefined) return 'unknown';
    const { namespace = '' } = dependent.metadata;
    if (resource.namespaced && namespace === '') return 'unknown';
    const owner = store.get(resource.shelf, keyOf(resource.namespaced ? namespace : '', name))?.object;
    if (owner === undefined || owner.metadata.uid !== uid) return 'dangling';
    return isDeletingDependents(owner) ? 'waiting' : 'solid';
  };

  const finishForeground = async (
    place: { readonly resource: ServedResource; readonly key: string },
    { metadata: { uid = '' } }: KubeObject,
  ): Promise<void> => {
    const blocking = index.dependentsOf(uid).filter(({ shelf, key }) => {
      const object = store.get(shelf, key)?.object;
      return object !== undefined && ownersOf(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion);
    });
    if (blocking.length === 0) {
      await update(registry, WRITER, place, (draft) => dropFinalizer(draft, FOREGROUND));
      return;
    }
    for (const ref of blocking) {
      if (store.get(ref.shelf, ref.key)?.object.metadata.deletionTimestamp === undefined) mark(ref);
    }
  };

  const orphanDependents = async (
    place: { readonly resource: ServedResource; readonly key: string },
    { metadata: { uid = '' } }: KubeObject,
  ): Promise<void> => {
    for (const { shelf, key } of index.dependentsOf(uid)) {
      const resource = resourceOfShelf(registry, shelf);
      if (resource !== undefined) {
        await update(registry, WRITER, { resource, key }, (draft) => dropOwners(draft, [uid]));
      }
    }
    await update(registry, WRITER, place, (draft) => dropFinalizer(draft, ORPHAN));
  };

  return listenToAll(registry, tell);
}

function isDeletingDependents(object: KubeObject | undefined): boolean {
  return (
    object?.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers?.includes(FOREGROUND) ?? false)
  );
}

function dropOwners({ metadata }: Draft, uids: readonly string[]): void {
  const owners = mapsAt(metadata, 'ownerReferences').filter((owner) => !uids.includes(textAt(owner, 'uid')));
  if (owners.length === 0) delete metadata['ownerReferences'];
  else metadata['ownerReferences'] = owners;
}

function unblockOwners({ metadata }: Draft): void {
  metadata['ownerReferences'] = mapsAt(metadata, 'ownerReferences').map((owner) => ({
    ...owner,
    blockOwnerDeletion: false,
  }));
}
