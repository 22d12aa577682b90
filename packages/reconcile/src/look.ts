import { claimantOf, isCopyOfLabels } from '@homeostat/apply';
import type { LiveEntry } from '@homeostat/cache';
import { KubeError, gvkOf, isMember, printGroupKind, refKey } from '@homeostat/kube';
import type { Managers, Ref, RefKey, Resource, Resources, SetIdentity } from '@homeostat/kube';
import { readParent } from '@homeostat/prune';
import type { Parent } from '@homeostat/prune';
import type { Status } from '@homeostat/status';
import type { Memory, Proof } from './memory.ts';
import type { Rival } from './ownership.ts';
import type { Ports } from './ports.ts';
import type { Prepared } from './prepare.ts';
import type { Policy } from './sync.ts';

/** The cluster as far as it concerns one set, at one moment. */
export interface View {
  readonly parent: Parent | undefined;
  /** Why the parent could not be read; only where that is allowed. */
  readonly parentHidden?: string;
  /** Objects that are proven to be ours. */
  readonly members: ReadonlyMap<RefKey, LiveEntry<Status>>;
  /** Objects that carry our label and are not proven to be ours. Never deleted; taken only as any other object is. */
  readonly lookalikes: readonly LiveEntry<Status>[];
  /** Members that another tool marks as its own as well. */
  readonly rivals: readonly Rival[];
  /** Kinds that could not be listed, and why: their members are unknown, not absent. */
  readonly blind: readonly string[];
}

/** Our field managers, as the policy names them. */
export function managersOf(policy: Policy): Managers {
  return { current: policy.manager, former: policy.formerManagers };
}

/**
 * Looks at the set: the parent, and every kind that it or the desired objects name. What was looked at before and is
 * followed costs no request; in a fresh process it is the parent and one list page per 500 members of each kind. With
 * `lookOnly` a parent that may not be read is as none.
 */
export async function look(
  set: SetIdentity,
  wanted: readonly Prepared[],
  resources: Resources,
  policy: Policy,
  { client, live, memory }: Ports,
  { signal, lookOnly = false }: { readonly signal: AbortSignal; readonly lookOnly?: boolean },
): Promise<View> {
  const parentHidden = await seeParent(set, { client, memory }, { signal, lookOnly });
  memory.noParent = false;
  const kinds = kindsInUse(wanted, memory.parent, resources);
  const { degraded } = await live.load(kinds, {
    namespaces: namespacesInUse(set, wanted, memory.parent),
    // Nothing keeps the view true between passes then.
    again: policy.drift === 'off',
    signal,
  });
  const notAs = degraded.find(({ error }) => error.code === 'IMPERSONATION');
  if (notAs !== undefined) throw notAs.error;
  return {
    parent: memory.parent,
    ...(parentHidden !== undefined && { parentHidden }),
    ...sortOut(set, policy, { live, memory }),
    blind: degraded.map(({ resource, error }) => `${printGroupKind(resource)}: ${error.message}`),
  };
}

/** Makes sure that the memory knows the parent; says why it cannot be read, where that is allowed. */
export async function seeParent(
  set: SetIdentity,
  { client, memory }: Pick<Ports, 'client' | 'memory'>,
  { signal, lookOnly }: { readonly signal: AbortSignal; readonly lookOnly: boolean },
): Promise<string | undefined> {
  try {
    await knowParent(set, { client, memory }, { signal });
    return undefined;
  } catch (error) {
    if (!lookOnly || !(error instanceof KubeError) || error.code !== 'FORBIDDEN') throw error;
    return error.message;
  }
}

/** Makes sure that the memory knows the parent, or that there is none. */
export async function knowParent(
  set: SetIdentity,
  { client, memory }: Pick<Ports, 'client' | 'memory'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  if (memory.parent !== undefined || memory.noParent) return;
  memory.parent = await readParent(client, set, { signal });
  memory.noParent = memory.parent === undefined;
}

/** Tells members from look-alikes. Pure over the live view, and the same instances as long as that does not change. */
function sortOut(
  set: SetIdentity,
  policy: Policy,
  { live, memory }: Pick<Ports, 'live' | 'memory'>,
): Pick<View, 'members' | 'lookalikes' | 'rivals'> {
  const entries = live.members(set.id);
  const inputs = [entries, set.id, policy];
  const known = memory.members.find(inputs);
  if (known !== undefined) return known;
  const members = new Map<RefKey, LiveEntry<Status>>();
  const lookalikes: LiveEntry<Status>[] = [];
  const rivals: Rival[] = [];
  for (const entry of entries) {
    const { proven, claimant } = proofOf(entry, set, policy, memory);
    if (proven) members.set(refKey(entry.ref), entry);
    else if (!isCopyOfLabels(entry.ref)) lookalikes.push(entry);
    if (proven && claimant !== undefined) rivals.push({ ref: entry.ref, claimant });
  }
  const sorted = { members, lookalikes, rivals };
  memory.members.keep(inputs, sorted);
  return sorted;
}

/** The members of these names: a look at each of them, and at no other. */
export function membersAmong(
  refs: readonly Ref[],
  set: SetIdentity,
  policy: Policy,
  { live, memory }: Pick<Ports, 'live' | 'memory'>,
): View['members'] {
  return new Map(
    refs.flatMap((ref) => {
      const entry = live.get(ref);
      const isOurs = entry?.set === set.id && proofOf(entry, set, policy, memory).proven;
      return isOurs ? [[refKey(ref), entry] as const] : [];
    }),
  );
}

const PROVEN: Proof = { proven: true };
const UNPROVEN: Proof = { proven: false };

function proofOf(entry: LiveEntry<Status>, set: SetIdentity, policy: Policy, { proofs }: Memory): Proof {
  const before = proofs.get(entry);
  if (before !== undefined) return before;
  const object = entry.object();
  const claimant = claimantOf(object);
  const usual = isMember(object, set, managersOf(policy)) ? PROVEN : UNPROVEN;
  const proof = claimant === undefined ? usual : { ...usual, claimant };
  proofs.set(entry, proof);
  return proof;
}

/** The kinds of the desired objects in their version, and the other kinds of the parent's hints in the server's. */
function kindsInUse(
  wanted: readonly Prepared[],
  parent: Parent | undefined,
  resources: Resources,
): readonly Resource[] {
  const found = new Map<string, Resource>();
  for (const { object } of wanted) {
    const gvk = gvkOf(object);
    const resource = resources.find(gvk);
    if (resource !== undefined) found.set(printGroupKind(gvk), resource);
  }
  for (const groupKind of parent?.hints.groupKinds ?? []) {
    const name = printGroupKind(groupKind);
    const resource = found.get(name) ?? resources.find(groupKind);
    if (resource !== undefined) found.set(name, resource);
  }
  return [...found.values()].filter(({ verbs }) => verbs.includes('list'));
}

function namespacesInUse(set: SetIdentity, wanted: readonly Prepared[], parent: Parent | undefined): readonly string[] {
  const names = new Set([
    set.namespace,
    ...(parent?.hints.namespaces ?? []),
    ...wanted.map(({ ref }) => ref.namespace),
  ]);
  names.delete('');
  return [...names].toSorted();
}
