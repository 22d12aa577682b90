import { isRecord } from '@homeostat/kube';
import { serveReview } from '../auth/reviews.ts';
import type { VerbAnswer } from '../registry/answer.ts';
import { applyObject } from '../registry/apply.ts';
import { createObject } from '../registry/create.ts';
import { deleteCollection } from '../registry/delete-collection.ts';
import { deleteOptions } from '../registry/delete-options.ts';
import { deleteObject } from '../registry/delete.ts';
import { mainEndpoint, subresourceEndpoint } from '../registry/endpoints.ts';
import { getObject } from '../registry/get.ts';
import { listObjects } from '../registry/list.ts';
import { listOptions } from '../registry/options.ts';
import { patchObject } from '../registry/patch.ts';
import { putObject } from '../registry/put.ts';
import { pluralOf } from '../registry/served-resource.ts';
import type { ServedResource, UpdateEndpoint } from '../registry/served-resource.ts';
import { bind, BINDING, servePod } from '../registry/pod-subresources.ts';
import { serveScale } from '../registry/scale.ts';
import { serveToken } from '../registry/token.ts';
import { watchObjects } from '../registry/watch.ts';
import { badRequest, methodNotAllowed, noSuchResource, notFound, notImplemented, notSupportedOn } from '../status.ts';
import { headerOf } from './exchange.ts';
import type { ApiAnswer } from './exchange.ts';
import { notFoundPage } from './plain-answer.ts';
import { negotiate } from './negotiate.ts';
import { podLog } from './pod-log.ts';
import type { ResourceInfo } from './request-info.ts';
import {
  callerOf,
  decodeBody,
  parseConfiguration,
  parsePatch,
  patchKindOf,
  readBody,
  readOptionsBody,
} from './resource-request.ts';
import type { ResourceRequest } from './resource-request.ts';
import type { Known, Serving } from './serving.ts';
import { includeObjectOf, watchWriter, writeAnswer } from './write-answer.ts';
import type { WriteOptions } from './write-answer.ts';

/** In discovery, as their clients expect, and no more: what they show or do has another way. */
const NOT_SERVED = new Set(['componentstatuses']);

/** @throws {ApiError} whatever is wrong with the request. */
export async function serveResource(serving: Serving, known: Known, info: ResourceInfo): Promise<ApiAnswer> {
  if (info.path.includes('//')) throw noSuchResource();
  const { resources, clock } = serving.registry;
  const { group, version, namespace, name } = info;
  const resource = resources.find(group, version, info.resource);
  if (resource === undefined) return unknownResource(serving, info);
  if (resource.namespaced ? namespace === '' && name !== '' : namespace !== '' && resource.kind !== 'Namespace') {
    if (resource.custom !== undefined) return notFoundPage();
    throw noSuchResource();
  }
  if (resource.custom !== undefined) {
    if (info.verb === 'create' && resource.namespaced && namespace === '') return notFoundPage();
    if (known.method === 'HEAD') {
      return serveResource(serving, { ...known, method: 'GET' }, { ...info, verb: name === '' ? 'list' : 'get' });
    }
    if (info.verb === 'other') throw notSupportedOn(pluralOf(resource));
    if ((info.verb === 'update' || info.verb === 'patch') && name === '') throw badRequest('name must be provided');
  }
  const target = { namespace: resource.namespaced ? namespace : '', name };
  const request: ResourceRequest = { serving, known, info, resource, target };
  // Text, whatever is accepted.
  if (resource.group === '' && info.resource === 'pods' && info.subresource === 'log' && info.verb === 'get') {
    return podLog(request);
  }
  const wanted = {
    ...negotiate(headerOf(known.headers, 'accept'), {
      stream: info.verb === 'watch',
      list: info.verb === 'list' || info.verb === 'deletecollection',
      what: `${group === '' ? 'core' : (group.split('.', 1)[0] ?? '')}.${resource.kind}`,
    }),
    pretty: known.pretty,
  };
  const options = (): WriteOptions => ({
    wanted,
    includeObject: includeObjectOf(known.query),
    now: clock.now(),
  });
  options();
  const answer = await dispatch(request, options);
  return writeAnswer({ ...answer, warnings: known.warnings }, options());
}

/** The old way to bind: the Pod is named by the body. */
async function bindByBody(request: ResourceRequest): Promise<VerbAnswer> {
  const { serving, info } = request;
  const pods = serving.registry.resources.find('', 'v1', 'pods');
  if (pods === undefined || info.verb !== 'create' || info.namespace === '') throw methodNotAllowed();
  const { value } = readBody(request, BINDING);
  const name = isRecord(value) && isRecord(value['metadata']) ? value['metadata']['name'] : undefined;
  const target = { namespace: info.namespace, name: typeof name === 'string' ? name : '' };
  return bind({ ...request, resource: pods, target });
}

/** Groups that are built in say so in a Status; of others nothing is known. */
function unknownResource({ registry }: Serving, { group }: ResourceInfo): ApiAnswer {
  if (registry.resources.isBuiltinGroup(group)) throw noSuchResource();
  return notFoundPage();
}

