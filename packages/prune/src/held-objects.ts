import { KubeError, isRecord, printGroupKind, printRef, refOf } from '@homeostat/kube';
import type { CallOptions, Client, KubeObject, Resource } from '@homeostat/kube';
import { isControlled } from './select-orphans.ts';

/** What every namespace has without anybody's doing. */
const NOBODYS = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);
const FLEETING = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'PodMetrics']);

/**
 * Something that deleting this object would take along: in a Namespace any object, of a definition any object of its kind.
 * `undefined` if there is none. Asked when all that is pruned with it is gone, so whatever is left is meant to stay, a member of
 * ours that is kept included.
 *
 * Looks at every kind in a Namespace, which costs a request each: they are pruned rarely, and only if the policy names them.
 * What cannot be looked at counts as something.
 */
export async function heldBy(live: KubeObject, client: Client, options: CallOptions): Promise<string | undefined> {
  const kind = printGroupKind(refOf(live));
  if (kind === 'Namespace') return await firstInNamespace(live.metadata.name, client, options);
  if (kind === 'CustomResourceDefinition.apiextensions.k8s.io') return await firstOfKind(live, client, options);
  return undefined;
}

async function firstInNamespace(namespace: string, client: Client, options: CallOptions): Promise<string | undefined> {
  const { all, degraded } = await client.resources(options);
  if (degraded.length > 0) return `objects of ${degraded.join(', ')}, which cannot be looked at`;
  const kinds = new Map(
    all
      .filter(({ namespaced, verbs, kind }) => namespaced && verbs.includes('list') && !FLEETING.has(kind))
      .map((resource) => [printGroupKind(resource), resource]),
  );
  for (const resource of kinds.values()) {
    const found = await first(resource, client, { ...options, namespace });
    if (found !== undefined) return found;
  }
  return undefined;
}

async function firstOfKind(definition: KubeObject, client: Client, options: CallOptions): Promise<string | undefined> {
  const spec = isRecord(definition['spec']) ? definition['spec'] : {};
  const names = isRecord(spec['names']) ? spec['names'] : {};
  const resources = await client.resources(options);
  const resource = resources.find({ group: String(spec['group']), kind: String(names['kind']) });
  return resource === undefined ? undefined : await first(resource, client, options);
}

async function first(
  resource: Resource,
  client: Client,
  options: CallOptions & { readonly namespace?: string },
): Promise<string | undefined> {
  try {
    for await (const { items } of client.list(resource, options)) {
      const found = items.find((object) => !isNobodys(object) && !isControlled(object) && !isGoing(object));
      if (found !== undefined) return printRef(refOf(found));
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError) || error.code === 'CANCELLED') throw error;
    // Whatever was of a kind that is gone is gone too.
    if (error.code === 'UNKNOWN_KIND') return undefined;
    return `objects of ${printGroupKind(resource)}, which cannot be looked at (${error.message})`;
  }
}

function isNobodys({ kind, metadata }: KubeObject): boolean {
  return NOBODYS.has(`${kind} ${metadata.name}`);
}

function isGoing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}
