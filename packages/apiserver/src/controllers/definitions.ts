import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import { acceptNames, DELETING_OBJECTS, ESTABLISHED, setCondition } from '../custom/accept-names.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, textAt } from '../draft.ts';
import { DEFINITIONS } from '../registry/definitions.ts';
import { deleteStored } from '../registry/delete.ts';
import { subresourceEndpoint } from '../registry/endpoints.ts';
import type { Registry } from '../registry/registry.ts';
import { recordManager } from '../registry/track.ts';
import { ordered } from '../registry/create.ts';
import { ApiError } from '../status.ts';
import type { WorkQueue } from './work-queue.ts';

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';
const CALLER = { user: { name: 'system:apiserver', groups: ['system:masters'] }, warnings: [] };
const ALL = {
  uid: undefined,
  resourceVersion: undefined,
  propagation: 'Background',
  gracePeriodSeconds: undefined,
  dryRun: false,
} as const;

/**
 * What becomes of CustomResourceDefinitions once they are written: names are accepted and the kind is established, in two
 * writes of the status; of one that is deleted, first its objects go, and then itself. It looks at the store whenever a
 * definition, or an object of one that is being deleted, has changed. Returns what ends it.
 */
export function runDefinitions(registry: Registry, queue: WorkQueue): () => void {
  const { store } = registry;
  const watched = new Map<string, () => void>();

  const mark = (key: string): void => queue.add(`definitions ${key}`, () => settle(key));
  const settle = async (key: string): Promise<void> => {
    const object = store.get(DEFINITIONS, key)?.object;
    if (object === undefined) {
      watched.get(key)?.();
      watched.delete(key);
      return;
    }
    if (object.metadata.deletionTimestamp === undefined) accept(registry, key, object);
    else await clear(key, object);
  };
  const clear = async (key: string, object: KubeObject): Promise<void> => {
    const finalizers = object.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP)) return;
    const shelf = shelfOf(object);
    if (!watched.has(key))
      watched.set(
        key,
        store.listen(shelf, () => mark(key)),
      );
    const refusal = await deleteAll(registry, object);
    const current = store.get(DEFINITIONS, key)?.object;
    if (current === undefined) return;
    if (store.size(shelf) > 0) {
      write(registry, key, current, (draft) =>
        setCondition(ensureMap(draft, 'status'), DELETING_OBJECTS, timestamp(registry.clock.now())),
      );
      if (refusal !== undefined) throw refusal;
      return;
    }
    finish(registry, key, current);
  };

  for (const { key } of store.list(DEFINITIONS)) mark(key);
  const stop = store.listen(DEFINITIONS, (event) => mark(event.stored.key));
  return () => {
    stop();
    for (const end of watched.values()) end();
  };
}

function accept(registry: Registry, key: string, object: KubeObject): void {
  const { store, clock } = registry;
  const others = store
    .list(DEFINITIONS)
    .filter((one) => one.key !== key)
    .map((one) => one.object as unknown as DraftMap);
  const { acceptedNames, namesAccepted, established } = acceptNames(object, others);
  const now = timestamp(clock.now());
  write(registry, key, object, (draft) => {
    const status = ensureMap(draft, 'status');
    status['acceptedNames'] = acceptedNames;
    setCondition(status, namesAccepted, now);
    setCondition(status, established, now);
  });
  if (namesAccepted.status !== 'True' || established.status === 'True') return;
  const current = store.get(DEFINITIONS, key)?.object;
  if (current === undefined) return;
  write(registry, key, current, (draft) => setCondition(ensureMap(draft, 'status'), ESTABLISHED, now));
}

/** Writes the status, unless nothing changes. */
function write(registry: Registry, key: string, object: KubeObject, change: (draft: Draft) => void): void {
  const resource = registry.resources.ofKind('apiextensions.k8s.io', 'CustomResourceDefinition');
  const endpoint = resource && subresourceEndpoint(resource, 'status');
  if (resource === undefined || endpoint === undefined) return;
  const draft = structuredClone(object) as unknown as Draft;
  change(draft);
  if (JSON.stringify(draft['status']) === JSON.stringify(object['status'])) return;
  recordManager(registry, resource, endpoint, draft, object, 'kube-apiserver');
  registry.store.put(DEFINITIONS, key, ordered(draft));
}

/** Takes the finalizer off; with the last one the definition is gone. */
function finish(registry: Registry, key: string, object: KubeObject): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== CLEANUP);
  if (finalizers.length === 0) {
    registry.store.delete(DEFINITIONS, key);
    return;
  }
  const draft = structuredClone(object) as unknown as Draft;
  draft.metadata['finalizers'] = finalizers;
  registry.store.put(DEFINITIONS, key, ordered(draft));
}

/** Answers with the last refusal: somebody keeps an object, and is to be asked again. */
async function deleteAll(registry: Registry, definition: KubeObject): Promise<ApiError | undefined> {
  const spec = mapAt(definition, 'spec');
  const served = mapsAt(spec, 'versions').find((version) => version['served'] === true);
  const resource = registry.resources.find(
    textAt(spec, 'group'),
    textAt(served, 'name'),
    textAt(mapAt(spec, 'names'), 'plural'),
  );
  if (resource === undefined) return undefined;
  let refusal: ApiError | undefined;
  for (const { object } of registry.store.list(resource.shelf)) {
    const { name, namespace = '', deletionTimestamp } = object.metadata;
    if (deletionTimestamp !== undefined && listAt(object.metadata, 'finalizers').length > 0) continue;
    try {
      await deleteStored(registry, resource, { namespace, name }, ALL, { ...CALLER, warnings: [] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Or else it has gone by itself.
      if (error.status.reason !== 'NotFound') refusal = error;
    }
  }
  return refusal;
}

function shelfOf(definition: KubeObject): string {
  const spec = mapAt(definition, 'spec');
  return `${textAt(mapAt(spec, 'names'), 'plural')}.${textAt(spec, 'group')}`;
}
