import {
  isMember,
  MANAGED_ANNOTATION,
  managedAnnotation,
  printRef,
  proofOf,
  refKey,
  refOf,
  setOf,
} from '@homeostat/kube';
import type { KubeObject, Managers, SetIdentity } from '@homeostat/kube';
import type { Claims } from './claims.ts';
import type { Policy } from './sync.ts';

/** What is done about an object that is desired, exists, and is not a member. */
export type ExistingDecision =
  | { readonly decision: 'adopt'; readonly owner: string | undefined }
  /** It was ours all the time: the view had not caught up, or the proof was lost and can be renewed. */
  | { readonly decision: 'ours' }
  | { readonly decision: 'refuse'; readonly owner: string | undefined; readonly message: string };

/** Whether the set of this id desires the object, if this process knows. */
export type Desires = Claims['desires'];

/**
 * Decides whether an existing object may be taken. Pure; `live` must come from a GET.
 *
 * 1. A member, or an object that our own manager applied for this very set, is ours whatever the policy.
 * 2. What a set of this process still desires is nobody else's, whatever the policy: else both would take it in turn. What it
 *    desires no longer may be taken.
 * 3. An object of another set, of another GitOps tool, of a Helm release or of a controller has an owner: only `always` takes it.
 * 4. All others are unowned: `unowned` and `always` take them, and the outcome says so.
 */
export function decideExisting(
  live: KubeObject,
  set: SetIdentity,
  managers: Managers,
  adopt: Policy['adopt'],
  desires: Desires = () => undefined,
): ExistingDecision {
  if (isMember(live, set, managers) || wasOurs(live, set, managers)) return { decision: 'ours' };
  const owner = ownerOf(live, set, managers);
  const label = setOf(live);
  const wanted = label === undefined || label === set.id ? undefined : desires(label, refKey(refOf(live)));
  if (wanted === true) {
    return {
      decision: 'refuse',
      owner,
      message: `${printRef(refOf(live))} belongs to ${owner ?? 'another set'}, which desires it too; remove it from one of the two sources`,
    };
  }
  if (wanted === false) return { decision: 'adopt', owner };
  if (adopt === 'always' || (adopt === 'unowned' && owner === undefined)) return { decision: 'adopt', owner };
  const what = owner === undefined ? 'nobody manages it' : `it belongs to ${owner}`;
  const next =
    owner === undefined
      ? 'set the policy adopt: unowned to take it'
      : `remove it there first, or set the policy adopt: always to take it`;
  return {
    decision: 'refuse',
    owner,
    message: `${printRef(refOf(live))} exists and is not a member of this set: ${what}; ${next}`,
  };
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

/** Marks by which other tools claim whole objects: label or annotation, and whose it is. */
const MARKS: readonly (readonly [where: 'labels' | 'annotations', key: string, tool: string])[] = [
  ['labels', 'kustomize.toolkit.fluxcd.io/name', 'the Flux Kustomization'],
  ['labels', 'helm.toolkit.fluxcd.io/name', 'the Flux HelmRelease'],
  ['annotations', 'argocd.argoproj.io/tracking-id', 'the Argo CD application'],
  ['annotations', 'config.k8s.io/owning-inventory', 'the cli-utils inventory'],
  ['annotations', 'configmanagement.gke.io/managed', 'Config Sync'],
  ['labels', 'kapp.k14s.io/app', 'the kapp application'],
  ['annotations', 'meta.helm.sh/release-name', 'the Helm release'],
];

/** Who claims the object as a whole, for people; undefined when nobody does. */
function ownerOf(live: KubeObject, set: SetIdentity, managers: Managers): string | undefined {
  const { labels, annotations, ownerReferences } = live.metadata;
  const label = setOf(live);
  if (label !== undefined && label !== set.id) {
    const named = annotations?.[MANAGED_ANNOTATION]?.split(':')[0];
    return `the set ${named ?? label}`;
  }
  const controller = ownerReferences?.find((reference) => reference.controller === true);
  if (controller !== undefined) return `the controller ${controller.kind} ${controller.name}`;
  for (const [where, key, tool] of MARKS) {
    const value = (where === 'labels' ? labels : annotations)?.[key];
    if (value !== undefined) return `${tool} ${value}`;
  }
  const named = annotations?.[MANAGED_ANNOTATION]?.split(':')[0];
  const applied = live.metadata.managedFields?.some(
    ({ manager, operation }) => operation === 'Apply' && manager === managers.current,
  );
  return named !== undefined && applied === true && named !== `${set.namespace}/${set.name}`
    ? `the set ${named}`
    : undefined;
}
