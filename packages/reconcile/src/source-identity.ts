import { PruneError } from '@homeostat/prune';
import type { Parent } from '@homeostat/prune';
import { sourceOf } from './apply-plan.ts';
import type { Sync } from './sync.ts';

/**
 * A set belongs to the source that made it: a typing error in `--name` must not prune another repository's objects.
 *
 * @throws {PruneError} `SET_SOURCE_CHANGED`, unless the sync takes the set over.
 */
export function assertSource(parent: Parent | undefined, sync: Sync, location: string): void {
  const recorded = parent?.source;
  const now = sourceOf(sync, location);
  if (recorded === undefined || sync.takeOver || (recorded.url === now.url && recorded.path === now.path)) return;
  throw new PruneError(
    'SET_SOURCE_CHANGED',
    `the set ${sync.namespace}/${sync.name} was made from ${recorded.url} (path "${recorded.path}"), not from ${now.url} (path "${now.path}"); choose another --name, or pass --take-over to give it this source`,
  );
}
