import { MANAGED_ANNOTATION, PART_OF_LABEL, isMember } from '@homeostat/kube';
import type { CallOptions, Client, JsonPatchOperation, KubeObject, Managers, SetIdentity } from '@homeostat/kube';
import { gvkOf, refOf } from '@homeostat/kube';

/**
 * The patch that takes an object out of the set and changes nothing else: label, annotation and our entries of managedFields
 * go, every value stays. Never an apply: applying without the fields would remove them. It fails if the object has changed
 * since it was read.
 */
export function abandonPatch(live: KubeObject, { current, former }: Managers): readonly JsonPatchOperation[] {
  const { resourceVersion, labels = {}, annotations = {}, managedFields = [] } = live.metadata;
  const ours = [current, ...former];
  const others = managedFields.filter(
    ({ manager, operation, subresource }) =>
      !(operation === 'Apply' && subresource === undefined && manager !== undefined && ours.includes(manager)),
  );
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(PART_OF_LABEL in labels ? [{ op: 'remove' as const, path: `/metadata/labels/${escape(PART_OF_LABEL)}` }] : []),
    ...(MANAGED_ANNOTATION in annotations
      ? [{ op: 'remove' as const, path: `/metadata/annotations/${escape(MANAGED_ANNOTATION)}` }]
      : []),
    // An empty list would mean "leave as it is"; one empty entry clears it.
    { op: 'replace', path: '/metadata/managedFields', value: others.length > 0 ? others : [{}] },
  ];
}

/** Sets an object free. Returns false when it is not a member (any more), and then does nothing. */
export async function abandon(
  client: Client,
  live: KubeObject,
  set: SetIdentity,
  managers: Managers,
  options: CallOptions = {},
): Promise<boolean> {
  if (!isMember(live, set, managers)) return false;
  await client.patch(
    refOf(live),
    { type: 'json', operations: abandonPatch(live, managers) },
    { ...options, version: gvkOf(live).version },
  );
  return true;
}

function escape(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
