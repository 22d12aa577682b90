import { claimantOf, isAppliedByKubectl } from '@homeostat/apply';
import type { Inheritance, ToolName } from '@homeostat/apply';
import {
  MANAGED_ANNOTATION,
  PART_OF_LABEL,
  isMember,
  isRecord,
  managedAnnotation,
  printRef,
  proofOf,
  refKey,
  refOf,
  setIdentity,
  setOf,
} from '@homeostat/kube';
import type { KubeObject, Managers, RefKey, SetIdentity } from '@homeostat/kube';
import { reservedAs } from './reserved.ts';
import type { Policy } from './sync.ts';

/** Who has an object that we want. */
export interface Owner {
  /** For people: `the set shop/web`, `the Flux Kustomization flux-system/apps`. */
  readonly text: string;
  /** The value of the policy `adoptFrom` that takes it over; absent where only `adopt: always` does. */
  readonly source?: Policy['adoptFrom'][number];
  /** The id of the set, if it is one. */
  readonly set?: string;
  /** What is to be done there first. */
  readonly advice?: string;
  readonly inherits?: Inheritance;
}

/** What is done about an object that is desired, exists, and is not a member. */
export type ExistingDecision =
  /** `owner`: absent if nobody managed it. `inherits`: what becomes ours with it. */
  | { readonly decision: 'adopt'; readonly owner?: Owner }
  /** It was ours all the time: the view had not caught up, or the proof was lost and can be renewed. */
  | { readonly decision: 'ours' }
  | { readonly decision: 'refuse'; readonly owner?: Owner; readonly message: string };

export interface ExistingFacts {
  readonly set: SetIdentity;
  readonly managers: Managers;
  readonly policy: Pick<Policy, 'adopt' | 'adoptFrom'>;
  /** Whether the set of this id desires the object, where this process runs that set too. */
  readonly desires?: ((id: string, key: RefKey) => boolean | undefined) | undefined;
  /** Whether this process has had it in the set already, and the source has named it ever since. */
  readonly had?: boolean;
}

/**
 * Decides whether an existing object may be taken. Pure; `live` must come from a GET.
 *
 * 0. In what a set or an engine is kept is taken by nobody, whatever the policy: the parent of a set, a Lease of an engine.
 * 1. A member, or an object that our own manager applied for this very set, is ours whatever the policy.
 * 2. What a set of this process still desires is nobody else's, whatever the policy: else both would take it in turn. What it
 *    desires no longer may be taken.
 * 3. What another set took from us is not taken back, whatever the policy, for the same reason.
 * 4. An object of another set, of another GitOps tool, of a Helm release or of a controller has an owner: `adoptFrom` takes it from
 *    the owners that it names, `always` from all.
 * 5. All others are unowned: `unowned` and `always` take them, and the outcome says so.
 */
export function decideExisting(
  live: KubeObject,
  { set, managers, policy: { adopt, adoptFrom }, desires = () => undefined, had = false }: ExistingFacts,
): ExistingDecision {
  const part = reservedAs(live);
  if (part !== undefined) return refuse(live, `it is ${part}; give the object in the source another name`);
  if (isMember(live, set, managers) || wasOurs(live, set, managers)) return { decision: 'ours' };
  const owner = ownerOf(live, set, managers);
  if (owner === undefined) {
    const kubectl = adoptFrom.includes('kubectl') && isAppliedByKubectl(live);
    if (adopt !== 'never' || kubectl) return { decision: 'adopt' };
    return refuse(live, 'nobody manages it; set the policy adopt: unowned to take it');
  }
  if (owner.set !== undefined) {
    const desired = desires(owner.set, refKey(refOf(live)));
    if (desired === false) {
      const { advice: _, ...given } = owner;
      return { decision: 'adopt', owner: given };
    }
    const both = desired === true ? 'which desires it too' : had ? 'which took it from this one' : undefined;
    if (both !== undefined)
      return refuse(live, `it belongs to ${owner.text}, ${both}; remove it from one of the two sources`, owner);
  }
  const named = owner.source !== undefined && adoptFrom.includes(owner.source);
  if (named || adopt === 'always') return { decision: 'adopt', owner };
  const take =
    owner.source === undefined ? 'set the policy adopt: always' : `add the policy adoptFrom: [${owner.source}]`;
  const first = owner.advice === undefined ? 'remove it there first' : owner.advice;
  return refuse(live, `it belongs to ${owner.text}; to take it over, ${take}, and there: ${first}`, owner);
}

