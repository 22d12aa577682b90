import type { KubeObject } from '@homeostat/kube';
import type { User } from '../auth/users.ts';
import { timestamp } from '../clock.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, numberAt, textAt } from '../draft.ts';
import { conflict, notFound, statusSuccess } from '../status.ts';
import { keyOf } from '../store/stored.ts';
import type { Stored } from '../store/stored.ts';
import type { ObjectAnswer, StatusAnswer } from './answer.ts';
import type { Target } from './caller.ts';
import { ordered } from './create.ts';
import type { DeleteOptions } from './delete-options.ts';
import type { Registry } from './registry.ts';
import { kindOf, pluralOf } from './served-resource.ts';
import type { ServedResource } from './served-resource.ts';
import { plainView, viewOf } from './view.ts';

export interface DeleteCaller {
  readonly user: User;
  readonly warnings: string[];
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** Their dependents are left alone unless the request says otherwise. */
const ORPHAN_BY_DEFAULT = new Set(['batch/Job', '/ReplicationController']);
/** The garbage collector has nothing to do with these. */
const NOT_COLLECTED = new Set(['/Event', 'events.k8s.io/Event']);
const JOB_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set ' +
  'propagationPolicy=Orphan to suppress this warning';
const CRD_CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * Deletes an object, or begins to: with finalizers, with a grace period (Pods), and for a Namespace and a
 * CustomResourceDefinition, it is marked and goes later.
 */
export async function deleteObject(
  registry: Registry,
  resource: ServedResource,
  target: Target,
  options: DeleteOptions,
  caller: DeleteCaller,
): Promise<ObjectAnswer | StatusAnswer> {
  const { outcome, stored } = await deleteStored(registry, resource, target, options, caller);
  if (outcome === 'gone' && resource.deleteAnswer === 'status') {
    return { type: 'status', code: 200, status: statusSuccess(deletedDetails(resource, target.name, stored)) };
  }
  return { type: 'object', code: 200, resource, view: viewOf(resource, stored) };
}

function deletedDetails(
  resource: ServedResource,
  name: string,
  stored: Stored,
): { name: string; group?: string; kind: string; uid: string } {
  const { group, plural } = resource;
  return { name, ...(group !== '' && { group }), kind: plural, uid: stored.object.metadata.uid ?? '' };
}

/** `stored`: what it was last, or what it is now that it is marked. */
export async function deleteStored(
  registry: Registry,
  resource: ServedResource,
  { namespace, name }: Target,
  options: DeleteOptions,
  { user, warnings }: DeleteCaller,
): Promise<{ readonly outcome: 'gone' | 'marked'; readonly stored: Stored }> {
  const { store, admission } = registry;
  const key = keyOf(namespace, name);
  if (resource.group === 'batch' && resource.kind === 'Job' && options.propagation === undefined) {
    warnings.push(JOB_WARNING);
  }
  for (;;) {
    const existing = store.get(resource.shelf, key);
    if (existing === undefined) throw notFound(pluralOf(resource), name);
    checkPreconditions(resource, name, options, existing.object);
    const review = {
      operation: 'DELETE',
      resource,
      subresource: '',
      namespace,
      name,
      object: undefined,
      oldObject: existing.object,
      dryRun: options.dryRun,
      user,
      warnings,
    } as const;
    await admission.mutate(review);
    await admission.validate(review);
    if (store.get(resource.shelf, key) !== existing) continue;

    const marked = markForDeletion(registry, resource, existing.object, options);
    if (marked === 'remove') {
      const removed = options.dryRun ? existing : (store.delete(resource.shelf, key) ?? existing);
      return { outcome: 'gone', stored: removed };
    }
    if (marked === 'pending') return { outcome: 'marked', stored: existing };
    if (options.dryRun)
      return {
        outcome: 'marked',
        stored: { ...existing, object: ordered(marked.draft), json: plainView(ordered(marked.draft)).json() },
      };
    const written = store.put(resource.shelf, key, ordered(marked.draft));
    if (!marked.goes) return { outcome: 'marked', stored: written };
    return { outcome: 'gone', stored: store.delete(resource.shelf, key) ?? written };
  }
}

function checkPreconditions(
  resource: ServedResource,
  name: string,
  { uid, resourceVersion }: DeleteOptions,
  { metadata }: KubeObject,
): void {
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      kindOf(resource),
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      kindOf(resource),
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    );
  }
}

/** `remove`: nothing holds it. `pending`: it is marked already. `goes`: after the mark is written it goes at once. */
type Marked = 'remove' | 'pending' | { readonly draft: Draft; readonly goes: boolean };

