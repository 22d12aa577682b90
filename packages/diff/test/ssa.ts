import { gvkOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { kubeData } from '@homeostat/kube/data';
import { applyConfiguration, applyJsonPatch, schemaFromOpenApi, trackUpdate, typeOf } from '@homeostat/merge';
import type { FieldTracking, JsonPatchOp, OpenApiSchema } from '@homeostat/merge';

const data = kubeData();
const schema = schemaFromOpenApi(data.schemas as Readonly<Record<string, OpenApiSchema>>);
/** One second later with every write, so that the latest holder is known. */
let seconds = 0;

function tracking(object: KubeObject): FieldTracking {
  const { group, version, kind } = gvkOf(object);
  const groupVersion = data.groupVersions.find((one) => one.group === group && one.version === version);
  const component = groupVersion?.resources.find((resource) => resource.kind === kind)?.schema;
  if (component === undefined) throw new Error(`no schema for ${object.apiVersion} ${kind}`);
  seconds++;
  return {
    typeOf: (apiVersion) => (apiVersion === object.apiVersion ? typeOf(schema, component) : undefined),
    convert: (one, apiVersion) => (apiVersion === object.apiVersion ? one : undefined),
    now: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString().replace('.000', ''),
  };
}

/** A server-side apply without a server: no defaults, no validation. */
export function applyAs(live: KubeObject | undefined, config: KubeObject, manager: string): KubeObject {
  const options = { ...tracking(config), manager, force: true };
  const object = applyConfiguration(live, config, options).object as KubeObject;
  // The times of applies are the server's part.
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => ({ time: options.now, ...entry }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** A JSON patch as somebody with kubectl sends it. */
export function patchAs(live: KubeObject, operations: readonly JsonPatchOp[], manager = 'kubectl-edit'): KubeObject {
  const next = applyJsonPatch(live, operations) as KubeObject;
  return trackUpdate(live, next, { ...tracking(live), manager }) as KubeObject;
}
