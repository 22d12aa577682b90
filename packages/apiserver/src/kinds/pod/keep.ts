import type { DraftMap } from '../../draft.ts';

/** Makes a field what it was. */
export function keep(draft: DraftMap, old: Readonly<DraftMap>, field: string): void {
  if (old[field] === undefined) Reflect.deleteProperty(draft, field);
  else draft[field] = structuredClone(old[field]);
}

const KEPT_METADATA = ['labels', 'annotations', 'ownerReferences', 'finalizers', 'deletionTimestamp'];

/** Makes what endpoints beneath a Pod do not write of its metadata what it was. */
export function keepForStatus(metadata: DraftMap, old: Readonly<DraftMap>): void {
  for (const field of KEPT_METADATA) keep(metadata, old, field);
}
