import { badRequest, expired } from '../status.ts';
import type { Stored } from '../store/stored.ts';
import type { ListAnswer } from './answer.ts';
import { readContinueToken, writeContinueToken } from './continue-token.ts';
import type { ListOptions } from './options.ts';
import type { Registry } from './registry.ts';
import { parseFailure, reachVersion, readVersion } from './resource-version.ts';
import { selection } from './select.ts';
import type { ServedResource } from './served-resource.ts';
import { viewOf } from './view.ts';

export interface ListRequest {
  /** `''`: of all namespaces, or of a cluster-scoped resource. */
  readonly namespace: string;
  readonly options: ListOptions;
  readonly signal: AbortSignal;
}

/**
 * One page of a snapshot: the latest state, or an older one that is still remembered.
 *
 * 1. Pages that follow a token are of the snapshot of the first page, as long as it is remembered; else 410 with a token
 *    that goes on with the latest state.
 * 2. `resourceVersion=0` gives everything at once, whatever the limit.
 * 3. A version of the future is waited for.
 */
export async function listObjects(
  registry: Registry,
  resource: ServedResource,
  { namespace, options, signal }: ListRequest,
): Promise<ListAnswer> {
  const { store } = registry;
  const chosen = selection(resource, options.labelSelector, options.fieldSelector);
  // Only a first page keeps to the namespace of the selector: so does Kubernetes, which then lists some objects twice.
  const isFirst = options.continueToken === '';
  const place = namespace === '' && resource.namespaced && isFirst ? chosen.namespace : namespace;
  const prefix = place === '' ? '' : `${place}/`;
  const snapshot = await snapshotOf(registry, resource, prefix, options, signal);

  let from = 0;
  if (snapshot.start !== '') from = firstAtOrAfter(snapshot.objects, prefix + snapshot.start);
  const page: Stored[] = [];
  let next: Stored | undefined;
  let rest = 0;
  for (let i = from; i < snapshot.objects.length; i++) {
    const one = snapshot.objects[i];
    if (one === undefined) continue;
    // Whether what follows is selected at all, the next page finds out.
    if (snapshot.limit > 0 && page.length === snapshot.limit) {
      next = one;
      rest = snapshot.objects.length - i;
      break;
    }
    if (chosen.everything || chosen.matches(resource.fromStored(one.object))) page.push(one);
  }
  const last = page.at(-1);
  const version = snapshot.version ?? store.version;
  const token =
    next === undefined || last === undefined
      ? undefined
      : writeContinueToken({ version, start: last.key.slice(prefix.length) });
  return {
    type: 'list',
    resource,
    views: page.map((one) => viewOf(resource, one)),
    metadata: {
      resourceVersion: String(version),
      ...(token !== undefined && { continue: token }),
      ...(token !== undefined && chosen.everything && { remainingItemCount: rest }),
    },
  };
}

interface Snapshot {
  readonly objects: readonly Stored[];
  /** Absent: the latest. */
  readonly version?: number;
  /** Relative to the prefix; the key itself is on the page before. */
  readonly start: string;
  readonly limit: number;
}

async function snapshotOf(
  registry: Registry,
  resource: ServedResource,
  prefix: string,
  options: ListOptions,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { store, clock } = registry;
  const { resourceVersion, resourceVersionMatch, continueToken } = options;
  const asked = Math.max(0, options.limit);
  if (continueToken !== '') {
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const token = readContinueToken(continueToken);
    // Behind the last key of the page before: keys hold no NUL.
    const start = token.start;
    const limit = resourceVersion === '0' ? 0 : Math.max(0, options.limit);
    if (token.version < 0) return { objects: store.list(resource.shelf, prefix), start, limit };
    const objects = store.listAt(resource.shelf, prefix, token.version);
    if (objects === undefined) throw expiredToken(start);
    return { objects, version: token.version, start, limit };
  }
  if (resourceVersion === '') return { objects: store.list(resource.shelf, prefix), start: '', limit: asked };
  const version = readVersion(resourceVersion);
  if (version === undefined) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: ${parseFailure(resourceVersion)}`,
    );
  }
  if (version === 0) return { objects: store.list(resource.shelf, prefix), start: '', limit: 0 };
  await reachVersion(store, version, clock, signal);
  if (resourceVersionMatch === 'Exact' || (asked > 0 && resourceVersionMatch === '')) {
    const objects = store.listAt(resource.shelf, prefix, version);
    if (objects === undefined) throw expired('The resourceVersion for the provided list is too old.');
    return { objects, version, start: '', limit: asked };
  }
  return { objects: store.list(resource.shelf, prefix), start: '', limit: asked };
}

/** 410 for a continue token whose snapshot is forgotten, with one that goes on from the same key. */
export function expiredToken(start: string): Error {
  const key = start.endsWith('\u0000') ? start.slice(0, -1) : start;
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
    { continue: writeContinueToken({ version: -1, start: key }) },
  );
}

function firstAtOrAfter(objects: readonly Stored[], key: string): number {
  const found = objects.findIndex((one) => one.key >= key);
  return found < 0 ? objects.length : found;
}
