import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { KubeData } from '@homeostat/kube/data';
import {
  applyConfiguration,
  fieldElement,
  managersForScale,
  managersFromScale,
  MergeError,
  schemaFromOpenApi,
  trackUpdate,
  typeOf,
} from '@homeostat/merge';
import type { FieldTracking, JsonObject, Path, TypeUse } from '@homeostat/merge';
import { timestamp } from '../clock.ts';
import { setReplicas } from '../custom/scale.ts';
import { DecodeError, refusalOf } from '../decode/decode-error.ts';
import type { ScalePaths } from '../custom/custom-resource.ts';
import type { Draft } from '../draft.ts';
import { mapAt, numberAt, textAt } from '../draft.ts';
import { invalid } from '../field-error.ts';
import { callerOf, parseConfiguration, parsePatch, patchKindOf, readBody } from '../http/resource-request.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { badRequest, conflict, invalidObject, MODIFIED, notFound, plainFailure } from '../status.ts';
import type { PlainAnswer } from './answer.ts';
import { applyRefusal, printGvk } from './apply.ts';
import type { Caller } from './caller.ts';
import { checkName, requireName } from './create.ts';
import { mainEndpoint } from './endpoints.ts';
import { checkFields } from './field-validation.ts';
import { stored } from './get.ts';
import { applyPatch, readPatched } from './patch.ts';
import { asScale } from './read-scale.ts';
import { pluralOf } from './served-resource.ts';
import type { Decoded, PatchKind, ServedResource, UpdateEndpoint } from './served-resource.ts';
import { updateObject } from './update.ts';
import type { Produced } from './update.ts';

/** The real server cannot apply the scale of a custom resource whose replicas nobody owns. */
const NOT_CONVERTED =
  'failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper ' +
  'version: request to convert CR to an invalid group/version: autoscaling/v1';
const SCALE_VERSION = 'autoscaling/v1';
const SCALE = { group: 'autoscaling', name: 'Scale' };
const BUILTIN: ScalePaths = {
  specReplicas: '.spec.replicas',
  statusReplicas: '.status.replicas',
  labelSelector: undefined,
};

/** `/scale`: the replicas of an object, read and written as an autoscaling/v1 Scale. */
export async function serveScale(request: ResourceRequest): Promise<PlainAnswer> {
  const { serving, info, resource, target } = request;
  const { registry } = serving;
  const paths = resource.custom?.version.scale ?? BUILTIN;
  const show = (object: KubeObject, absent: 'refused' | 'zero'): Draft => asScale(resource, object, paths, absent);
  if (info.verb === 'get') {
    const live = resource.fromStored(stored(registry, resource, target.namespace, target.name).object);
    return { type: 'plain', code: 200, object: show(live, 'refused'), table: serving.scaleTable };
  }
  const kind = info.verb === 'patch' ? patchKindOf(request) : 'put';
  const caller = callerOf(
    request,
    kind === 'put' ? 'UpdateOptions' : 'PatchOptions',
    kind === 'apply' ? 'apply' : 'other',
  );
  const sent = kind === 'put' ? putScale(request, caller) : undefined;
  const endpoint: UpdateEndpoint = { ...mainEndpoint(resource), subresource: 'scale', resetFields: undefined };
  const produce =
    kind === 'apply'
      ? applied(request, paths, caller)
      : (live: KubeObject): Produced => {
          const wanted = kind === 'put' ? sent : patchedScale(request, kind, show(live, 'zero'), caller);
          return recorded(request, paths, caller, live, wanted);
        };
  const { view } = await updateObject(registry, resource, endpoint, target, caller, produce, async () => {
    throw notFound(pluralOf(resource), target.name);
  });
  return { type: 'plain', code: 200, object: show(view.object, 'zero'), table: serving.scaleTable };
}

const SCALE_TYPE = {
  component: 'io.k8s.api.autoscaling.v1.Scale',
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
};

