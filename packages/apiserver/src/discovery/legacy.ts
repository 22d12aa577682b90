import type { GroupVersionKindData } from '@homeostat/kube/data';
import type { DiscoveredResource, ServedGroup } from './served-groups.ts';

/** `/api` as clients without aggregated discovery read it. `serverAddress` is `host:port`. */
export function apiVersions(groups: readonly ServedGroup[], serverAddress: string): object {
  const core = groups.find(({ name }) => name === '');
  return {
    kind: 'APIVersions',
    versions: core?.versions.map(({ version }) => version) ?? [],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `/apis`. */
export function apiGroupList(groups: readonly ServedGroup[]): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.filter(({ name }) => name !== '').map(describeGroup),
  };
}

/** `/apis/GROUP`; `undefined` where there is no such group. */
export function apiGroup(groups: readonly ServedGroup[], name: string): object | undefined {
  const group = groups.find((candidate) => candidate.name === name);
  return group && name !== '' ? { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(group) } : undefined;
}

function describeGroup({ name, versions }: ServedGroup): object {
  const described = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: described, preferredVersion: described[0] };
}

/** `/api/v1`, `/apis/GROUP/VERSION`; `undefined` where there is no such version. */
export function apiResourceList(groups: readonly ServedGroup[], group: string, version: string): object | undefined {
  const served = groups.find(({ name }) => name === group)?.versions.find((candidate) => candidate.version === version);
  if (served === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: served.resources.flatMap((resource) => describeResource(resource, { group, version })),
  };
}

type Endpoint = Pick<GroupVersionKindData, 'group' | 'version'>;

function describeResource(resource: DiscoveredResource, endpoint: Endpoint): readonly object[] {
  const { plural, singular, namespaced, verbs, shortNames, categories, storageVersionHash } = resource;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      ...kindWithin(resource.responseKind, endpoint),
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
      ...(storageVersionHash !== undefined && { storageVersionHash }),
    },
    ...resource.subresources.map((sub) => ({
      name: `${plural}/${sub.name}`,
      singularName: '',
      namespaced,
      ...kindWithin(sub.responseKind, endpoint),
      verbs: sub.verbs,
    })),
  ];
}

/** Group and version are only said where they are not those of the endpoint. */
function kindWithin({ group, version, kind }: GroupVersionKindData, endpoint: Endpoint): object {
  const same = version === '' || (group === endpoint.group && version === endpoint.version);
  return same ? { kind } : { group, version, kind };
}
