import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { applyConfiguration, fieldElement, managersForScale, MergeError } from '@homeostat/merge';
import { scaleOf, setReplicas } from '../custom/scale.ts';
import { DecodeError, refusalOf } from '../decode/decode-error.ts';
import type { ScalePaths } from '../custom/custom-resource.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { invalid } from '../field-error.ts';
import { callerOf, parseConfiguration, parsePatch, patchKindOf, readBody } from '../http/resource-request.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { badRequest, conflict, invalidObject, MODIFIED, notFound, plainFailure } from '../status.ts';
import type { PlainAnswer } from './answer.ts';
import { applyRefusal } from './apply.ts';
import type { Caller } from './caller.ts';
import { checkName, requireName } from './create.ts';
import { mainEndpoint } from './endpoints.ts';
import { stored } from './get.ts';
import { applyPatch } from './patch.ts';
import { pluralOf } from './served-resource.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';
import { tracking, withoutTimes } from './track.ts';
import { updateObject } from './update.ts';

/** The real server cannot apply the scale of a custom resource whose replicas nobody owns. */
const NOT_CONVERTED =
  'failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper ' +
  'version: request to convert CR to an invalid group/version: autoscaling/v1';
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
  const sent = kind === 'put' ? putScale(request) : undefined;
  const endpoint: UpdateEndpoint = { ...mainEndpoint(resource), subresource: 'scale', resetFields: undefined };
  const produce =
    kind === 'apply'
      ? applied(request, endpoint, paths, caller)
      : (live: KubeObject): { outcome: 'object'; draft: Draft; managed: false } => {
          const wanted = kind === 'put' ? sent : patchedScale(request, kind, show(live, 'zero'));
          return { outcome: 'object', draft: withScale(resource, live, wanted, paths), managed: false };
        };
  const { view } = await updateObject(registry, resource, endpoint, target, caller, produce, async () => {
    throw notFound(pluralOf(resource), target.name);
  });
  return { type: 'plain', code: 200, object: show(view.object, 'zero'), table: serving.scaleTable };
}

function asScale(resource: ServedResource, object: KubeObject, paths: ScalePaths, absent: 'refused' | 'zero'): Draft {
  const draft = object as unknown as Draft;
  const scale = scaleOf(draft, paths, resource.custom === undefined ? 'zero' : absent);
  if (resource.custom !== undefined) return scale;
  const spec = mapAt(draft, 'spec');
  const selector = resource.kind === 'ReplicationController' ? printMap(mapAt(spec, 'selector')) : printSelector(spec);
  return {
    ...scale,
    status: { replicas: numberAt(mapAt(draft, 'status'), 'replicas') ?? 0, ...(selector !== '' && { selector }) },
  };
}

const SCALE_TYPE = {
  component: 'io.k8s.api.autoscaling.v1.Scale',
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
};

/** @throws {ApiError} 400 for a body that is no Scale of this object. */
function putScale(request: ResourceRequest): unknown {
  const { serving, known, target } = request;
  const body = readBody(request, SCALE_TYPE);
  try {
    const { object } = serving.decoder.decode(body.value, SCALE_TYPE, body.notes);
    requireName(object.metadata, target.name);
    return object;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(refusalOf(error, 'Scale', known.body), error) : error;
  }
}

function patchedScale(request: ResourceRequest, kind: 'json' | 'merge' | 'strategic', scale: Draft): unknown {
  const { value } = parsePatch(request.known.body, 'application/json');
  // A Scale has no lists: merged strategically it is merged.
  return applyPatch(kind === 'strategic' ? 'merge' : kind, value, scale, { patchType: undefined });
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
  checkReplicas(name, replicas ?? 0);
  const draft = structuredClone(live) as unknown as Draft;
  setReplicas(draft, paths, resource.custom === undefined ? (replicas ?? 0) : replicas);
  return draft;
}

function checkReplicas(name: string, replicas: number): void {
  if (replicas >= 0) return;
  throw invalidObject(SCALE, name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
}

/** An apply of a Scale is one of the object's replicas alone. */
function applied(
  request: ResourceRequest,
  endpoint: UpdateEndpoint,
  paths: ScalePaths,
  caller: Caller,
): (live: KubeObject) => { outcome: 'object'; draft: Draft; managed: true } | { outcome: 'unchanged' } {
  const { serving, known, resource } = request;
  const { value } = parseConfiguration(known.body);
  return (live) => {
    if (!isRecord(value) || value['kind'] !== 'Scale') {
      throw badRequest(`invalid object type: ${isRecord(value) ? textAt(value, 'kind') : ''}`);
    }
    if (resource.custom !== undefined && !hasOwner(live, paths)) throw plainFailure(NOT_CONVERTED);
    const replicas = numberAt(mapAt(value, 'spec'), 'replicas');
    const { name, namespace } = live.metadata;
    const config: Draft = {
      apiVersion: live.apiVersion,
      kind: live.kind,
      metadata: { name, ...(namespace !== undefined && { namespace }) },
    };
    if (replicas !== undefined) {
      checkReplicas(name, replicas);
      setReplicas(config, paths, replicas);
    }
    try {
      const { options } = caller;
      const tracked = tracking(serving.registry, resource, endpoint);
      const result = applyConfiguration(live, config, {
        ...tracked,
        manager: options.manager,
        force: options.force,
      });
      if (!result.changed) return { outcome: 'unchanged' };
      const object = resource.readMerged(structuredClone(result.object));
      object.metadata['managedFields'] = withoutTimes(object.metadata['managedFields']);
      return { outcome: 'object', draft: object, managed: true };
    } catch (error) {
      throw error instanceof MergeError ? applyRefusal(error) : error;
    }
  };
}

function hasOwner(live: KubeObject, paths: ScalePaths): boolean {
  const path = paths.specReplicas.replace(/^\./, '').split('.').map(fieldElement);
  return (managersForScale(live.metadata.managedFields, () => path) ?? []).length > 0;
}

/** Source: `metav1.FormatLabelSelector`. */
function printSelector(spec: DraftMap | undefined): string {
  const selector = mapAt(spec, 'selector');
  const equal = Object.entries(mapAt(selector, 'matchLabels') ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`);
  const others = mapsAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = expression['values'];
    const listed = Array.isArray(values) ? values.map(String).toSorted().join(',') : '';
    switch (expression['operator']) {
      case 'In':
        return `${key} in (${listed})`;
      case 'NotIn':
        return `${key} notin (${listed})`;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return key;
    }
  });
  return [...equal, ...others].join(',');
}

function printMap(selector: DraftMap | undefined): string {
  return Object.entries(selector ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
