import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt } from '../draft.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { ApiError } from '../status.ts';
import { listenToAll, ownKey, runController, splitKey } from './controller.ts';
import type { ControllerWorld } from './controller.ts';
import { namespaceConditions } from './namespace-conditions.ts';
import type { Contents } from './namespace-conditions.ts';
import { read, remove, resourceOf, update } from './writes.ts';

const NAMESPACES = 'namespaces';
const PODS = 'pods';
const KUBERNETES = 'kubernetes';
const WRITER = 'kube-controller-manager';
const RETRY_MS = 1000;

/**
 * Empties namespaces that are being deleted, and lets them go.
 *
 * 1. Nothing happens for `delayMs` of the server's clock after the deletion began.
 * 2. Pods go first, then everything else; what is being deleted already is waited for.
 * 3. While anything is left, conditions of the namespace say what, in the words of Kubernetes.
 * 4. With nothing left, the finalizer `kubernetes` is taken off, through `/finalize`.
 */
export function runNamespaces(world: ControllerWorld, delayMs: number): () => void {
  const { registry } = world;
  const { store, clock } = registry;
  const resource = resourceOf(registry, '', 'Namespace');
  /** When the deletion of a namespace was seen. */
  const doomed = new Map<string, number>();

  const settle = async (name: string): Promise<number | undefined> => {
    const place = { resource, key: name };
    const object = read(registry, place);
    if (object?.metadata.deletionTimestamp === undefined) {
      doomed.delete(name);
      return undefined;
    }
    const since = doomed.get(name) ?? clock.now();
    doomed.set(name, since);
    const wait = since + delayMs - clock.now();
    if (wait > 0) return wait;
    if (!listAt(mapAt(object, 'spec'), 'finalizers').includes(KUBERNETES)) return undefined;

    const contents = await clear(name);
    await update(registry, WRITER, place, (draft) => describe(draft, contents), 'status');
    if (contents.failures.length > 0) return RETRY_MS;
    if (contents.podsLeft || contents.remaining.size > 0) return undefined;
    await update(
      registry,
      WRITER,
      place,
      (draft) => {
        const spec = ensureMap(draft, 'spec');
        spec['finalizers'] = listAt(spec, 'finalizers').filter((one) => one !== KUBERNETES);
      },
      'finalize',
    );
    return undefined;
  };

  const describe = (draft: DraftMap, contents: Contents): void => {
    const status = ensureMap(draft, 'status');
    status['conditions'] = namespaceConditions(mapsAt(status, 'conditions'), contents, timestamp(clock.now()));
  };

  const clear = async (name: string): Promise<Contents> => {
    const namespaced = [...registry.resources.all()].filter((one) => one.namespaced && one.verbs.has('delete'));
    const failures: string[] = [];
    const remaining = new Map<string, number>();
    const finalizers = new Map<string, number>();
    const seen = new Set<string>();
    for (const one of [...namespaced.filter(isPods), ...namespaced.filter((other) => !isPods(other))]) {
      if (seen.has(one.shelf)) continue;
      seen.add(one.shelf);
      const failure = await deleteAll(one, name);
      if (failure !== undefined) failures.push(failure);
      const left = store.list(one.shelf, `${name}/`);
      // As the real one, which has counted nothing by then.
      if (isPods(one) && left.length > 0) return { remaining, finalizers, failures, podsLeft: true };
      if (left.length > 0) remaining.set(`${one.plural}.${one.group}`, left.length);
      for (const { object } of left) {
        for (const finalizer of object.metadata.finalizers ?? []) {
          finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
        }
      }
    }
    return { remaining, finalizers, failures, podsLeft: false };
  };

  /** Answers why not, where an object is kept by a refusal. */
  const deleteAll = async (one: ServedResource, namespace: string): Promise<string | undefined> => {
    let failure: string | undefined;
    for (const { key, object } of store.list(one.shelf, `${namespace}/`)) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      try {
        await remove(registry, WRITER, { resource: one, key });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failure ??= error.message;
      }
    }
    return failure;
  };

  const { mark, stop } = runController(world, { name: 'namespaces', watches: { [NAMESPACES]: ownKey }, settle });
  const stopContents = listenToAll(
    registry,
    (_shelf, event) => {
      const { namespace } = splitKey(event.stored.key);
      if (doomed.has(namespace)) mark(namespace);
    },
    { withEvents: true },
  );
  return () => {
    stop();
    stopContents();
  };
}

function isPods({ shelf }: ServedResource): boolean {
  return shelf === PODS;
}