function refuse(live: KubeObject, why: string, owner?: Owner): ExistingDecision {
  const message = `${printRef(refOf(live))} exists and is not a member of this set: ${why}`;
  return { decision: 'refuse', message, ...(owner !== undefined && { owner }) };
}

/** Label or proof were lost, but the annotation names this set and object and our manager still holds fields. */
function wasOurs(live: KubeObject, set: SetIdentity, managers: Managers): boolean {
  const label = setOf(live);
  if (label !== undefined && label !== set.id) return false;
  const names = [managers.current, ...managers.former];
  const applied = live.metadata.managedFields?.some(
    ({ manager, operation, subresource }) =>
      operation === 'Apply' && subresource === undefined && manager !== undefined && names.includes(manager),
  );
  const proof = proofOf(live, set, managers);
  return applied === true && !proof.proven && proof.reason === 'no-label' && namesItself(live, set);
}

function namesItself(live: KubeObject, set: SetIdentity): boolean {
  return live.metadata.annotations?.[MANAGED_ANNOTATION] === managedAnnotation(set, refOf(live));
}

/** Who claims the object as a whole; undefined when nobody does. */
function ownerOf(live: KubeObject, set: SetIdentity, managers: Managers): Owner | undefined {
  const label = setOf(live);
  const named = setNamedOn(live);
  if (label !== undefined && label !== set.id) return setOwner(live, label, named, managers);
  const controller = live.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (controller !== undefined) return { text: `the controller ${controller.kind} ${controller.name}` };
  const claimant = claimantOf(live);
  if (claimant !== undefined) {
    const { tool, owner, advice, inherits } = claimant;
    return { text: owner, advice, inherits, ...(tool !== undefined && { source: tool satisfies ToolName }) };
  }
  const applied = live.metadata.managedFields?.some(
    ({ manager, operation }) => operation === 'Apply' && manager === managers.current,
  );
  return named !== undefined &&
    applied === true &&
    named.id !== set.id &&
    managedAnnotation(named, refOf(live)) === live.metadata.annotations?.[MANAGED_ANNOTATION]
    ? setOwner(live, named.id, named, managers)
    : undefined;
}

/** The set that the annotation names. */
function setNamedOn(live: KubeObject): SetIdentity | undefined {
  const [, namespace, name] = /^([^/:]+)\/([^/:]+):/.exec(live.metadata.annotations?.[MANAGED_ANNOTATION] ?? '') ?? [];
  return namespace === undefined || name === undefined ? undefined : setIdentity(namespace, name);
}

/** Another set: by its name if the annotation tells it, else by its id. */
function setOwner(live: KubeObject, id: string, named: SetIdentity | undefined, { current }: Managers): Owner {
  const holders = (live.metadata.managedFields ?? []).flatMap(({ manager, operation, subresource, fieldsV1 }) => {
    if (operation !== 'Apply' || subresource !== undefined || manager === undefined) return [];
    const metadata = fieldsV1?.['f:metadata'];
    const labels = isRecord(metadata) ? metadata['f:labels'] : undefined;
    return isRecord(labels) && `f:${PART_OF_LABEL}` in labels && manager !== current ? [manager] : [];
  });
  const inherits = holders.length === 0 ? {} : { inherits: { managers: holders, marks: [] } };
  if (named?.id !== id) return { text: `the set ${id}`, set: id, ...inherits };
  const { namespace, name } = named;
  return {
    text: `the set ${namespace}/${name}`,
    set: id,
    source: `set/${namespace}/${name}`,
    advice: 'remove it from its source, with prune: false or after this set has taken it',
    ...inherits,
  };
}
