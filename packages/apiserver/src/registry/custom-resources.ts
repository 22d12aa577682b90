import { equalJson, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { KubeData } from '@homeostat/kube/data';
import { fieldElement, fieldSet, MergeError, typeFromOpenApi } from '@homeostat/merge';
import type { FieldSet, TypeUse } from '@homeostat/merge';
import { convertCustom, readStored } from '../custom/convert-custom.ts';
import type { CustomResource, CustomVersion } from '../custom/custom-resource.ts';
import { customStrategy } from '../custom/custom-strategy.ts';
import { decodeCustom, readMerged } from '../custom/decode-custom.ts';
import { InvalidEmbedded } from '../custom/embedded.ts';
import type { ObjectMetaRules } from '../custom/embedded.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { readGroupVersionKind } from '../decode/group-version-kind.ts';
import { isMap, textAt } from '../draft.ts';
import type { Draft, DraftMap } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { dnsSubdomainName, validateMetaCreate, validateMetaUpdate } from '../kinds/meta/object-meta.ts';
import { badRequest } from '../status.ts';
import { customTable } from '../table/custom-table.ts';
import type { Decoded, ServedResource } from './served-resource.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUBRESOURCE_VERBS = new Set(['get', 'patch', 'update']);
const STATUS = fieldSet([[fieldElement('status')]]);
const METADATA_AND_SPEC = fieldSet([[fieldElement('metadata')], [fieldElement('spec')]]);

/** What a definition serves: one resource per served version. `crd` is the definition itself, for its schemas. */
export function customResources(
  resource: CustomResource,
  crd: KubeObject,
  data: KubeData,
  rules: ObjectMetaRules,
): ServedResource[] {
  const types = new Map(
    resource.versions.map((version) => [version.apiVersion, typeOfVersion(crd, version.name, data)]),
  );
  const stored = resource.versions.find((version) => version.storage) ?? resource.versions[0];
  if (stored === undefined) return [];
  return resource.versions
    .filter((version) => version.served)
    .map((version) => served(resource, version, stored, types, data, rules));
}

function served(
  resource: CustomResource,
  version: CustomVersion,
  stored: CustomVersion,
  types: ReadonlyMap<string, TypeUse>,
  data: KubeData,
  rules: ObjectMetaRules,
): ServedResource {
  const { group, names } = resource;
  const { apiVersion } = version;
  const read = reader(resource, version);
  const subresource = (name: string, group_: string, kind: string, version_: string) =>
    [name, { name, verbs: SUBRESOURCE_VERBS, group: group_, version: version_, kind }] as const;
  return {
    group,
    version: version.name,
    apiVersion,
    plural: names.plural,
    singular: names.singular,
    kind: names.kind,
    listKind: names.listKind,
    namespaced: resource.namespaced,
    verbs: new Set(VERBS),
    subresources: new Map([
      ...(version.status ? [subresource('status', group, names.kind, version.name)] : []),
      ...(version.scale === undefined ? [] : [subresource('scale', 'autoscaling', 'Scale', 'v1')]),
    ]),
    shelf: `${names.plural}.${group}`,
    tracksGeneration: true,
    needsResourceVersion: true,
    createsOnUpdate: false,
    deleteAnswer: 'status',
    fieldLabels: version.selectableFields,
    fieldLabelError: 'plain',
    strategy: customStrategy(resource, version, rules),
    validateMetaCreate: (draft) => validateMetaCreate(draft, dnsSubdomainName),
    validateMetaUpdate: (draft, old) => validateMetaUpdate(draft, old).flatMap(asOften),
    decode: (value) => decodeObject(ofVersion(asObject(value), version), resource, version, rules),
    readPatched: (value) => decodeObject(asObject(value), resource, version, rules),
    readMerged: (value) => readMerged(structuredClone(value), version, rules),
    empty: { apiVersion, kind: names.kind },
    toStored: (object) => convertCustom(object, stored),
    toWorking: (object) => object,
    workingOf: read,
    fromStored: read,
    typeOf: (wanted) => {
      const type = types.get(wanted);
      if (type === undefined) throw new MergeError('UNKNOWN_TYPE', `no version ${wanted} of ${names.kind}`);
      return type;
    },
    convert: (object, wanted) => {
      const to = resource.versions.find((one) => one.apiVersion === wanted);
      return to && convertCustom(object as Draft, to);
    },
    resetFields: (name) => resetFieldsOf(version, name),
    patchType: undefined,
    table: customTable(version.columns, data),
    custom: { resource, version },
    deprecation: version.deprecation,
  };
}

/** Reads what is stored in one version, once per stored state; the same instance where nothing is to be done to it. */
function reader(resource: CustomResource, version: CustomVersion): (object: KubeObject) => KubeObject {
  const known = new WeakMap<KubeObject, KubeObject>();
  return (object) => {
    // Drafts come by as well: they are of this version, and not done yet.
    if (!Object.isFrozen(object)) return object;
    let found = known.get(object);
    if (found === undefined) {
      const made = readStored(object, resource, version) as unknown as KubeObject;
      found = equalJson(made, object) ? object : made;
      known.set(object, found);
    }
    return found;
  };
}

/** @throws {DecodeError} for what is no object, or one that does not say its kind. */
function asObject(value: unknown): DraftMap {
  const { kind } = readGroupVersionKind(value, NOTHING, undefined);
  if (!isMap(value) || kind === '') throw missing('Kind', value);
  return value;
}

/** @throws {ApiError} 400 for an object of another version. */
function ofVersion(value: DraftMap, version: CustomVersion): DraftMap {
  const said = textAt(value, 'apiVersion');
  if (said === version.apiVersion) return value;
  throw badRequest(
    `the API version in the data (${said}) does not match the expected API version (${version.apiVersion})`,
  );
}

function decodeObject(
  value: DraftMap,
  resource: CustomResource,
  version: CustomVersion,
  rules: ObjectMetaRules,
): Decoded {
  try {
    // Its own copy: what was merged shares parts with what is stored.
    const { object, unknownFields } = decodeCustom(structuredClone(value), resource, version, rules);
    return { object, strictErrors: unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`) };
  } catch (error) {
    if (error instanceof InvalidEmbedded) throw badRequest(error.message, error);
    throw error;
  }
}

const NOTHING = { group: '', version: '', kind: '' };

function missing(what: string, value: unknown): DecodeError {
  return new DecodeError('UNREADABLE', `Object '${what}' is missing in '${stringifyJson(value)}'`);
}

/** The real server says it twice that an object on its way out takes no finalizer. */
function asOften(error: FieldError): readonly FieldError[] {
  return error.type === 'Forbidden' && error.field === 'metadata.finalizers' ? [error, error] : [error];
}

/** The main endpoint leaves the status alone, `/status` everything else. */
function resetFieldsOf(version: CustomVersion, subresource: string): FieldSet | undefined {
  if (!version.status) return undefined;
  if (subresource === '') return STATUS;
  if (subresource !== 'status') return undefined;
  return METADATA_AND_SPEC;
}

function typeOfVersion(crd: KubeObject, name: string, data: KubeData): TypeUse {
  const spec = crd['spec'] as DraftMap;
  const versions = (spec['versions'] as readonly DraftMap[]).filter((version) => version['name'] === name);
  const schema = (versions[0]?.['schema'] as DraftMap | undefined)?.['openAPIV3Schema'];
  return typeFromOpenApi(isMap(schema) ? schema : {}, (component) => data.schemas[component] as DraftMap | undefined);
}
