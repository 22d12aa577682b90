import { canonicalJson, printRef, refOf } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';

/** Every object of a cluster as far as people care, by its printed ref. */
export type Cluster = ReadonlyMap<string, KubeObject>;

/** Kinds of which every cluster has its own, or that tell of what happened instead of what is. */
const OTHERS: ReadonlySet<string> = new Set([
  'APIService',
  'ComponentStatus',
  'Endpoints',
  'EndpointSlice',
  'Event',
  'Lease',
  'Node',
]);

/** All that is in the cluster now. */
export async function clusterNow(client: Client): Promise<Cluster> {
  const found = new Map<string, KubeObject>();
  const resources = await client.resources({ refresh: true });
  for (const resource of resources.all) {
    const { group, kind } = resource;
    // Each kind once, in the version that the server prefers.
    if (!resource.verbs.includes('list') || OTHERS.has(kind) || resources.find({ group, kind }) !== resource) continue;
    for await (const { items } of client.list(resource)) {
      for (const item of items) if (!isOfTheServer(item)) found.set(printRef(refOf(item)), item);
    }
  }
  return found;
}

/** What every server has of its own: its address, its certificate. */
function isOfTheServer({ metadata: { name, namespace = '' } }: KubeObject): boolean {
  return namespace === 'default' || namespace.startsWith('kube-') || name === 'kube-root-ca.crt';
}

/**
 * Two clusters hold the same: the same objects with the same content and the same owners of every field. Uids, versions, times
 * and what the server gives out by chance do not count.
 *
 * @throws {Error} with the first differences.
 */
export function expectSame(wanted: Cluster, found: Cluster): void {
  const differences: string[] = [];
  for (const ref of new Set([...wanted.keys(), ...found.keys()])) {
    const [one, other] = [wanted.get(ref), found.get(ref)];
    if (one === undefined) differences.push(`${ref} is there, and was not to be`);
    else if (other === undefined) differences.push(`${ref} is missing`);
    else {
      const [a, b] = [essence(one), essence(other)];
      if (a !== b) differences.push(`${ref} is ${b}, and was to be ${a}`);
    }
  }
  if (differences.length > 0) throw new Error(differences.slice(0, 5).join('\n'));
}

function essence(object: KubeObject): string {
  // What a controller makes is its business.
  if (object.metadata.ownerReferences?.some(({ controller }) => controller === true)) return 'made by its controller';
  const { metadata, status: _status, spec, ...rest } = object as KubeObject & { readonly spec?: object };
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _at,
    generation: _generation,
    managedFields = [],
    ...kept
  } = metadata;
  const { clusterIP: _ip, clusterIPs: _ips, ...given } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  const owners = managedFields
    .filter(({ subresource }) => subresource === undefined)
    .map(({ time: _time, ...entry }) => canonicalJson(entry))
    .toSorted();
  return canonicalJson({ ...rest, metadata: kept, owners, spec: given });
}