function markForDeletion(
  registry: Registry,
  resource: ServedResource,
  object: KubeObject,
  options: DeleteOptions,
): Marked {
  const draft = structuredClone(object) as unknown as Draft;
  const { metadata } = draft;
  const before = object.metadata.finalizers ?? [];
  const finalizers = deletionFinalizers(resource, before, options);
  const now = registry.clock.now();
  const kind = `${resource.group}/${resource.kind}`;
  if (kind === '/Namespace') return markNamespace(draft, finalizers, now);
  if (kind === 'apiextensions.k8s.io/CustomResourceDefinition') return markDefinition(draft, finalizers, now);
  const grace = kind === '/Pod' ? podGrace(draft, options, now) : undefined;
  if (grace === 'pending') return 'pending';

  const changed = finalizers.length !== before.length || finalizers.some((one) => !before.includes(one));
  if (grace === undefined && finalizers.length === 0 && !changed) return 'remove';
  if (finalizers.length === 0) delete metadata['finalizers'];
  else metadata['finalizers'] = finalizers;
  if (grace === undefined || grace === 'over') {
    if (finalizers.length === 0) return changed ? { draft: mark(draft, now, 0), goes: true } : 'remove';
    if (metadata['deletionTimestamp'] !== undefined && !changed) {
      if (grace !== 'over' || numberAt(metadata, 'deletionGracePeriodSeconds') === 0) return 'pending';
    }
    return { draft: mark(draft, now, 0), goes: false };
  }
  mark(draft, now, grace.seconds, grace.at);
  // Kubernetes writes the mark and then removes: the object that is answered carries it, and watches see both.
  return { draft, goes: grace.seconds === 0 && finalizers.length === 0 };
}

/** Marks it, once; the generation counts the mark where it counts at all. */
function mark(draft: Draft, now: number, graceSeconds: number, at = now): Draft {
  const { metadata } = draft;
  if (metadata['deletionTimestamp'] === undefined) {
    const generation = numberAt(metadata, 'generation') ?? 0;
    if (generation > 0) metadata['generation'] = generation + 1;
    metadata['deletionTimestamp'] = timestamp(at);
  } else if (at !== now) {
    metadata['deletionTimestamp'] = timestamp(at);
  }
  metadata['deletionGracePeriodSeconds'] = graceSeconds;
  return draft;
}

/** `over`: the grace period has been given already, or ended now. */
function podGrace(
  draft: Draft,
  { gracePeriodSeconds: wanted }: DeleteOptions,
  now: number,
): 'pending' | 'over' | { readonly seconds: number; readonly at: number } {
  const { metadata } = draft;
  const deletedAt = textAt(metadata, 'deletionTimestamp');
  if (deletedAt !== '') {
    const running = numberAt(metadata, 'deletionGracePeriodSeconds') ?? 0;
    if (running === 0) return 'over';
    if (wanted === undefined || wanted >= running) return 'pending';
    const at = Math.max(Date.parse(deletedAt) + (wanted - running) * 1000, now);
    const seconds = wanted !== 0 && at === now ? Math.max(1, wanted) : wanted;
    return { seconds, at };
  }
  const spec = mapAt(draft, 'spec');
  const phase = textAt(mapAt(draft, 'status'), 'phase');
  const idle = textAt(spec, 'nodeName') === '' || phase === 'Failed' || phase === 'Succeeded';
  const seconds = idle ? 0 : (wanted ?? numberAt(spec, 'terminationGracePeriodSeconds') ?? 0);
  return { seconds, at: now + seconds * 1000 };
}

/** The finalizers of an object whose dependents are to be orphaned, or deleted first; theirs are taken away otherwise. */
function deletionFinalizers(
  resource: ServedResource,
  before: readonly string[],
  { propagation }: DeleteOptions,
): string[] {
  const kind = `${resource.group}/${resource.kind}`;
  if (NOT_COLLECTED.has(kind)) return before.filter((one) => one !== ORPHAN && one !== FOREGROUND);
  const others = before.filter((one) => one !== ORPHAN && one !== FOREGROUND);
  const policy =
    propagation ??
    (before.includes(ORPHAN)
      ? 'Orphan'
      : before.includes(FOREGROUND)
        ? 'Foreground'
        : ORPHAN_BY_DEFAULT.has(kind)
          ? 'Orphan'
          : 'Background');
  if (policy === 'Orphan') return [...others, ORPHAN];
  return policy === 'Foreground' ? [...others, FOREGROUND] : others;
}

function markNamespace(draft: Draft, finalizers: readonly string[], now: number): Marked {
  const { metadata } = draft;
  if (metadata['deletionTimestamp'] !== undefined) {
    const held = listAt(mapAt(draft, 'spec'), 'finalizers').length > 0 || listAt(metadata, 'finalizers').length > 0;
    return held ? 'pending' : 'remove';
  }
  metadata['deletionTimestamp'] = timestamp(now);
  if (finalizers.length > 0) metadata['finalizers'] = [...finalizers];
  ensureMap(draft, 'status')['phase'] = 'Terminating';
  return { draft, goes: false };
}

function markDefinition(draft: Draft, finalizers: readonly string[], now: number): Marked {
  const { metadata } = draft;
  if (metadata['deletionTimestamp'] !== undefined) return finalizers.length > 0 ? 'pending' : 'remove';
  metadata['finalizers'] = finalizers.includes(CRD_CLEANUP) ? [...finalizers] : [...finalizers, CRD_CLEANUP];
  const at = timestamp(now);
  metadata['deletionTimestamp'] = at;
  const status = ensureMap(draft, 'status');
  const conditions = listAt(status, 'conditions') as readonly DraftMap[];
  status['conditions'] = [
    ...conditions.filter((condition) => condition['type'] !== 'Terminating'),
    {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: at,
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
  ];
  return { draft, goes: false };
}
