import { notFound, plainFailure } from '../status.ts';
import { keyOf } from '../store/stored.ts';
import type { Stored } from '../store/stored.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Registry } from './registry.ts';
import { parseFailure, reachVersion, readVersion } from './resource-version.ts';
import { pluralOf } from './served-resource.ts';
import type { ServedResource } from './served-resource.ts';
import { viewOf } from './view.ts';

/** @throws {ApiError} 404. */
export function stored(registry: Registry, resource: ServedResource, namespace: string, name: string): Stored {
  const found = registry.store.get(resource.shelf, keyOf(namespace, name));
  if (found === undefined) throw notFound(pluralOf(resource), name);
  return found;
}

/** `resourceVersion`: not older than this; a version of the future is waited for. */
export async function getObject(
  registry: Registry,
  resource: ServedResource,
  { namespace, name, resourceVersion, signal }: GetOptions,
): Promise<ObjectAnswer> {
  if (resourceVersion !== '' && resourceVersion !== '0') {
    const version = readVersion(resourceVersion);
    if (version === undefined) {
      throw plainFailure(
        `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: ${parseFailure(resourceVersion)}`,
      );
    }
    await reachVersion(registry.store, version, registry.clock, signal);
  }
  return {
    type: 'object',
    code: 200,
    resource,
    view: viewOf(resource, stored(registry, resource, namespace, name)),
  };
}

export interface GetOptions {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}
