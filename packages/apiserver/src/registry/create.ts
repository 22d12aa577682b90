import { compareText } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { User } from '../auth/users.ts';
import { timestamp } from '../clock.ts';
import type { Draft } from '../draft.ts';
import { textAt } from '../draft.ts';
import { nameSuffix } from '../random.ts';
import { alreadyExists, badRequest, forbiddenObject, invalidObject, plainFailure } from '../status.ts';
import { keyOf } from '../store/stored.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { mainEndpoint } from './endpoints.ts';
import { beginMetadata, dropDuplicateOwners, settleNamespace } from './metadata.ts';
import type { Registry } from './registry.ts';
import { pluralOf, saidKind } from './served-resource.ts';
import type { ServedResource } from './served-resource.ts';
import { recordManager } from './track.ts';
import { plainView, viewOf } from './view.ts';

const NAME_LIMIT = 63;
const ATTEMPTS = 8;

/**
 * Creates an object from a body that was decoded, in the version of `resource`.
 *
 * @param managed whether `managedFields` are settled already (by server-side apply).
 */
export async function createObject(
  registry: Registry,
  resource: ServedResource,
  { namespace, name }: Target,
  decoded: Draft,
  caller: Caller,
  managed = false,
): Promise<ObjectAnswer> {
  const { store, random, clock } = registry;
  const { options, user, warnings } = caller;
  const { metadata } = decoded;
  const now = timestamp(clock.now());
  if (resource.custom?.resource.terminating === true) {
    const why = 'create not allowed while custom resource definition is terminating';
    throw forbiddenObject(pluralOf(resource), name === '' ? textAt(metadata, 'name') : name, why);
  }
  if (name !== '') {
    if (textAt(metadata, 'name') === '' && textAt(metadata, 'generateName') === '') metadata['name'] = name;
    checkName(metadata, name);
  }
  beginMetadata(metadata, now, random);
  settleNamespace(metadata, namespace);
  const given = textAt(metadata, 'resourceVersion');
  delete metadata['resourceVersion'];

  let draft = resource.toWorking(decoded);
  resource.strategy.setDefaults(draft);
  const doubled = dropDuplicateOwners(draft.metadata);
  if (doubled !== undefined) warnings.push(doubled);
  if (!managed) recordManager(registry, resource, mainEndpoint(resource), draft, undefined, options.manager);

  const prefix = textAt(draft.metadata, 'generateName');
  const generated = prefix !== '' && textAt(draft.metadata, 'name') === '';
  const review = {
    operation: 'CREATE',
    resource,
    subresource: '',
    namespace,
    name: textAt(draft.metadata, 'name'),
    oldObject: undefined,
    dryRun: options.dryRun,
    user,
    warnings,
  } as const;
  draft = (await registry.admission.mutate({ ...review, object: draft })) ?? draft;

  if (generated) draft.metadata['name'] = freeName(registry, resource, namespace, prefix);
  resource.strategy.prepareCreate(draft, {
    now,
    dryRun: options.dryRun,
    allocate: registry.allocator(options.dryRun),
    user: requester(user),
  });
  if (resource.tracksGeneration) draft.metadata['generation'] = 1;
  const finalName = textAt(draft.metadata, 'name');
  const errors = [...resource.validateMetaCreate(draft), ...resource.strategy.validateCreate(draft)];
  if (errors.length > 0) throw invalidObject(saidKind(resource, draft), finalName, errors);
  warnings.push(...(resource.strategy.warnings?.(draft, undefined) ?? []));
  await registry.admission.validate({ ...review, name: finalName, object: draft });

  if (given !== '' && given !== '0' && !managed) {
    throw plainFailure('resourceVersion should not be set on objects to be created');
  }
  const key = keyOf(namespace, finalName);
  const there = store.get(resource.shelf, key);
  if (there !== undefined) {
    throw alreadyExists(pluralOf(resource), finalName, there.object.metadata.deletionTimestamp !== undefined);
  }
  if (options.dryRun) {
    // An apply that names a version creates nonetheless, and a dry run shows the one it named.
    if (managed && given !== '') draft.metadata['resourceVersion'] = given;
    const view = plainView(resource.fromStored(shaped(resource, draft)));
    return { type: 'object', code: 201, resource, view };
  }
  // Its place among the fields; the store says which it is.
  draft.metadata['resourceVersion'] = '';
  const made = store.put(resource.shelf, key, shaped(resource, resource.toStored(draft)));
  return { type: 'object', code: 201, resource, view: viewOf(resource, made) };
}

/** Who asks, as an object that records it says. */
export function requester({ name, uid, groups }: User): { username: string; uid?: string; groups: readonly string[] } {
  return { username: name, ...(uid !== undefined && { uid }), groups };
}

/** As {@link checkName}, for a body that must say its name. */
export function requireName(metadata: Readonly<Record<string, unknown>>, name: string): void {
  if (textAt(metadata, 'name') === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  checkName(metadata, name);
}

/** @throws {ApiError} 400 when the body is about another object than the URL. */
export function checkName(metadata: Readonly<Record<string, unknown>>, name: string): void {
  const own = textAt(metadata, 'name');
  if (own !== '' && own !== name) {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  }
}

/** As Kubernetes writes it: custom resources by name throughout, built-in kinds in the order of their types. */
export function shaped(resource: ServedResource, draft: Draft): KubeObject {
  return resource.custom === undefined ? ordered(draft) : (byName(draft) as KubeObject);
}

function byName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(byName);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => compareText(a, b));
  // What was read of field sets is known by the very object.
  return Object.fromEntries(entries.map(([name, field]) => [name, name === 'fieldsV1' ? field : byName(field)]));
}

/** With apiVersion and kind first, and metadata as Kubernetes writes it. */
export function ordered(draft: Draft): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = draft;
  const sorted: Draft['metadata'] = {};
  for (const field of METADATA) if (metadata[field] !== undefined) sorted[field] = metadata[field];
  return { apiVersion, kind, metadata: sorted, ...rest } as unknown as KubeObject;
}

const METADATA = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

function freeName(registry: Registry, resource: ServedResource, namespace: string, prefix: string): string {
  const base = prefix.slice(0, NAME_LIMIT - 5);
  let name = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    name = base + nameSuffix(registry.random);
    if (registry.store.get(resource.shelf, keyOf(namespace, name)) === undefined) break;
  }
  return name;
}
