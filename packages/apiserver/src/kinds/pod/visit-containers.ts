import type { DraftMap } from '../../draft.ts';
import { mapsAt } from '../../draft.ts';
import { item } from './rules.ts';

/** The three lists of containers, in the order in which the server visits them. */
export const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** All containers of a pod with the places where they stand. */
export function visitContainers(spec: DraftMap, field: string): (readonly [container: DraftMap, field: string])[] {
  return CONTAINER_LISTS.flatMap((list) =>
    mapsAt(spec, list).map((container, index) => [container, item(`${field}.${list}`, index)] as const),
  );
}
