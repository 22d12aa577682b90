import { KubeError, MANAGED_ANNOTATION, PART_OF_LABEL, gvkOf, isMember, refOf } from '@homeostat/kube';
import type { CallOptions, Client, JsonPatchOperation, KubeObject, Managers, SetIdentity } from '@homeostat/kube';

/**
 * The patch that takes an object out of the set and changes nothing else: label, annotation and our entries of managedFields
 * go, every value stays. Never an apply: applying without the fields would remove them. It carries the resourceVersion that
 * was read, so it fails with `STALE` if the object has changed since.
 */
export function abandonPatch(live: KubeObject, { current, former }: Managers): readonly JsonPatchOperation[] {
  const { resourceVersion, labels = {}, annotations = {}, managedFields = [] } = live.metadata;
  const ours = [current, ...former];
  const others = managedFields.filter(
    ({ manager, operation, subresource }) =>
      !(operation === 'Apply' && !subresource && manager !== undefined && ours.includes(manager)),
  );
  return [
    // A replacement, not a test: the server takes it as a precondition and answers 409, where a failed test is a bare 422.
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(PART_OF_LABEL in labels ? [{ op: 'remove' as const, path: `/metadata/labels/${escape(PART_OF_LABEL)}` }] : []),
    ...(MANAGED_ANNOTATION in annotations
      ? [{ op: 'remove' as const, path: `/metadata/annotations/${escape(MANAGED_ANNOTATION)}` }]
      : []),
    // An empty list would mean "leave as it is"; one empty entry clears it.
    { op: 'replace', path: '/metadata/managedFields', value: others.length > 0 ? others : [{}] },
  ];
}

/**
 * Sets an object free. False when it is not a member (any more): then nothing is sent.
 *
 * @throws {KubeError} `STALE` when it has changed since it was read: read it, and prove it, anew.
 */
export async function abandon(
  client: Client,
  live: KubeObject,
  set: SetIdentity,
  managers: Managers,
  options: CallOptions = {},
): Promise<boolean> {
  if (!isMember(live, set, managers)) return false;
  const patch = { type: 'json', operations: abandonPatch(live, managers) } as const;
  try {
    await client.patch(refOf(live), patch, { ...options, version: gvkOf(live).version });
  } catch (error) {
    // It went away by itself.
    if (!(error instanceof KubeError) || error.code !== 'NOT_FOUND') throw error;
  }
  return true;
}

function escape(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
