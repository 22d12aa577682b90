import { ApiError } from '../status.ts';
import type { ListAnswer } from './answer.ts';
import type { DeleteOptions } from './delete-options.ts';
import { deleteStored } from './delete.ts';
import type { DeleteCaller } from './delete.ts';
import { listObjects } from './list.ts';
import type { ListRequest } from './list.ts';
import type { Registry } from './registry.ts';
import type { ServedResource } from './served-resource.ts';

/** Deletes all that a list would show; answers with that list. */
export async function deleteCollection(
  registry: Registry,
  resource: ServedResource,
  request: ListRequest,
  options: DeleteOptions,
  caller: DeleteCaller,
): Promise<ListAnswer> {
  const listed = await listObjects(registry, resource, request);
  for (const { object } of listed.views) {
    const { name, namespace = '' } = object.metadata;
    try {
      await deleteStored(registry, resource, { namespace, name }, options, caller);
    } catch (error) {
      // Somebody else was quicker: that is what was wanted.
      if (!(error instanceof ApiError) || error.code !== 404) throw error;
    }
  }
  return listed;
}