/** The type of a Scale, for who owns what of it. */
export function scaleTypeOf({ schemas }: KubeData): TypeUse | undefined {
  const schema = schemaFromOpenApi(schemas as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  return typeOf(schema, SCALE_TYPE.component);
}

/** @throws {ApiError} 400 for a body that is no Scale of this object. */
function putScale(request: ResourceRequest, caller: Caller): unknown {
  const { serving, known, target } = request;
  const body = readBody(request, SCALE_TYPE);
  try {
    const { object, strictErrors } = serving.decoder.decode(body.value, SCALE_TYPE, body.notes);
    checkFields({ apiVersion: SCALE_VERSION, kind: SCALE.name }, caller, strictErrors);
    requireName(object.metadata, target.name);
    return object;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(refusalOf(error, 'Scale', known.body), error) : error;
  }
}

/** @throws {ApiError} 422 for a patch that makes no Scale. */
function patchedScale(request: ResourceRequest, kind: PatchKind, scale: Draft, caller: Caller): Draft {
  const { serving, known, resource } = request;
  const body = parsePatch(known.body, 'application/json');
  // A Scale has no lists: merged strategically it is merged.
  const patched = applyPatch(kind === 'strategic' ? 'merge' : kind, body.value, scale, { patchType: undefined });
  const before = resource.custom === undefined ? scale : undefined;
  const read = (value: unknown): Decoded => serving.decoder.decodePatched(value, SCALE_TYPE, kind);
  return readPatched({ kind, body, patched, before, read }, caller);
}

/** The object with the replicas of a Scale. @throws {ApiError} for a Scale that is none. */
function withScale(resource: ServedResource, live: KubeObject, wanted: unknown, paths: ScalePaths): Draft {
  if (!isRecord(wanted)) throw badRequest('the object provided is unrecognized (must be of type Scale)');
  const { kind } = wanted;
  if (kind !== undefined && kind !== 'Scale') {
    throw badRequest(`${JSON.stringify(kind)} in version "v1" cannot be handled as a Scale`);
  }
  const metadata = mapAt(wanted, 'metadata');
  const { name } = live.metadata;
  checkName(metadata ?? {}, name);
  const version = textAt(metadata, 'resourceVersion');
  if (version !== '' && version !== live.metadata.resourceVersion) throw conflict(pluralOf(resource), name, MODIFIED);
  const uid = textAt(metadata, 'uid');
  if (uid !== '' && uid !== live.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`;
    throw conflict({ group: resource.group, name: `${resource.plural}/scale` }, name, why);
  }
  const replicas = numberAt(mapAt(wanted, 'spec'), 'replicas');
  // Of a custom resource the replicas are judged where they stand.
  if (resource.custom === undefined) checkReplicas(name, replicas ?? 0);
  const draft = structuredClone(live) as unknown as Draft;
  setReplicas(draft, paths, resource.custom === undefined ? (replicas ?? 0) : replicas);
  return draft;
}

function checkReplicas(name: string, replicas: number): void {
  if (replicas >= 0) return;
  throw invalidObject(SCALE, name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
}

/**
 * Who writes a Scale owns its replicas, and with them the object's. Of custom resources the real server records nobody
 * who comes this way: there the object is tracked as a whole, without the newcomer.
 */
function recorded(
  request: ResourceRequest,
  paths: ScalePaths,
  { options }: Caller,
  live: KubeObject,
  wanted: unknown,
): Produced {
  const { resource } = request;
  const draft = withScale(resource, live, wanted, paths);
  if (resource.custom !== undefined) return { outcome: 'object', draft, managed: false };
  const next = asScale(resource, draft as unknown as KubeObject, paths, 'zero') as JsonObject;
  const tracked = trackUpdate(ownedScale(request, live, paths), next, {
    ...scaleTracking(request),
    manager: options.manager,
  });
  own(draft, live, tracked, resource, paths);
  return { outcome: 'object', draft, managed: true };
}

/** An apply of a Scale is one of the object's replicas alone. */
function applied(request: ResourceRequest, paths: ScalePaths, { options }: Caller): (live: KubeObject) => Produced {
  const { known, resource } = request;
  const { value } = parseConfiguration(known.body);
  return (live) => {
    const [apiVersion, kind] = isRecord(value) ? [textAt(value, 'apiVersion'), textAt(value, 'kind')] : ['', ''];
    if (!isRecord(value) || apiVersion !== SCALE_VERSION || kind !== 'Scale') {
      throw badRequest(`invalid object type: ${printGvk(apiVersion, kind)}`);
    }
    if (resource.custom !== undefined && !hasOwner(live, paths)) throw plainFailure(NOT_CONVERTED);
    try {
      const { manager, force } = options;
      const scale = ownedScale(request, live, paths);
      const result = applyConfiguration(scale, value, { ...scaleTracking(request), manager, force });
      if (!result.changed) return { outcome: 'unchanged' };
      const draft = withScale(resource, live, result.object, paths);
      own(draft, live, result.object, resource, paths);
      return { outcome: 'object', draft, managed: true };
    } catch (error) {
      throw error instanceof MergeError ? applyRefusal(error) : error;
    }
  };
}

function scaleTracking({ serving }: ResourceRequest): FieldTracking {
  const { registry, scaleType } = serving;
  return {
    typeOf: (apiVersion) => (apiVersion === SCALE_VERSION ? scaleType : undefined),
    convert: () => undefined,
    subresource: 'scale',
    now: timestamp(registry.clock.now()),
    cache: registry.fields,
  };
}

/** The Scale of an object, with those who own its replicas. */
function ownedScale({ resource }: ResourceRequest, live: KubeObject, paths: ScalePaths): JsonObject {
  const scale = asScale(resource, live, paths, 'zero');
  const managedFields = managersForScale(live.metadata.managedFields, replicasOf(paths));
  return {
    ...scale,
    metadata: { ...scale.metadata, ...(managedFields !== undefined && { managedFields }) },
  };
}

/** Writes into the object who owns its replicas now. */
function own(draft: Draft, live: KubeObject, scale: JsonObject, resource: ServedResource, paths: ScalePaths): void {
  const { managedFields } = (scale['metadata'] ?? {}) as { readonly managedFields?: unknown };
  const path = replicasOf(paths);
  const owners = managersFromScale(live.metadata.managedFields, managedFields, resource.apiVersion, path);
  if (owners === undefined) delete draft.metadata['managedFields'];
  else draft.metadata['managedFields'] = owners;
}

function replicasOf(paths: ScalePaths): (apiVersion: string) => Path | undefined {
  const path = paths.specReplicas.replace(/^\./, '').split('.').map(fieldElement);
  return () => path;
}

function hasOwner(live: KubeObject, paths: ScalePaths): boolean {
  return (managersForScale(live.metadata.managedFields, replicasOf(paths)) ?? []).length > 0;
}
