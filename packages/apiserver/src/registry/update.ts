import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { Draft } from '../draft.ts';
import { listAt, mapAt, numberAt, textAt } from '../draft.ts';
import { invalid } from '../field-error.ts';
import { conflict, invalidObject, MODIFIED, notFound, plainFailure } from '../status.ts';
import { keyOf } from '../store/stored.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { requester, requireName, shaped } from './create.ts';
import { countGeneration, dropDuplicateOwners, restoreMetadata, sameObject, settleNamespace } from './metadata.ts';
import type { Registry } from './registry.ts';
import { parseFailure, readVersion } from './resource-version.ts';
import { pluralOf, saidKind } from './served-resource.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';
import { recordManager } from './track.ts';
import { plainView, viewOf } from './view.ts';

/** What a write makes of the object that it finds: in the version of the resource; `live` is what the client would read. */
export type Produce = (live: KubeObject) => Produced;

export type Produced =
  | { readonly outcome: 'unchanged' }
  | {
      readonly outcome: 'object';
      /** The request's own copy. */
      readonly draft: Draft;
      /** Whether `managedFields` are settled already (by server-side apply). */
      readonly managed: boolean;
    };

/**
 * Changes an object: finds it, makes the new one of it, and stores that, unless somebody else wrote in between (then all
 * over again, or a conflict where the request names the version that it is about).
 *
 * 1. A write that changes nothing answers with what is stored, and is no event.
 * 2. An object that is being deleted is gone as soon as it has no finalizer left.
 *
 * @param missing what to do when there is no such object; 404 by default.
 */
export async function updateObject(
  registry: Registry,
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  target: Target,
  caller: Caller,
  produce: Produce,
  missing?: () => Promise<ObjectAnswer>,
): Promise<ObjectAnswer> {
  const { store } = registry;
  const key = keyOf(target.namespace, target.name);
  for (;;) {
    const existing = store.get(resource.shelf, key);
    if (existing === undefined) {
      if (missing !== undefined) return missing();
      throw notFound(pluralOf(resource), target.name);
    }
    const warnings: string[] = [];
    const before = resource.workingOf(existing.object);
    const produced = produce(resource.fromStored(existing.object));
    if (produced.outcome === 'unchanged') {
      return { type: 'object', code: 200, resource, view: viewOf(resource, existing) };
    }
    const draft = await settle(registry, resource, endpoint, target, { ...caller, warnings }, produced, before);
    // Somebody wrote while admission was thinking: what was found does not hold any more.
    if (store.get(resource.shelf, key) !== existing) continue;
    caller.warnings.push(...warnings);

    if (sameObject(draft, before)) {
      return { type: 'object', code: 200, resource, view: viewOf(resource, existing) };
    }
    if (caller.options.dryRun) {
      draft.metadata['resourceVersion'] = existing.object.metadata.resourceVersion;
      return { type: 'object', code: 200, resource, view: plainView(resource.fromStored(shaped(resource, draft))) };
    }
    if (isFinished(resource, draft, existing.object)) {
      store.delete(resource.shelf, key);
      draft.metadata['resourceVersion'] = existing.object.metadata.resourceVersion;
      return { type: 'object', code: 200, resource, view: plainView(resource.fromStored(shaped(resource, draft))) };
    }
    const written = store.put(resource.shelf, key, shaped(resource, resource.toStored(draft)));
    return { type: 'object', code: 200, resource, view: viewOf(resource, written) };
  }
}

async function settle(
  registry: Registry,
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  { namespace, name }: Target,
  caller: Caller,
  { draft: decoded, managed }: Extract<Produced, { outcome: 'object' }>,
  old: KubeObject,
): Promise<Draft> {
  const { options, user, warnings } = caller;
  requireName(decoded.metadata, name);
  settleNamespace(decoded.metadata, namespace);
  checkVersion(resource, name, decoded, old);

  let draft = resource.toWorking(decoded);
  resource.strategy.setDefaults(draft);
  const doubled = dropDuplicateOwners(draft.metadata);
  if (doubled !== undefined) warnings.push(doubled);
  if (!managed) recordManager(registry, resource, endpoint, draft, old, options.manager);

  const review = {
    operation: 'UPDATE',
    resource,
    subresource: endpoint.subresource,
    namespace,
    name,
    oldObject: old,
    dryRun: options.dryRun,
    user,
    warnings,
  } as const;
  draft = (await registry.admission.mutate({ ...review, object: draft })) ?? draft;

  const before = old as unknown as Readonly<Draft>;
  restoreMetadata(draft, old);
  endpoint.prepareUpdate(draft, before, {
    now: timestamp(registry.clock.now()),
    dryRun: options.dryRun,
    allocate: registry.allocator(options.dryRun),
    user: requester(user),
  });
  restoreMetadata(draft, old);
  countGeneration(resource, endpoint, draft, old);
  draft.metadata['resourceVersion'] = old.metadata.resourceVersion;
  const errors = [...resource.validateMetaUpdate(draft, before), ...endpoint.validateUpdate(draft, before)];
  if (errors.length > 0) throw invalidObject(saidKind(resource, draft), name, errors);
  warnings.push(...(resource.strategy.warnings?.(draft, before) ?? []));
  await registry.admission.validate({ ...review, object: draft });
  return draft;
}

/** @throws {ApiError} 409 for another version, 422 where one is needed, 500 for none at all. */
function checkVersion(resource: ServedResource, name: string, draft: Draft, old: KubeObject): void {
  const given = textAt(draft.metadata, 'resourceVersion');
  const version = given === '' ? 0 : readVersion(given);
  if (version === undefined) throw plainFailure(parseFailure(given));
  if (version === 0) {
    if (!resource.needsResourceVersion) return;
    const error = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalidObject(pluralOf(resource), name, [error]);
  }
  if (version !== Number(old.metadata.resourceVersion)) throw conflict(pluralOf(resource), name, MODIFIED);
}

/** Whether this is the last word on an object that is on its way out. */
function isFinished(resource: ServedResource, draft: Draft, old: KubeObject): boolean {
  if (old.metadata.deletionTimestamp === undefined) return false;
  if (listAt(draft.metadata, 'finalizers').length > 0) return false;
  if ((numberAt(old.metadata, 'deletionGracePeriodSeconds') ?? 0) > 0) return false;
  const isNamespace = resource.group === '' && resource.kind === 'Namespace';
  return !isNamespace || listAt(mapAt(draft, 'spec'), 'finalizers').length === 0;
}
