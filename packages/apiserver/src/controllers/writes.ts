import type { KubeObject } from '@homeostat/kube';
import type { Draft } from '../draft.ts';
import type { Caller } from '../registry/caller.ts';
import { createObject } from '../registry/create.ts';
import type { DeleteOptions } from '../registry/delete-options.ts';
import { deleteStored } from '../registry/delete.ts';
import { mainEndpoint, subresourceEndpoint } from '../registry/endpoints.ts';
import type { Registry } from '../registry/registry.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { updateObject } from '../registry/update.ts';
import { ApiError } from '../status.ts';
import { keyOf } from '../store/stored.ts';
import { splitKey } from './controller.ts';

/** In whose name a controller writes: its User-Agent in Kubernetes, and so its name in `managedFields`. */
export type Writer = 'kube-controller-manager' | 'kube-scheduler' | 'kubelet';

/** Where an object is. */
export interface Place {
  readonly resource: ServedResource;
  /** `namespace/name`, or the name of a cluster-scoped object. */
  readonly key: string;
}

export function callerOf(writer: Writer): Caller {
  return {
    user: {
      name: writer === 'kubelet' ? 'system:node:node-1' : `system:${writer}`,
      groups: writer === 'kubelet' ? ['system:nodes', 'system:authenticated'] : ['system:authenticated'],
    },
    options: { dryRun: false, fieldValidation: 'Ignore', manager: writer, force: false },
    warnings: [],
  };
}

/** The built-in resource of a kind. @throws {TypeError} when there is none, which no data can bring about. */
export function resourceOf(registry: Registry, group: string, kind: string): ServedResource {
  const resource = registry.resources.ofKind(group, kind);
  if (resource === undefined) throw new TypeError(`no resource of kind ${group}/${kind}`);
  return resource;
}

/** What there is of it now, in the version of its resource; `undefined` when it is not there. */
export function read(registry: Registry, { resource, key }: Place): KubeObject | undefined {
  const object = registry.store.get(resource.shelf, key)?.object;
  return object && resource.fromStored(object);
}

/** Creates an object; with `generateName` where it has no name. `undefined` when there is one of that name already. */
export async function create(
  registry: Registry,
  writer: Writer,
  object: Readonly<Record<string, unknown>> & Pick<KubeObject, 'apiVersion' | 'kind'>,
): Promise<KubeObject | undefined> {
  const [group = '', version] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion];
  const resource = registry.resources.ofKind(group, object.kind, version);
  if (resource === undefined) throw new TypeError(`no resource of kind ${object.apiVersion} ${object.kind}`);
  const { object: draft } = resource.decode(structuredClone(object));
  const { namespace = '', name = '' } = draft.metadata as { namespace?: string; name?: string };
  try {
    const answer = await createObject(registry, resource, { namespace, name }, draft, callerOf(writer));
    return answer.view.object;
  } catch (error) {
    if (error instanceof ApiError && error.status.reason === 'AlreadyExists') return undefined;
    throw error;
  }
}

/**
 * Changes an object: `change` works on a copy of what is there, and may say that nothing is to be done by `false`. A change
 * that makes no difference is none. `undefined` when it has gone.
 */
export async function update(
  registry: Registry,
  writer: Writer,
  { resource, key }: Place,
  change: (draft: Draft) => false | void,
  subresource = '',
): Promise<KubeObject | undefined> {
  const endpoint = subresource === '' ? mainEndpoint(resource) : subresourceEndpoint(resource, subresource);
  if (endpoint === undefined) throw new TypeError(`${resource.kind} has no ${subresource}`);
  try {
    const answer = await updateObject(registry, resource, endpoint, splitKey(key), callerOf(writer), (live) => {
      const draft = structuredClone(live) as unknown as Draft;
      if (change(draft) === false) return { outcome: 'unchanged' };
      return { outcome: 'object', draft: resource.decode(draft).object, managed: false };
    });
    return answer.view.object;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Deletes an object, if it is still the one with that uid. */
export async function remove(
  registry: Registry,
  writer: Writer,
  { resource, key }: Place,
  options: Partial<DeleteOptions> = {},
): Promise<void> {
  const all: DeleteOptions = {
    uid: undefined,
    resourceVersion: undefined,
    propagation: 'Background',
    gracePeriodSeconds: undefined,
    dryRun: false,
    ...options,
  };
  const target = splitKey(key);
  if (registry.store.get(resource.shelf, keyOf(target.namespace, target.name)) === undefined) return;
  try {
    await deleteStored(registry, resource, target, all, callerOf(writer));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** It is no more, or another one under its name. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status.reason === 'NotFound' || error.status.reason === 'Conflict');
}
