import { MANAGED_ANNOTATION, PART_OF_LABEL, isMember, setIdentity, setOf } from '@homeostat/kube';
import type { KubeObject, Managers, SetIdentity } from '@homeostat/kube';

/** The set that a payload says it belongs to; `undefined` for objects that are applied outside of any set. */
function setOfPayload(payload: KubeObject): SetIdentity | undefined {
  const sync = payload.metadata.annotations?.[MANAGED_ANNOTATION]?.split(':', 1)[0] ?? '';
  const slash = sync.indexOf('/');
  if (slash < 0) return undefined;
  const set = setIdentity(sync.slice(0, slash), sync.slice(slash + 1));
  return payload.metadata.labels?.[PART_OF_LABEL] === set.id ? set : undefined;
}

/** Whether a live object is proven to be a member of the payload's set. */
export function isOurs(live: KubeObject, payload: KubeObject, managers: Managers): boolean {
  const set = setOfPayload(payload);
  return set !== undefined && isMember(live, set, managers);
}

/** Whether an object still belongs to whoever it belonged to when the plan saw it: same object, same set, same appliers. */
export function hasSameOwner(live: KubeObject, seen: KubeObject | undefined): boolean {
  return (
    seen !== undefined &&
    live.metadata.uid === seen.metadata.uid &&
    setOf(live) === setOf(seen) &&
    appliersOf(live) === appliersOf(seen)
  );
}

function appliersOf(object: KubeObject): string {
  const entries = (object.metadata.managedFields ?? []).filter(({ operation }) => operation === 'Apply');
  return entries
    .map(({ manager = '' }) => manager)
    .sort()
    .join('\n');
}
