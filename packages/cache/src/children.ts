import type { Client, GroupKind, KubeObject, Ref, RefKey, Resource } from '@homeostat/kube';
import { compareRefs, compareText, KubeError, refKey, refOf } from '@homeostat/kube';
import { CacheError } from './error.ts';
import { kindKey } from './view.ts';

/** Whose children are looked for; a `LiveEntry` is one. */
export interface Owner {
  readonly ref: Ref;
  readonly uid: string;
}

export interface Children {
  /** What the object owns directly, sorted by ref: of those that were asked about, and of their children. */
  readonly children: (ref: Ref) => readonly KubeObject[];
  /** Why something could not be read: what it would have told is unknown, not absent. */
  readonly errors: readonly KubeError[];
}

/** What Kubernetes' own workloads make, each after the kinds that own it. */
const MADE: readonly { readonly kind: GroupKind; readonly by: readonly string[] }[] = [
  { kind: { group: 'apps', kind: 'ReplicaSet' }, by: ['apps/Deployment'] },
  { kind: { group: 'batch', kind: 'Job' }, by: ['batch/CronJob'] },
  {
    kind: { group: '', kind: 'Pod' },
    by: ['apps/ReplicaSet', 'apps/StatefulSet', 'apps/DaemonSet', 'batch/Job', '/ReplicationController'],
  },
];

/**
 * Reads what workloads have made (ReplicaSets, Jobs, Pods) and finds it through owner references, for messages that say why
 * one is not ready. Such objects carry no label of ours, so the live view does not hold them: they are read when asked for.
 *
 * One list (in pages) for each kind and namespace, however many owners are asked about, and none where no owner has
 * children of that kind; so ask about all of them at once.
 *
 * @throws {CacheError} `CANCELLED`. What the server refuses is part of the result.
 */
export async function readChildren(
  owners: readonly Owner[],
  client: Client,
  { signal }: { readonly signal: AbortSignal },
): Promise<Children> {
  const found = new Map<RefKey, KubeObject[]>();
  const errors: KubeError[] = [];
  /** All that may own something, level by level. */
  const makers = [...owners];
  for (const { kind, by } of MADE) {
    const relevant = makers.filter(({ ref }) => by.includes(kindKey(ref)));
    const byNamespace = [...Map.groupBy(relevant, ({ ref }) => ref.namespace)];
    for (const [namespace, parents] of byNamespace.toSorted(([a], [b]) => compareText(a, b))) {
      const parentOf = new Map(parents.map(({ ref, uid }) => [uid, ref]));
      try {
        const resource = (await client.resources({ signal })).find(kind);
        if (resource === undefined) continue;
        for await (const object of listed(client, resource, namespace, signal)) {
          const { ownerReferences = [], uid = '' } = object.metadata;
          const parent = ownerReferences.map((owner) => parentOf.get(owner.uid)).find((ref) => ref !== undefined);
          if (parent === undefined) continue;
          found.set(refKey(parent), [...(found.get(refKey(parent)) ?? []), object]);
          makers.push({ ref: refOf(object), uid });
        }
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (signal.aborted) throw new CacheError('CANCELLED', 'the look at children was cancelled', { cause: error });
        errors.push(error);
      }
    }
  }
  for (const objects of found.values()) objects.sort((a, b) => compareRefs(refOf(a), refOf(b)));
  return { children: (ref) => found.get(refKey(ref)) ?? [], errors };
}

async function* listed(
  client: Client,
  resource: Resource,
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<KubeObject> {
  for await (const page of client.list(resource, { namespace, signal })) yield* page.items;
}
