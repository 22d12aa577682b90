import { formerOwners, isMigrationDue } from '@homeostat/apply';
import type { ApplyItem } from '@homeostat/apply';
import type { LiveEntry } from '@homeostat/cache';
import { compare, releasePayload } from '@homeostat/diff';
import type { Change } from '@homeostat/diff';
import { compareForApply, digest, payloadOf, setIdentity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { Status } from '@homeostat/status';
import { refusalBy, ruleAgainst } from './allowance.ts';
import { conflictPolicyOf } from './conflict-policy.ts';
import { managersOf } from './look.ts';
import type { View } from './look.ts';
import type { Memory } from './memory.ts';
import type { Prepared } from './prepare.ts';
import { refusalOfReserved } from './reserved.ts';
import type { Policy } from './sync.ts';

/** What is known about one desired object before the server is asked. */
export type DraftItem =
  | { readonly step: 'unchanged'; readonly prepared: Prepared; readonly entry: LiveEntry<Status> }
  /** It may not be in the set: the policy keeps it out, or a set is kept in it. */
  | {
      readonly step: 'not-allowed';
      readonly code: 'not-allowed' | 'reserved';
      readonly prepared: Prepared;
      readonly message: string;
    }
  | {
      readonly step: 'skip';
      readonly prepared: Prepared;
      readonly reason: 'create-only' | 'ignored';
      readonly entry: LiveEntry<Status> | undefined;
    }
  /** Something is to be written; the server is asked first. */
  | {
      readonly step: 'ask';
      readonly prepared: Prepared;
      readonly item: ApplyItem;
      readonly changes: readonly Change[];
      /** Fields of former owners are to become ours, even if nothing else differs. */
      readonly migrates?: boolean;
    };

export interface DraftInput {
  readonly wanted: readonly Prepared[];
  readonly view: Pick<View, 'members'>;
  readonly policy: Policy;
  /** The sync's, for what names it. */
  readonly namespace: string;
  readonly name: string;
  readonly verified: Memory['verified'];
}

/**
 * Compares every desired object with the live view. Pure.
 *
 * 1. A member that has every field as desired is `unchanged`, and no request was needed to know.
 * 2. What is not a member may or may not exist: only a create-only apply can tell, so it is asked as `create`.
 * 3. Nothing here decides about an object that is not a member.
 * 4. What may not be in the set is neither compared nor asked about, whether it is a member or not.
 * 5. The order is that of application, whatever the order of the input.
 */
export function draft({ wanted, view, policy, namespace, name, verified }: DraftInput): readonly DraftItem[] {
  const managers = managersOf(policy);
  const set = setIdentity(namespace, name);

  const decide = (prepared: Prepared): DraftItem => {
    const reserved = refusalOfReserved(prepared.object, set);
    if (reserved !== undefined) return { step: 'not-allowed', code: 'reserved', prepared, message: reserved };
    const rule = ruleAgainst(prepared.ref, { namespace, policy });
    if (rule !== undefined)
      return { step: 'not-allowed', code: 'not-allowed', prepared, message: refusalBy(rule, prepared.ref) };
    const entry = view.members.get(prepared.key);
    const { apply } = prepared.directives;
    if (apply === 'ignore') return { step: 'skip', prepared, reason: 'ignored', entry };
    if (entry === undefined)
      return {
        step: 'ask',
        prepared,
        item: { ...itemOf(prepared), object: prepared.initial, action: 'create' },
        changes: [],
      };
    if (apply === 'create-only') return { step: 'skip', prepared, reason: 'create-only', entry };

    const known = verified.get(prepared.key);
    const same = known?.uid === entry.uid && known.desired === prepared.digest;
    if (same && known.resourceVersion === entry.resourceVersion) return { step: 'unchanged', prepared, entry };

    const live = entry.object();
    const comparison = compare(prepared.object, live, {
      manager: managers,
      ...(prepared.ignore !== undefined && { ignore: prepared.ignore }),
    });
    const changes = comparison.state === 'in-sync' ? [] : comparison.changes;
    const equal = comparison.state === 'in-sync' || (same && known.normalized === contentDigest(live));
    const migrates = isMigrationDue(live, prepared.object, managers, conflictPolicyOf(policy));
    if (equal && !entry.terminating && !migrates) return { step: 'unchanged', prepared, entry };
    return { step: 'ask', prepared, item: update(prepared, live, policy), changes, migrates };
  };
  return wanted.toSorted((a, b) => compareForApply(a.ref, b.ref)).map(decide);
}

/** Digest of what the server made of an object: all that was not stripped, whoever owns it. */
export function contentDigest(live: KubeObject): string {
  return digest(payloadOf(live));
}

function update(prepared: Prepared, live: KubeObject, policy: Policy): ApplyItem {
  const release = releasePayload(prepared.object, live, {
    manager: managersOf(policy),
    ignore: prepared.ignore,
    inherited: formerOwners(conflictPolicyOf(policy)),
  });
  const { uid, resourceVersion } = live.metadata;
  return {
    ...itemOf(prepared),
    action: 'update',
    live,
    ...(release !== undefined && { release }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

/** The part of an item that does not depend on what exists. */
export function itemOf(prepared: Prepared): Pick<ApplyItem, 'ref' | 'object' | 'origin' | 'force' | 'conflicts'> {
  const { ref, object, origin, directives } = prepared;
  return {
    ref,
    object,
    origin,
    force: false,
    ...(directives.conflicts !== undefined && { conflicts: directives.conflicts }),
  };
}