async function dispatch(request: ResourceRequest, options: () => WriteOptions): Promise<VerbAnswer> {
  const { info, resource } = request;
  if (info.subresource !== '') return dispatchSubresource(request);
  // Reviews and the like have no names: there is no such path.
  if (info.name !== '' && !resource.verbs.has('get')) throw noSuchResource();
  const review = serveReview(request);
  if (review !== undefined) return review;
  if (!isAllowed(resource, info)) throw methodNotAllowed();
  if (resource.group === '' && resource.plural === 'bindings') return bindByBody(request);
  if (NOT_SERVED.has(resource.plural) && resource.group === '') throw notImplemented(`the resource ${resource.plural}`);
  if (resource.deprecation !== undefined) request.known.warnings.push(resource.deprecation);
  return dispatchVerb(request, mainEndpoint(resource), options);
}

function isAllowed(resource: ServedResource, { verb, name, namespace }: ResourceInfo): boolean {
  switch (verb) {
    case 'other':
      return false;
    case 'create':
      // Custom resources take a POST to a name for what it means.
      return (
        resource.verbs.has('create') &&
        (name === '' || resource.custom !== undefined) &&
        (!resource.namespaced || namespace !== '')
      );
    case 'update':
    case 'patch':
      return resource.verbs.has(verb) && name !== '';
    case 'deletecollection':
      return resource.verbs.has(verb) && (!resource.namespaced || namespace !== '');
    default:
      return resource.verbs.has(verb);
  }
}

async function dispatchVerb(
  request: ResourceRequest,
  endpoint: UpdateEndpoint,
  options: () => WriteOptions,
): Promise<VerbAnswer> {
  const { serving, known, info, resource, target } = request;
  const { registry } = serving;
  const { query, signal } = known;
  switch (info.verb) {
    case 'get':
      return getObject(registry, resource, { ...target, resourceVersion: query.get('resourceVersion') ?? '', signal });
    case 'list':
      return listObjects(registry, resource, { ...target, options: listOptions(query, false), signal });
    case 'watch': {
      const stream = await watchObjects(registry, resource, {
        ...target,
        options: listOptions(query, true),
        write: watchWriter(resource, options),
        signal,
      });
      return { type: 'watch', stream };
    }
    case 'create': {
      const caller = callerOf(request, 'CreateOptions');
      const object = decodeBody(request, caller);
      return createObject(registry, resource, target, object, caller);
    }
    case 'update': {
      const caller = callerOf(request, 'UpdateOptions');
      return putObject(registry, resource, endpoint, target, decodeBody(request, caller), caller);
    }
    case 'patch':
      return patch(request, endpoint);
    case 'delete':
      return deleteObject(registry, resource, target, deleteOptions(readOptionsBody(request), query), known);
    case 'deletecollection':
      return deleteCollection(
        registry,
        resource,
        { ...target, options: listOptions(query, false), signal },
        deleteOptions(readOptionsBody(request), query),
        known,
      );
    case 'other':
      throw methodNotAllowed();
    default:
      return info.verb satisfies never;
  }
}

async function dispatchSubresource(request: ResourceRequest): Promise<VerbAnswer> {
  const { serving, known, info, resource, target } = request;
  const served = resource.subresources.get(info.subresource);
  if (served === undefined) {
    throw resource.custom === undefined ? noSuchResource() : notFound(pluralOf(resource), target.name);
  }
  if (!served.verbs.has(info.verb)) throw methodNotAllowed();
  switch (info.subresource) {
    case 'scale':
      return serveScale(request);
    case 'token':
      return serveToken(request);
    case 'eviction':
    case 'binding':
      return servePod(request);
    default: {
      const endpoint = subresourceEndpoint(resource, info.subresource);
      if (endpoint === undefined) {
        throw notImplemented(`the subresource ${resource.plural}/${info.subresource}`);
      }
      if (info.verb === 'get') {
        const resourceVersion = known.query.get('resourceVersion') ?? '';
        return getObject(serving.registry, resource, { ...target, resourceVersion, signal: known.signal });
      }
      if (info.verb === 'patch') return patch(request, endpoint);
      if (info.verb !== 'update') throw methodNotAllowed();
      const caller = callerOf(request, 'UpdateOptions');
      return putObject(serving.registry, resource, endpoint, target, decodeBody(request, caller), caller);
    }
  }
}

async function patch(request: ResourceRequest, endpoint: UpdateEndpoint): Promise<VerbAnswer> {
  const { serving, known, resource, target } = request;
  const kind = patchKindOf(request);
  const caller = callerOf(request, 'PatchOptions', kind === 'apply' ? 'apply' : 'other');
  if (kind === 'apply') {
    return applyObject(serving.registry, resource, endpoint, target, parseConfiguration(known.body), caller);
  }
  return patchObject(
    serving.registry,
    resource,
    endpoint,
    target,
    kind,
    parsePatch(known.body, 'application/json'),
    caller,
  );
}
