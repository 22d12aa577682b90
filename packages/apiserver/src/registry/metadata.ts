import { equalJson, isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { Draft, DraftMap } from '../draft.ts';
import { mapsAt, numberAt, textAt } from '../draft.ts';
import { uuid } from '../random.ts';
import type { Random } from '../random.ts';
import { badRequest } from '../status.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';

/** Takes out what only the server says, and says it: for an object that is about to be created. */
export function beginMetadata(metadata: DraftMap, now: string, random: Random): void {
  delete metadata['selfLink'];
  delete metadata['deletionTimestamp'];
  delete metadata['deletionGracePeriodSeconds'];
  metadata['uid'] = uuid(random);
  metadata['creationTimestamp'] = now;
}

/**
 * Puts the object into the namespace of the request.
 *
 * @throws {ApiError} 400 when it names another one.
 */
export function settleNamespace(metadata: DraftMap, namespace: string): void {
  const own = textAt(metadata, 'namespace');
  if (own !== '' && namespace !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (namespace === '') delete metadata['namespace'];
  else metadata['namespace'] = namespace;
}

/** Whatever the client said of these: they stay as they are. A uid is a statement that is checked elsewhere. */
export function restoreMetadata(draft: Draft, old: KubeObject): void {
  const { metadata } = draft;
  const { metadata: before } = old;
  delete metadata['selfLink'];
  restore(metadata, before, 'generation');
  restore(metadata, before, 'creationTimestamp');
  // What nobody may set is refused where it is set for the first time.
  if (before.deletionTimestamp !== undefined) restore(metadata, before, 'deletionTimestamp');
  if (metadata['deletionGracePeriodSeconds'] === undefined) restore(metadata, before, 'deletionGracePeriodSeconds');
  if (textAt(metadata, 'uid') === '') restore(metadata, before, 'uid');
}

function restore(metadata: DraftMap, before: KubeObject['metadata'], field: string): void {
  const value = before[field];
  if (value === undefined) delete metadata[field];
  else metadata[field] = value;
}

const DUPLICATE_OWNERS =
  '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject ' +
  'such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ';

/** Leaves one of several equal owners; the warning about it, if any. */
export function dropDuplicateOwners(metadata: DraftMap): string | undefined {
  const owners = mapsAt(metadata, 'ownerReferences');
  if (owners.length < 2) return undefined;
  const kept: DraftMap[] = [];
  const doubled = new Set<string>();
  for (const owner of owners) {
    if (kept.some((other) => equalJson(other, owner))) doubled.add(textAt(owner, 'uid'));
    else kept.push(owner);
  }
  if (doubled.size === 0) return undefined;
  metadata['ownerReferences'] = kept;
  return DUPLICATE_OWNERS + [...doubled].toSorted().join(', ');
}

/** Counts up the generation when the change is one that the kind counts. */
export function countGeneration(
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  draft: Draft,
  old: KubeObject,
): void {
  if (!endpoint.bumpsGeneration) return;
  const kind = `${resource.group}/${resource.kind}`;
  if (NEVER_COUNTED.has(kind) || !(resource.tracksGeneration || LATELY_COUNTED.has(kind))) return;
  if (!changesGeneration(resource, draft, old)) return;
  draft.metadata['generation'] = (numberAt(old.metadata, 'generation') ?? 0) + 1;
}

function changesGeneration(resource: ServedResource, draft: Draft, old: KubeObject): boolean {
  const withStatus = resource.subresources.has('status');
  const fields = new Set([...Object.keys(draft), ...Object.keys(old)]);
  for (const field of fields) {
    if (field === 'metadata' || field === 'apiVersion' || field === 'kind') continue;
    if (field === 'status' && withStatus) continue;
    if (!equalJson(draft[field] ?? null, old[field] ?? null)) return true;
  }
  const also = ALSO_COUNTED[`${resource.group}/${resource.kind}`];
  return also !== undefined && !equalJson(draft.metadata[also] ?? {}, old.metadata[also] ?? {});
}

/** It begins at 1 and stays there. */
const NEVER_COUNTED = new Set(['scheduling.k8s.io/PriorityClass']);
/** Nothing at first; from the first change on it counts. */
const LATELY_COUNTED = new Set(['storage.k8s.io/CSIDriver']);
const ALSO_COUNTED: Readonly<Record<string, 'annotations' | 'labels'>> = {
  'apps/Deployment': 'annotations',
  'discovery.k8s.io/EndpointSlice': 'labels',
};

/** Whether a write would change anything but the times in managedFields. */
export function sameObject(a: Readonly<Draft>, b: KubeObject): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    if (key === 'metadata') continue;
    if (a[key] !== b[key] && !equalJson(a[key] ?? null, b[key] ?? null)) return false;
  }
  return sameMetadata(a.metadata, b.metadata);
}

function sameMetadata(a: DraftMap, b: DraftMap): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    if (key === 'resourceVersion') continue;
    const left = key === 'managedFields' ? withoutTimes(a) : (a[key] ?? null);
    const right = key === 'managedFields' ? withoutTimes(b) : (b[key] ?? null);
    if (left !== right && !equalJson(left, right)) return false;
  }
  return true;
}

function withoutTimes(metadata: DraftMap): unknown {
  return mapsAt(metadata, 'managedFields').map(({ time: _time, ...entry }) => entry);
}

/** An empty list of managedFields is a request to forget them, which decoding would lose. */
export function keepCleared(value: unknown, object: Draft): void {
  const given = isRecord(value) && isRecord(value['metadata']) ? value['metadata']['managedFields'] : undefined;
  if (Array.isArray(given) && given.length === 0) object.metadata['managedFields'] = [];
}
