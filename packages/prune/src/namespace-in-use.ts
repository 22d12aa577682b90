import { isMember, KubeError, printRef, refOf } from '@homeostat/kube';
import type { CallOptions, Client, KubeObject, Managers, SetIdentity } from '@homeostat/kube';
import { isControlled } from './select-orphans.ts';

/** What every namespace has without anybody's doing. */
const NOBODYS = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);
const FLEETING = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'PodMetrics']);

/**
 * An object in the namespace that is not ours and that deleting the namespace would take along; `undefined` if there is none.
 * Looks at every kind, which costs a request each: Namespaces are pruned rarely, and only if the policy names them. A kind
 * that cannot be looked at counts as in use.
 */
export async function foreignObjectIn(
  namespace: string,
  client: Client,
  set: SetIdentity,
  managers: Managers,
  options: CallOptions,
): Promise<string | undefined> {
  const { all, degraded } = await client.resources(options);
  if (degraded.length > 0) return `objects of ${degraded.join(', ')}, which cannot be looked at`;
  const seen = new Set<string>();
  for (const resource of all) {
    const key = `${resource.group}/${resource.kind}`;
    if (seen.has(key) || !resource.namespaced || !resource.verbs.includes('list') || FLEETING.has(resource.kind))
      continue;
    seen.add(key);
    try {
      for await (const { items } of client.list(resource, { ...options, namespace })) {
        const foreign = items.find(
          (object) => !isNobodys(object) && !isControlled(object) && !isOurs(object, set, managers),
        );
        if (foreign !== undefined) return printRef(refOf(foreign));
      }
    } catch (error) {
      if (!(error instanceof KubeError) || error.code === 'CANCELLED') throw error;
      return `objects of ${key}, which cannot be looked at (${error.message})`;
    }
  }
  return undefined;
}

function isNobodys({ kind, metadata }: KubeObject): boolean {
  return NOBODYS.has(`${kind} ${metadata.name}`);
}

function isOurs(object: KubeObject, set: SetIdentity, managers: Managers): boolean {
  return object.metadata.deletionTimestamp !== undefined || isMember(object, set, managers);
}
