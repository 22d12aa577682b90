import type { GroupVersionKindData, KubeData, ResourceData, SubresourceData } from '@homeostat/kube/data';
import { apiDocument } from '../discovery/api-document.ts';
import type { ApiDocument } from '../discovery/api-document.ts';
import type { CustomResource, CustomVersion } from '../custom/custom-resource.ts';
import { customComponent, customComponents } from './custom-schema.ts';
import { pathsOf } from './paths.ts';
import type { DescribedResource } from './paths.ts';

/** `api/v1`, `apis/apps/v1` → the document at `/openapi/v3/…`. */
export type OpenApiDocuments = ReadonlyMap<string, ApiDocument>;

const CONNECTIONS = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const REFERENCE = '#/components/schemas/';
const SCALE = 'io.k8s.api.autoscaling.v1.Scale';
const API_RESOURCES = 'io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList';

/**
 * The documents of everything built in. They are some megabytes together, and making and hashing them takes some tens of
 * milliseconds: once is enough, and not before somebody asks.
 */
export function builtinOpenApi(data: KubeData): OpenApiDocuments {
  const components = componentsByKind(data);
  return new Map(
    data.groupVersions.map(({ group, version, resources }) => {
      const key = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const described = resources.map((resource) => builtin(resource, { group, version, root: `/${key}` }, components));
      return [key, documentOf(described, data.schemas, { title: 'Kubernetes', version: minorOf(data) })] as const;
    }),
  );
}

/** The documents of custom resources. They count once they are established. */
export function customOpenApi(data: KubeData, customs: readonly CustomResource[]): OpenApiDocuments {
  const parts = new Map<string, { described: DescribedResource[]; schemas: Record<string, unknown> }>();
  for (const custom of customs.filter(({ established }) => established)) {
    for (const version of custom.versions.filter(({ served }) => served)) {
      const key = `apis/${version.apiVersion}`;
      const part = parts.get(key) ?? { described: [], schemas: {} };
      part.described.push(customResource(custom, version));
      Object.assign(part.schemas, customComponents(custom, version));
      parts.set(key, part);
    }
  }
  return new Map(
    [...parts].map(([key, { described, schemas }]) => {
      const all = { ...data.schemas, ...schemas };
      return [key, documentOf(described, all, { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' })] as const;
    }),
  );
}

/** The document at `/openapi/v3`. Its Content-Type is `text/plain; charset=utf-8`. */
export function openApiIndex(...documents: readonly OpenApiDocuments[]): string {
  const entries = documents.flatMap((all) => [...all]).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const paths = entries.map(([key, { hash }]) => [key, { serverRelativeURL: `/openapi/v3/${key}?hash=${hash}` }]);
  return JSON.stringify({ paths: Object.fromEntries(paths) as object });
}

function documentOf(
  resources: readonly DescribedResource[],
  schemas: Readonly<Record<string, unknown>>,
  info: { readonly title: string; readonly version: string },
): ApiDocument {
  const root = resources[0]?.root ?? '';
  const content = { 'application/json': { schema: { $ref: `${REFERENCE}${API_RESOURCES}` } } };
  const list = { get: { responses: { 200: { description: 'OK', content } } } };
  const builtinPaths = resources.some(({ custom }) => custom) ? [] : [[`${root}/`, list] as const];
  const paths = [...builtinPaths, ...resources.flatMap(pathsOf)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return apiDocument({
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(paths) as object,
    components: { schemas: reachable(paths, schemas) },
  });
}

function minorOf({ version }: KubeData): string {
  return version.split('.').slice(0, 2).join('.').slice(1);
}

/** The schemas that `from` refers to, however indirectly, by name. */
function reachable(from: unknown, schemas: Readonly<Record<string, unknown>>): object {
  const found = new Map<string, unknown>();
  const waiting = [from];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value) as [string, unknown][]) {
      if (key !== '$ref' || typeof child !== 'string') waiting.push(child);
      else {
        const name = child.slice(REFERENCE.length);
        if (found.has(name)) continue;
        found.set(name, schemas[name]);
        waiting.push(schemas[name]);
      }
    }
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function kindKey({ group, version, kind }: GroupVersionKindData): string {
  return `${group}/${version}/${kind}`;
}

/** Components that stand for one kind; options and events, which are of every group, do not. */
function componentsByKind(data: KubeData): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(data.schemas).flatMap(([name, schema]) => {
      const kinds = schema['x-kubernetes-group-version-kind'] ?? [];
      return kinds.length === 1 ? kinds.map((kind) => [kindKey(kind), name] as const) : [];
    }),
  );
}

function builtin(
  resource: ResourceData,
  endpoint: { readonly group: string; readonly version: string; readonly root: string },
  components: ReadonlyMap<string, string>,
): DescribedResource {
  const { group, version, root } = endpoint;
  const described = (sub: SubresourceData): DescribedResource['subresources'] => {
    const component = components.get(kindKey(sub));
    return component === undefined || CONNECTIONS.has(sub.name)
      ? []
      : [
          {
            name: sub.name,
            kind: { group: sub.group, version: sub.version, kind: sub.kind },
            component,
            verbs: sub.verbs,
          },
        ];
  };
  return {
    root,
    plural: resource.plural,
    namespaced: resource.namespaced,
    custom: false,
    endpoint: { kind: { group, version, kind: resource.kind }, component: resource.schema, verbs: resource.verbs },
    list: `${resource.schema}List`,
    deleteAnswersObject: resource.deleteAnswer === 'object',
    subresources: resource.subresources.flatMap(described),
  };
}

function customResource({ group, names, namespaced }: CustomResource, version: CustomVersion): DescribedResource {
  const kind = { group, version: version.name, kind: names.kind };
  const component = customComponent(group, version.name, names.kind);
  const verbs = ['get', 'update', 'patch'];
  return {
    root: `/apis/${version.apiVersion}`,
    plural: names.plural,
    namespaced,
    custom: true,
    endpoint: { kind, component, verbs: [...verbs, 'list', 'create', 'delete', 'deletecollection'] },
    list: customComponent(group, version.name, names.listKind),
    deleteAnswersObject: false,
    subresources: [
      ...(version.status ? [{ name: 'status', kind, component, verbs }] : []),
      ...(version.scale === undefined ? [] : [{ name: 'scale', kind, component: SCALE, verbs }]),
    ],
  };
}
