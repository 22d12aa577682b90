import { isRecord } from '@homeostat/kube';
import { refusalOf as decodeRefusal, DecodeError } from '../decode/decode-error.ts';
import { parseBody } from '../decode/parse-body.ts';
import type { ParsedBody } from '../decode/parse-body.ts';
import { serveReview } from '../auth/reviews.ts';
import type { VerbAnswer } from '../registry/answer.ts';
import { applyObject } from '../registry/apply.ts';
import type { Caller, Target } from '../registry/caller.ts';
import { createObject } from '../registry/create.ts';
import { deleteCollection } from '../registry/delete-collection.ts';
import { deleteOptions } from '../registry/delete-options.ts';
import { deleteObject } from '../registry/delete.ts';
import { mainEndpoint, subresourceEndpoint } from '../registry/endpoints.ts';
import { checkFields } from '../registry/field-validation.ts';
import { getObject } from '../registry/get.ts';
import { listObjects } from '../registry/list.ts';
import { listOptions, writeOptions } from '../registry/options.ts';
import { CUSTOM_PATCH_TYPES, patchObject } from '../registry/patch.ts';
import type { PatchKind } from '../registry/patch.ts';
import { putObject } from '../registry/put.ts';
import type { Decoded, ServedResource, UpdateEndpoint } from '../registry/served-resource.ts';
import { servePod } from '../registry/pod-subresources.ts';
import { serveScale } from '../registry/scale.ts';
import { serveToken } from '../registry/token.ts';
import { watchObjects } from '../registry/watch.ts';
import {
  ApiError,
  badRequest,
  methodNotAllowed,
  noSuchResource,
  notImplemented,
  unsupportedMediaType,
} from '../status.ts';
import { headerOf } from './exchange.ts';
import type { ApiAnswer } from './exchange.ts';
import type { Known, Serving } from './handle.ts';
import { notFoundPage } from './handle.ts';
import { negotiate } from './negotiate.ts';
import type { ResourceInfo } from './request-info.ts';
import { includeObjectOf, watchWriter, writeAnswer } from './write-answer.ts';
import type { WriteOptions } from './write-answer.ts';

/** A request for a resource that was found. */
export interface ResourceRequest {
  readonly serving: Serving;
  readonly known: Known;
  readonly info: ResourceInfo;
  readonly resource: ServedResource;
  readonly target: Target;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const BODY_TYPES = ['application/json', 'application/yaml', PROTOBUF];
/** In discovery, as their clients expect, and no more: what they show or do has another way. */
const NOT_SERVED = new Set(['bindings', 'componentstatuses']);
const PATCH_KINDS: Readonly<Record<string, PatchKind | 'apply'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

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
    if ((info.verb === 'update' || info.verb === 'patch') && name === '') throw badRequest('name must be provided');
  }
  const target = { namespace: resource.namespaced ? namespace : '', name };
  const request: ResourceRequest = { serving, known, info, resource, target };
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

/** Groups that are built in say so in a Status; of others nothing is known. */
function unknownResource({ registry }: Serving, { group }: ResourceInfo): ApiAnswer {
  if (registry.resources.isBuiltinGroup(group)) throw noSuchResource();
  return notFoundPage();
}

