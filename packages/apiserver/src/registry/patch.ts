import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { applyJsonPatch, applyMergePatch, applyStrategicPatch, MergeError } from '@homeostat/merge';
import type { JsonPatchOp } from '@homeostat/merge';
import type { ParsedBody } from '../decode/parse-body.ts';
import type { ApiError } from '../status.ts';
import { badRequest, plainFailure, tooLarge, unprocessable, unsupportedMediaType } from '../status.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { checkFields } from './field-validation.ts';
import type { Registry } from './registry.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';
import { updateObject } from './update.ts';

export type PatchKind = 'json' | 'merge' | 'strategic';

const MAX_OPERATIONS = 10_000;

/** Changes an object by a patch. There must be one: a patch never creates. */
export async function patchObject(
  registry: Registry,
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  target: Target,
  { kind, body, text }: { readonly kind: PatchKind; readonly body: ParsedBody; readonly text: string },
  caller: Caller,
): Promise<ObjectAnswer> {
  const patch = readPatch(kind, body.value, resource);
  return updateObject(registry, resource, endpoint, target, caller, (live) => {
    const patched = applied(() => patch(live));
    const { object, strictErrors } = resource.decode(patched);
    checkFields('patch', caller, [...body.duplicates, ...strictErrors], text);
    return { outcome: 'object', draft: object, managed: false };
  });
}

/** @throws {ApiError} for what is no patch of this kind. */
function readPatch(kind: PatchKind, value: unknown, resource: ServedResource): (live: KubeObject) => unknown {
  if (kind === 'json') {
    if (!Array.isArray(value)) throw wrongShape(value, 'jsonpatch.Patch');
    if (value.length > MAX_OPERATIONS) {
      throw tooLarge(
        `Request entity too large: The allowed maximum operations in a JSON patch is ${String(MAX_OPERATIONS)}, got ${String(value.length)}`,
      );
    }
    return (live) => applyJsonPatch(live, value as readonly JsonPatchOp[], { variant: 'kubernetes' });
  }
  if (!isRecord(value)) throw wrongShape(value, 'map[string]interface {}');
  if (kind === 'merge') return (live) => applyMergePatch(live, value);
  const { patchType } = resource;
  if (patchType === undefined) {
    throw unsupportedMediaType([
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/apply-patch+yaml',
    ]);
  }
  return (live) => applyStrategicPatch(live, value, patchType);
}

function wrongShape(value: unknown, wanted: string): ApiError {
  const found = Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value;
  return badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${wanted}`);
}

function applied(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    switch (error.code) {
      case 'PATCH_FAILED':
        throw unprocessable();
      case 'INVALID_PATCH':
        throw badRequest(error.message, error);
      default:
        // What the strategic merge of Kubernetes cannot do comes out as a 500.
        throw plainFailure(error.message, error);
    }
  }
}
