import type { KubeObject } from '@homeostat/kube';
import type { GroupVersionData, KubeData, ResourceData } from '@homeostat/kube/data';
import { fieldSet, fieldElement, patchTypeFromOpenApi, schemaFromOpenApi, typeOf } from '@homeostat/merge';
import type { FieldSet, Schema } from '@homeostat/merge';
import { crdStrategy } from '../custom/crd-strategy.ts';
import type { ObjectMetaRules } from '../custom/embedded.ts';
import type { Decoder } from '../decode/decoder.ts';
import type { BodyNotes } from '../decode/parse-body.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { convertEvent } from '../kinds/event-versions.ts';
import { nameRuleOf, resetFieldsOf, strategyOf } from '../kinds/index.ts';
import { validateMetaCreate, validateMetaUpdate } from '../kinds/meta/object-meta.ts';
import { convertAutoscaler } from './convert-autoscaler.ts';
import { builtinTable } from '../table/builtin-table.ts';
import { keepCleared } from './metadata.ts';
import type { Decoded, ServedResource } from './served-resource.ts';

const CORE_LIST: readonly string[] = [];
/** Kinds that refuse an unknown field label without naming those that are known. */
const OWN_LABELS = new Set([
  '/Event',
  '/Namespace',
  '/Node',
  '/Pod',
  '/ReplicationController',
  '/Secret',
  '/Service',
  'batch/Job',
  'certificates.k8s.io/CertificateSigningRequest',
  'events.k8s.io/Event',
]);
const DEPRECATIONS: Readonly<Record<string, string>> = {
  '/Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  '/ComponentStatus': 'v1 ComponentStatus is deprecated in v1.19+',
};

/** Two names of one kind: how its objects come into the form that is stored, and out of it. */
interface Versions {
  readonly shelf: string;
  readonly stored: string;
  readonly convert: (object: Readonly<DraftMap>, apiVersion: string) => DraftMap;
}

const EVENTS: Versions = {
  shelf: 'events',
  stored: 'v1',
  convert: (object, apiVersion) => convertEvent(object, apiVersion === 'v1' ? 'v1' : 'events.k8s.io/v1'),
};
const AUTOSCALERS: Versions = {
  shelf: 'horizontalpodautoscalers.autoscaling',
  stored: 'autoscaling/v2',
  convert: (object, apiVersion) =>
    convertAutoscaler(object, apiVersion === 'autoscaling/v1' ? 'autoscaling/v1' : 'autoscaling/v2'),
};

/** Everything that Kubernetes serves by itself. */
export function builtinResources(data: KubeData, decoder: Decoder, rules: ObjectMetaRules): ServedResource[] {
  const schema = schemaFromOpenApi(data.schemas as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  return data.groupVersions.flatMap((groupVersion) =>
    groupVersion.resources.map((resource) => served(data, schema, decoder, rules, groupVersion, resource)),
  );
}

function served(
  data: KubeData,
  schema: Schema,
  decoder: Decoder,
  rules: ObjectMetaRules,
  { group, version }: GroupVersionData,
  resource: ResourceData,
): ServedResource {
  const { kind, plural } = resource;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const key = `${group}/${kind}`;
  const versions = kind === 'Event' ? EVENTS : kind === 'HorizontalPodAutoscaler' ? AUTOSCALERS : undefined;
  const type = { component: resource.schema, group, version, kind };
  const strategy =
    key === 'apiextensions.k8s.io/CustomResourceDefinition' ? crdStrategy(rules) : strategyOf(group, kind);
  const rule = nameRuleOf(group, kind);
  const typesByVersion = versionsOf(data, kind, resource.schema);
  const resets = new Map(
    (['', 'status', 'approval', 'finalize'] as const).map((endpoint) => [
      endpoint as string,
      setOf(resetFieldsOf(group, kind, endpoint === '' ? 'main' : endpoint)),
    ]),
  );
  const withCleared = (value: unknown, { object, strictErrors }: Decoded): Decoded => {
    keepCleared(value, object);
    return { object, strictErrors };
  };
  const decode = (value: unknown, notes?: BodyNotes): Decoded => withCleared(value, decoder.decode(value, type, notes));
  let empty: ServedResource['empty'] | undefined;
  return {
    group,
    version,
    apiVersion,
    plural,
    singular: resource.singular,
    kind,
    listKind: `${kind}List`,
    namespaced: resource.namespaced,
    verbs: new Set(resource.verbs),
    subresources: new Map(
      resource.subresources.map((sub) => [
        sub.name,
        { name: sub.name, verbs: new Set(sub.verbs), group: sub.group, version: sub.version, kind: sub.kind },
      ]),
    ),
    shelf: versions?.shelf ?? (group === '' ? plural : `${plural}.${group}`),
    tracksGeneration: resource.tracksGeneration,
    needsResourceVersion: resource.needsResourceVersion,
    createsOnUpdate: resource.createsOnUpdate,
    deleteAnswer: resource.deleteAnswer,
    fieldLabels: resource.fieldLabels ?? CORE_LIST,
    fieldLabelError: OWN_LABELS.has(key) ? 'plain' : 'labels',
    strategy,
    validateMetaCreate: (draft) => validateMetaCreate(draft, rule),
    validateMetaUpdate,
    decode,
    readPatched: (value, patch) => withCleared(value, decoder.decodePatched(value, type, patch)),
    // Converted from values, as what a strategic merge makes.
    readMerged: (value) => withCleared(value, decoder.decodePatched(value, type, 'strategic')).object,
    get empty() {
      // Made when it is first asked for: at the start nobody needs those of all kinds.
      return (empty ??= { ...decoder.zero(resource.schema), apiVersion, kind });
    },
    toStored: (object) => object,
    workingOf: (object) => object,
    toWorking: (object) => (versions === undefined ? object : (versions.convert(object, versions.stored) as Draft)),
    fromStored: (object) =>
      versions === undefined ? object : (versions.convert(object, apiVersion) as unknown as KubeObject),
    typeOf: (wanted) => {
      const component = typesByVersion.get(wanted);
      return component === undefined ? undefined : typeOf(schema, component);
    },
    convert: (object, wanted) =>
      versions === undefined || !typesByVersion.has(wanted) ? undefined : versions.convert(object, wanted),
    resetFields: (subresource) => resets.get(subresource),
    patchType: patchTypeFromOpenApi(data.schemas[resource.schema] ?? {}, (name) => data.schemas[name]),
    table: builtinTable({ group, version }, resource),
    custom: undefined,
    deprecation: DEPRECATIONS[key],
  };
}

/**
 * apiVersion → component, of all versions of one kind in its group. Of the two groups of Event each counts the other's versions
 * as unknown, and forgets who owned fields there.
 */
function versionsOf(data: KubeData, kind: string, component: string): ReadonlyMap<string, string> {
  const own = data.schemas[component]?.['x-kubernetes-group-version-kind']?.[0]?.group;
  const found = data.groupVersions.flatMap(({ group, version, resources }) =>
    resources
      .filter((one) => one.kind === kind && group === own)
      .map((one) => [group === '' ? version : `${group}/${version}`, one.schema] as const),
  );
  return new Map(found);
}

function setOf(paths: readonly (readonly string[])[]): FieldSet | undefined {
  return paths.length === 0 ? undefined : fieldSet(paths.map((path) => path.map(fieldElement)));
}
