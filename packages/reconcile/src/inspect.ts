import { compareRefs, isRecord, printGroupKind, refKey, setIdentity } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import { aggregate } from '@homeostat/status';
import type { Aggregate, Status } from '@homeostat/status';
import type { Parent } from '@homeostat/prune';
import { ReconcileError } from './error.ts';
import { look } from './look.ts';
import type { Ports } from './ports.ts';
import { rollbackOf } from './requests.ts';
import { defaultPolicy } from './sync.ts';
import type { Sync } from './sync.ts';

export interface InspectedObject {
  readonly ref: Ref;
  readonly status: Status;
  /** Since when it is so, as far as the object tells, for one that is not ready: ISO 8601. */
  readonly since?: string;
  /** Whether it is proven to be ours; otherwise it merely carries the label. */
  readonly proven: boolean;
}

/** A set as the cluster tells of it, without its source. */
export interface InspectedSet {
  readonly kind: 'Set';
  readonly version: 1;
  readonly sync: { readonly namespace: string; readonly name: string };
  readonly source?: NonNullable<Parent['source']>;
  readonly report?: NonNullable<Parent['report']>;
  /** Who asked to leave the set alone, as long as that stands. */
  readonly suspendedBy?: string;
  /** The commit that somebody asked to stay at, as long as that stands. */
  readonly rolledBack?: { readonly commit: string; readonly by: string; readonly reason?: string };
  readonly objects: readonly InspectedObject[];
  /** Worst of all, counts, and the first ten that are not ready, worst first. */
  readonly health: Aggregate;
  /** Kinds that could not be listed, and why. */
  readonly blind: readonly string[];
}

/**
 * The objects of a set and their states; of workloads that are not ready, the Pod that is to blame. Reads only: discovery, the
 * parent, one list page per 500 members of each kind, and what such workloads have made, once for each namespace.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`. @throws {KubeError} when the server does not answer.
 */
export async function inspectSet(
  { namespace, name }: Pick<Sync, 'namespace' | 'name'>,
  ports: Ports,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): Promise<InspectedSet> {
  const set = setIdentity(namespace, name);
  const resources = await ports.client.resources({ signal });
  const view = await look(set, [], resources, defaultPolicy, ports, { signal });
  if (view.parent === undefined) {
    throw new ReconcileError(
      'SET_UNKNOWN',
      `there is no set ${namespace}/${name}: no ConfigMap of this name is the parent of one; see --name and --namespace`,
    );
  }
  const entries = [...view.members.values(), ...view.lookalikes].toSorted((a, b) => compareRefs(a.ref, b.ref));
  const reasons = await ports.health.explain(entries, { signal });
  const objects = entries.map((entry): InspectedObject => {
    const status = reasons.get(refKey(entry.ref)) ?? ports.health.of(entry);
    const since = status.state === 'Current' ? undefined : sinceWhen(entry.object());
    const proven = !view.lookalikes.includes(entry);
    return { ref: entry.ref, status, proven, ...(since !== undefined && { since: new Date(since).toISOString() }) };
  });
  const health = aggregate(
    objects
      .filter(({ proven }) => proven)
      .map(({ ref, status, since }) => ({ ref, status, ...(since !== undefined && { since: Date.parse(since) }) })),
  );
  const rollback = rollbackOf(view.parent);
  const suspended = view.parent.requests.find(({ request }) => request === 'suspend');
  const unknown = view.parent.hints.groupKinds.filter((groupKind) => resources.find(groupKind) === undefined);
  return {
    kind: 'Set',
    version: 1,
    sync: { namespace, name },
    ...(view.parent.source !== undefined && { source: view.parent.source }),
    ...(view.parent.report !== undefined && { report: view.parent.report }),
    ...(suspended !== undefined && { suspendedBy: suspended.by }),
    ...(rollback !== undefined && {
      rolledBack: {
        commit: rollback.argument,
        by: rollback.by,
        ...(rollback.reason !== undefined && { reason: rollback.reason }),
      },
    }),
    objects,
    health,
    blind: [...view.blind, ...unknown.map((groupKind) => `${printGroupKind(groupKind)}: the server does not serve it`)],
  };
}

/** When a condition last changed, or else when the object was made. In milliseconds since 1970. */
function sinceWhen({ metadata, status }: KubeObject): number | undefined {
  const conditions: unknown = isRecord(status) ? status['conditions'] : undefined;
  const changes = (Array.isArray(conditions) ? conditions : [])
    .filter(isRecord)
    .map(({ lastTransitionTime }) => Date.parse(String(lastTransitionTime)))
    .filter((time) => !Number.isNaN(time));
  const created = Date.parse(metadata.creationTimestamp ?? '');
  return changes.length > 0 ? Math.max(...changes) : Number.isNaN(created) ? undefined : created;
}
