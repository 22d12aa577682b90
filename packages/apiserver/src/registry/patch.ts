import { isRecord, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { applyJsonPatch, applyMergePatch, applyStrategicPatch, MergeError } from '@homeostat/merge';
import type { JsonPatchOp } from '@homeostat/merge';
import { goText } from '../custom/go-values.ts';
import type { Draft } from '../draft.ts';
import { DecodeError } from '../decode/decode-error.ts';
import type { ParsedBody } from '../decode/parse-body.ts';
import { invalid } from '../field-error.ts';
import type { ApiError } from '../status.ts';
import { badRequest, invalidObject, plainFailure, tooLarge, unprocessable, unsupportedMediaType } from '../status.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { checkFields } from './field-validation.ts';
import type { Registry } from './registry.ts';
import type { Decoded, PatchKind, ServedResource, UpdateEndpoint } from './served-resource.ts';
import { updateObject } from './update.ts';

const MAX_OPERATIONS = 10_000;

/** Changes an object by a patch. There must be one: a patch never creates. */
export async function patchObject(
  registry: Registry,
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  target: Target,
  kind: PatchKind,
  body: ParsedBody,
  caller: Caller,
): Promise<ObjectAnswer> {
  return updateObject(registry, resource, endpoint, target, caller, (live) => {
    const patched = applyPatch(kind, body.value, live, resource);
    const before = resource.custom === undefined ? live : undefined;
    const read = (value: unknown): Decoded => resource.readPatched(value, kind);
    return { outcome: 'object', draft: readPatched({ kind, body, patched, before, read }, caller), managed: false };
  });
}

/** What a patch has made, and how it becomes an object. */
export interface Patched {
  readonly kind: PatchKind;
  readonly body: ParsedBody;
  readonly patched: unknown;
  /** What was there: of built-in kinds messages show what was not touched as it stood. */
  readonly before: unknown;
  readonly read: (patched: unknown) => Decoded;
}

/**
 * The object that a patch has made. @throws {ApiError} 422 for one that cannot be read, and for fields that are not to be: it shows
 * the patched object, or, of a strategic patch, the patch.
 */
export function readPatched({ kind, body, patched, before, read }: Patched, caller: Caller): Draft {
  const shown = (): string => (kind === 'strategic' ? goText(body.value) : stringifyJson(asGoWrites(patched, before)));
  try {
    const { object, strictErrors } = read(patched);
    const repeated = kind === 'json' ? body.duplicates.map((text) => `json patch ${text}`) : body.duplicates;
    checkFields('patch', caller, [...repeated, ...strictErrors], shown);
    return object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw invalidObject({ group: '', name: '' }, '', [invalid('patch', shown(), error.message)]);
  }
}

/** What a patch makes of an object. @throws {ApiError} for a patch that is none, or that does not fit. */
export function applyPatch(
  kind: PatchKind,
  patch: unknown,
  live: Readonly<Record<string, unknown>> | KubeObject,
  { patchType }: Pick<ServedResource, 'patchType'>,
): unknown {
  switch (kind) {
    case 'json': {
      const operations = operationsOf(patch);
      if (operations.length > MAX_OPERATIONS) {
        throw tooLarge(
          `Request entity too large: The allowed maximum operations in a JSON patch is ${String(MAX_OPERATIONS)}, got ${String(operations.length)}`,
        );
      }
      return applied(() => applyJsonPatch(live, operations, { variant: 'kubernetes' }));
    }
    case 'merge':
      if (patch === null) throw badRequest('Invalid JSON Patch');
      if (!isRecord(patch)) throw badRequest(`error decoding patch: ${mismatch(patch, MAP)}`);
      return applied(() => applyMergePatch(live, patch));
    case 'strategic':
      if (patch !== null && !isRecord(patch)) throw badRequest(mismatch(patch, MAP));
      if (patchType === undefined) throw unsupportedMediaType([...CUSTOM_PATCH_TYPES]);
      return applied(() => applyStrategicPatch(live, patch ?? {}, patchType));
    default:
      return kind satisfies never;
  }
}

/** @throws {ApiError} 400 for what Go does not read as a list of operations. */
function operationsOf(patch: unknown): readonly JsonPatchOp[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw badRequest(`error decoding patch: ${mismatch(patch, '[]handlers.jsonPatchOp')}`);
  for (const operation of patch as readonly unknown[]) {
    if (operation === null) continue;
    if (!isRecord(operation)) {
      throw badRequest(`error decoding patch: ${mismatch(operation, OPERATION)}`);
    }
    for (const field of ['op', 'path', 'from']) {
      const value = operation[field];
      if (value === undefined || value === null || typeof value === 'string') continue;
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${goTypeOf(value)} into Go struct field jsonPatchOp.${field} of type string`,
      );
    }
  }
  return patch as readonly JsonPatchOp[];
}

const OPERATION = 'handlers.jsonPatchOp';
const MAP = 'map[string]interface {}';

/** What custom resources can be patched by. */
export const CUSTOM_PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];

function mismatch(value: unknown, wanted: string): string {
  return `json: cannot unmarshal ${goTypeOf(value)} into Go value of type ${wanted}`;
}

/** What Go's decoder calls a value of JSON. */
function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

function applied(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    throw error instanceof MergeError ? refusal(error) : error;
  }
}

function refusal(error: MergeError): ApiError {
  if (error.code === 'PATCH_FAILED') return unprocessable();
  if (error.code === 'INVALID_PATCH') return badRequest(error.message, error);
  // What the strategic merge of Kubernetes cannot do comes out as a 500.
  return plainFailure(error.message, error);
}

/** Maps that the patch has touched, Go writes by name; the others stand as they stood. */
function asGoWrites(value: unknown, before: unknown): unknown {
  if (value === before || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, i) => asGoWrites(item, Array.isArray(before) ? before[i] : item));
  const old = isRecord(before) ? before : {};
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, asGoWrites(field, old[name])]),
  );
}