async function dispatch(request: ResourceRequest, options: () => WriteOptions): Promise<VerbAnswer> {
  const { info, resource } = request;
  if (info.subresource !== '') return dispatchSubresource(request);
  const review = serveReview(request);
  if (review !== undefined) return review;
  if (!isAllowed(resource, info)) throw methodNotAllowed();
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
  if (served === undefined) throw noSuchResource();
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

/** @throws {ApiError} 415: built-in kinds do not even say what they would take. */
export function patchKindOf({ known, resource }: ResourceRequest): PatchKind | 'apply' {
  const kind = PATCH_KINDS[mediaTypeOf(known)];
  if (kind !== undefined && (kind !== 'strategic' || resource.patchType !== undefined)) return kind;
  if (resource.custom === undefined) throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  throw unsupportedMediaType(CUSTOM_PATCH_TYPES);
}

const PARAMETERS = /^[^;]*(?:;\s*[!#$%&'*+.^`|~\w-]+=(?:[!#$%&'*+.^`|~\w-]+|"[^"]*")\s*)*;?\s*$/;

function mediaTypeOf(known: Known): string {
  const header = headerOf(known.headers, 'content-type') ?? '';
  // Parameters that cannot be read make it a type that nobody knows.
  return PARAMETERS.test(header) ? (header.split(';', 1)[0] ?? '').trim().toLowerCase() : `malformed ${header}`;
}

/** @throws {ApiError} 400. */
export function parsePatch(body: Uint8Array, type: string): ParsedBody {
  try {
    return parseBody(body, type);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(
      type === 'application/json' ? 'invalid JSON patch' : `error decoding YAML: ${error.message}`,
      error,
    );
  }
}

/**
 * The body of an apply: YAML, and mostly JSON, which is the same and far quicker to read. What JSON cannot tell as YAML
 * would (an error, a key that stands twice) is read again.
 */
export function parseConfiguration(body: Uint8Array): ParsedBody {
  if (body[0] === 0x7b) {
    try {
      const parsed = parseBody(body, 'application/json');
      if (parsed.duplicates.length === 0) return parsed;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  return parsePatch(body, 'application/yaml');
}

export function callerOf(
  { known }: ResourceRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  patchIs: 'apply' | 'other' = 'other',
): Caller {
  return {
    user: known.user,
    options: writeOptions(kind, known.query, known.userAgent, patchIs),
    warnings: known.warnings,
  };
}

/** The body of a request that brings one: parsed, not decoded. @throws {ApiError} 415, and 400 in Kubernetes' words. */
export function readBody(known: Known, kind: string): ParsedBody {
  const type = mediaTypeOf(known) || 'application/json';
  // Kubernetes would read it: whoever sends it is told what is read here.
  if (type === PROTOBUF && !isProtobuf(known.body)) {
    const why = 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]';
    throw refused(new DecodeError('UNREADABLE', why), kind, known.body);
  }
  if (type === PROTOBUF) throw unsupportedMediaType(BODY_TYPES.filter((one) => one !== PROTOBUF));
  if (!BODY_TYPES.includes(type)) throw unsupportedMediaType(BODY_TYPES);
  try {
    return parseBody(known.body, type);
  } catch (error) {
    throw refused(error, kind, known.body);
  }
}

export function decodeBody({ known, resource }: ResourceRequest, caller: Caller): Decoded['object'] {
  const body = readBody(known, resource.kind);
  try {
    const { object, strictErrors } = resource.decode(body.value, body.notes);
    checkFields(resource, caller, resource.custom === undefined ? strictErrors : [...body.duplicates, ...strictErrors]);
    return object;
  } catch (error) {
    throw refused(error, resource.kind, known.body);
  }
}

function refused(error: unknown, kind: string, body: Uint8Array): unknown {
  return error instanceof DecodeError ? badRequest(decodeRefusal(error, kind, body), error) : error;
}

/** What Kubernetes puts before its protobuf messages. */
function isProtobuf(body: Uint8Array): boolean {
  return Buffer.from(body.subarray(0, 4)).toString('latin1') === 'k8s\u0000';
}

const DELETE_OPTIONS = {
  component: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  group: '',
  version: 'v1',
  kind: 'DeleteOptions',
};

/** @throws {ApiError} 400, with nothing but the decoder's message. */
function readOptionsBody({ serving, known }: ResourceRequest): unknown {
  if (known.body.length === 0) return undefined;
  const { value } = readBody(known, 'DeleteOptions');
  // They belong to every group and version.
  const given = isRecord(value) && value['kind'] === 'DeleteOptions' ? { ...value, apiVersion: 'v1' } : value;
  try {
    return serving.decoder.decode(given, DELETE_OPTIONS).object;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(error.message, error) : error;
  }
}
