import type { Resource, Resources } from '../resources.ts';
import { isRecord } from '../record.ts';

/** Answers with either form: aggregated discovery (KEP-3352), or the legacy lists where the server does not know it. */
export const DISCOVERY_ACCEPT: string =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** One group version that a legacy list names and whose resources must be asked for. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** What one discovery document holds, whichever form it has. */
export type Discovered =
  | { readonly form: 'aggregated'; readonly resources: readonly Resource[]; readonly degraded: readonly string[] }
  | { readonly form: 'legacy'; readonly versions: readonly GroupVersion[] };

/** Reads the answer to `GET /api` or `GET /apis`. `undefined` when it is neither form. */
export function readDiscovery(body: unknown): Discovered | undefined {
  if (!isRecord(body)) return undefined;
  switch (body['kind']) {
    case 'APIGroupDiscoveryList':
      return readAggregated(recordsOf(body['items']));
    case 'APIVersions':
      return { form: 'legacy', versions: textsOf(body['versions']).map((version) => ({ group: '', version })) };
    case 'APIGroupList':
      return { form: 'legacy', versions: recordsOf(body['groups']).flatMap(legacyVersions) };
    default:
      return undefined;
  }
}

function readAggregated(groups: readonly Record<string, unknown>[]): Discovered {
  const resources: Resource[] = [];
  const degraded: string[] = [];
  for (const item of groups) {
    const metadata = item['metadata'];
    const group = isRecord(metadata) ? textOf(metadata['name']) : '';
    for (const served of recordsOf(item['versions'])) {
      const version = textOf(served['version']);
      if (served['freshness'] === 'Stale') degraded.push(`${group}/${version}`);
      for (const resource of recordsOf(served['resources'])) {
        const kind = isRecord(resource['responseKind']) ? textOf(resource['responseKind']['kind']) : '';
        // Only subresources are served: nothing that could be named by a ref.
        if (kind === '') continue;
        resources.push({
          group,
          version,
          kind,
          plural: textOf(resource['resource']),
          singular: textOf(resource['singularResource']),
          namespaced: resource['scope'] === 'Namespaced',
          verbs: textsOf(resource['verbs']),
          shortNames: textsOf(resource['shortNames']),
          categories: textsOf(resource['categories']),
          subresources: recordsOf(resource['subresources']).map((sub) => textOf(sub['subresource'])),
        });
      }
    }
  }
  return { form: 'aggregated', resources, degraded };
}

/** The group's preferred version first, as in aggregated discovery. */
function legacyVersions(group: Record<string, unknown>): GroupVersion[] {
  const preferred = isRecord(group['preferredVersion']) ? textOf(group['preferredVersion']['version']) : '';
  const versions = recordsOf(group['versions']).map((served) => textOf(served['version']));
  const ordered = versions.includes(preferred)
    ? [preferred, ...versions.filter((version) => version !== preferred)]
    : versions;
  return ordered.map((version) => ({ group: textOf(group['name']), version }));
}

/** Reads an `APIResourceList`, the legacy form of one group version. `undefined` when it is something else. */
export function readResourceList(body: unknown, { group, version }: GroupVersion): Resource[] | undefined {
  if (!isRecord(body) || body['kind'] !== 'APIResourceList') return undefined;
  const entries = recordsOf(body['resources']);
  const subresources = Map.groupBy(
    entries.map((entry) => textOf(entry['name'])).filter((name) => name.includes('/')),
    (name) => name.slice(0, name.indexOf('/')),
  );
  return entries
    .filter((entry) => !textOf(entry['name']).includes('/'))
    .map((entry) => {
      const plural = textOf(entry['name']);
      return {
        group,
        version,
        kind: textOf(entry['kind']),
        plural,
        singular: textOf(entry['singularName']),
        namespaced: entry['namespaced'] === true,
        verbs: textsOf(entry['verbs']),
        shortNames: textsOf(entry['shortNames']),
        categories: textsOf(entry['categories']),
        subresources: (subresources.get(plural) ?? []).map((name) => name.slice(plural.length + 1)),
      };
    });
}

/** Makes what discovery found searchable. The order of `all` is the order of preference. */
export function indexResources(all: readonly Resource[], degraded: readonly string[]): Resources {
  const byKind = Map.groupBy(all, (resource) => `${resource.group}/${resource.kind}`);
  return {
    all,
    degraded,
    find({ group, kind, version }) {
      const served = byKind.get(`${group}/${kind}`);
      return version === undefined ? served?.[0] : served?.find((resource) => resource.version === version);
    },
    lookup(name) {
      const dot = name.indexOf('.');
      const head = dot < 0 ? name : name.slice(0, dot);
      const rest = dot < 0 ? undefined : name.slice(dot + 1);
      const inGroup = all.filter(
        (resource) => rest === undefined || resource.group === rest || `${resource.version}.${resource.group}` === rest,
      );
      const lower = head.toLowerCase();
      if (lower === '') return undefined;
      return (
        inGroup.find((resource) => resource.plural === lower) ??
        inGroup.find((resource) => resource.singular === lower) ??
        inGroup.find((resource) => resource.shortNames.includes(lower)) ??
        inGroup.find((resource) => resource.kind.toLowerCase() === lower)
      );
    },
  };
}

/** Whether discovery could not read the group, or this version of it: what it holds is unknown then. */
export function isDegraded(resources: Resources, group: string, version?: string): boolean {
  return resources.degraded.some(
    (entry) =>
      entry === group || (version === undefined ? entry.startsWith(`${group}/`) : entry === `${group}/${version}`),
  );
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
