import { isRecord } from '@homeostat/kube';
import { DecodeError, notRegistered, refusalOf } from '../decode/decode-error.ts';
import type { GroupVersionKind } from '../decode/group-version-kind.ts';
import { parseBody } from '../decode/parse-body.ts';
import type { ParsedBody } from '../decode/parse-body.ts';
import type { Caller, Target } from '../registry/caller.ts';
import { checkFields } from '../registry/field-validation.ts';
import { writeOptions } from '../registry/options.ts';
import { CUSTOM_PATCH_TYPES } from '../registry/patch.ts';
import type { PatchKind } from '../registry/served-resource.ts';
import type { Decoded, ServedResource } from '../registry/served-resource.ts';
import { ApiError, badRequest, unsupportedMediaType } from '../status.ts';
import { headerOf } from './exchange.ts';
import type { ResourceInfo } from './request-info.ts';
import type { Known, Serving } from './serving.ts';

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
const PATCH_KINDS: Readonly<Record<string, PatchKind | 'apply'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

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
      type === 'application/json'
        ? 'invalid JSON patch'
        : `error decoding patch: error converting YAML to JSON: ${error.message}`,
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

/**
 * The body of a request that brings one: parsed, not decoded. One in protobuf is of the kind that it says, and of the
 * expected one when it says nothing.
 *
 * @throws {ApiError} 415, and 400 in Kubernetes' words.
 */
export function readBody(request: ResourceRequest, expected: GroupVersionKind): ParsedBody {
  try {
    return parseAs(request, expected);
  } catch (error) {
    throw refused(error, expected.kind, request.known.body);
  }
}

function parseAs({ serving, known }: ResourceRequest, expected: GroupVersionKind): ParsedBody {
  const type = mediaTypeOf(known) || 'application/json';
  if (!BODY_TYPES.includes(type)) throw unsupportedMediaType(BODY_TYPES);
  if (type !== PROTOBUF) return parseBody(known.body, type);
  return { value: serving.decoder.readProtobuf(known.body, expected), duplicates: [], notes: undefined };
}

export function decodeBody(request: ResourceRequest, caller: Caller): Decoded['object'] {
  const { known, resource } = request;
  // Protobuf wants to know a type beforehand. (Kubernetes does not say so: it ends the connection.)
  if (resource.custom !== undefined && mediaTypeOf(known) === PROTOBUF) {
    throw unsupportedMediaType(BODY_TYPES.filter((one) => one !== PROTOBUF));
  }
  const body = readBody(request, resource);
  try {
    const { object, strictErrors } = resource.decode(body.value, body.notes);
    checkFields(resource, caller, resource.custom === undefined ? strictErrors : [...body.duplicates, ...strictErrors]);
    return object;
  } catch (error) {
    throw refused(error, resource.kind, known.body);
  }
}

function refused(error: unknown, kind: string, body: Uint8Array): unknown {
  return error instanceof DecodeError ? badRequest(refusalOf(error, kind, body), error) : error;
}

const DELETE_OPTIONS = {
  component: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  group: '',
  version: 'v1',
  kind: 'DeleteOptions',
};

/** @throws {ApiError} 415, and 400 with nothing but the decoder's message. */
export function readOptionsBody(request: ResourceRequest): unknown {
  const { serving, known } = request;
  if (known.body.length === 0) return undefined;
  try {
    const { value } = parseAs(request, DELETE_OPTIONS);
    const { kind, apiVersion } = isRecord(value) ? value : {};
    // Nothing else is known where options are read.
    if (typeof kind === 'string' && kind !== '' && kind !== 'DeleteOptions') {
      throw badRequest(notRegistered(kind, typeof apiVersion === 'string' ? apiVersion : 'v1'));
    }
    // They belong to every group and version.
    const given = isRecord(value) && kind !== undefined ? { ...value, apiVersion: 'v1' } : value;
    return serving.decoder.decode(given, DELETE_OPTIONS).object;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(error.message, error) : error;
  }
}
