import { createHash } from 'node:crypto';
import type { GroupVersionData, GroupVersionKindData, KubeData, ResourceData } from '@homeostat/kube/data';
import type { CustomResource, CustomVersion } from '../custom/custom-resource.ts';
import { compareKubeVersions } from './kube-version.ts';

/** A group as discovery tells of it. */
export interface ServedGroup {
  /** `''` is the core group. */
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly ServedVersion[];
}

export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
}

export interface DiscoveredResource {
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  /** Built-in kinds leave out group and version where they are those of the endpoint. */
  readonly responseKind: GroupVersionKindData;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly storageVersionHash: string | undefined;
  readonly subresources: readonly DiscoveredSubresource[];
}

export interface DiscoveredSubresource {
  readonly name: string;
  readonly responseKind: GroupVersionKindData;
  readonly verbs: readonly string[];
}

const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];
const WRITES = ['create', 'patch', 'update'];

/**
 * Every group that is served, in the order of discovery: built-in groups by priority, then those of custom resources by
 * name. Custom resources count once they are established.
 */
export function servedGroups(data: KubeData, customs: readonly CustomResource[]): readonly ServedGroup[] {
  const versions = new Map<string, ServedVersion[]>();
  for (const { group, version, resources } of data.groupVersions) {
    const served = { version, resources: resources.map((resource) => builtin(resource, { group, version })) };
    versions.set(group, [...(versions.get(group) ?? []), served]);
  }
  const established = customs.filter((custom) => custom.established);
  for (const group of [...new Set(established.map((custom) => custom.group))].toSorted()) {
    const added = customVersions(established.filter((custom) => custom.group === group));
    versions.set(group, [...(versions.get(group) ?? []), ...added]);
  }
  return [...versions].map(([name, served]) => ({ name, versions: served }));
}

function builtin(resource: ResourceData, endpoint: Pick<GroupVersionData, 'group' | 'version'>): DiscoveredResource {
  const { plural, singular, kind, namespaced, verbs, shortNames, categories, storageVersionHash } = resource;
  return {
    plural,
    singular,
    namespaced,
    responseKind: { group: '', version: '', kind },
    verbs,
    shortNames,
    categories,
    storageVersionHash,
    subresources: resource.subresources.map((sub) => ({
      name: sub.name,
      responseKind: {
        ...(sub.group === endpoint.group && sub.version === endpoint.version
          ? { group: '', version: '' }
          : { group: sub.group, version: sub.version }),
        kind: sub.kind,
      },
      verbs: sub.verbs,
    })),
  };
}

function customVersions(customs: readonly CustomResource[]): readonly ServedVersion[] {
  const names = customs.flatMap(({ versions }) => versions.filter(({ served }) => served).map(({ name }) => name));
  return [...new Set(names)].toSorted(compareKubeVersions).map((version) => ({
    version,
    resources: customs
      .flatMap((custom) => {
        const found = custom.versions.find(({ name, served }) => name === version && served);
        return found === undefined ? [] : [customResource(custom, found)];
      })
      .toSorted((a, b) => (a.plural < b.plural ? -1 : 1)),
  }));
}

function customResource(custom: CustomResource, version: CustomVersion): DiscoveredResource {
  const { group, names, namespaced, terminating } = custom;
  const responseKind = { group, version: version.name, kind: names.kind };
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  return {
    plural: names.plural,
    singular: names.singular,
    namespaced,
    responseKind,
    verbs: terminating ? CUSTOM_VERBS.filter((verb) => !WRITES.includes(verb)) : CUSTOM_VERBS,
    shortNames: names.shortNames,
    categories: names.categories,
    storageVersionHash: hashOfStorage(custom),
    subresources: [
      ...(version.status ? [{ name: 'status', responseKind, verbs: SUBRESOURCE_VERBS }] : []),
      ...(version.scale === undefined ? [] : [{ name: 'scale', responseKind: scale, verbs: SUBRESOURCE_VERBS }]),
    ],
  };
}

/** Eight bytes that change when objects are stored in another version. */
function hashOfStorage({ group, names, versions }: CustomResource): string | undefined {
  const stored = versions.find(({ storage }) => storage);
  if (stored === undefined) return undefined;
  const digest = createHash('sha256').update(`${group}/${stored.name}/${names.kind}`).digest();
  return digest.subarray(0, 8).toString('base64');
}
