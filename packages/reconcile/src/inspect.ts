import { compareRefs, printGroupKind, setIdentity } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
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
  readonly health: Pick<Aggregate, 'state' | 'counts'>;
  /** Kinds that could not be listed, and why. */
  readonly blind: readonly string[];
}

/**
 * The objects of a set and their states. Reads only: discovery, the parent, and one list page per 500 members of each kind.
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
  const objects = [...view.members.values(), ...view.lookalikes]
    .map((entry): InspectedObject => ({
      ref: entry.ref,
      status: entry.summary,
      proven: !view.lookalikes.includes(entry),
    }))
    .toSorted((a, b) => compareRefs(a.ref, b.ref));
  const { state, counts } = aggregate(objects.filter(({ proven }) => proven));
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
    health: { state, counts },
    blind: [...view.blind, ...unknown.map((groupKind) => `${printGroupKind(groupKind)}: the server does not serve it`)],
  };
}
