import { compareText } from '../src/ref.ts';
import type {
  ColumnData,
  GroupVersionData,
  GroupVersionKindData,
  OpenApiSchema,
  ResourceData,
} from '../src/data/kube-data.ts';

/** GETs a path of an API server, as JSON of the media type `accept`. */
export type Get = (path: string, accept: string) => Promise<unknown>;

/** What the server tells of a resource when it is only read; how it behaves must be tried. */
export type ServedResource = Pick<ResourceData, TaughtKeys>;
type TaughtKeys =
  | 'plural'
  | 'singular'
  | 'kind'
  | 'namespaced'
  | 'verbs'
  | 'shortNames'
  | 'categories'
  | 'storageVersionHash'
  | 'schema'
  | 'subresources'
  | 'columns';

export interface ServedGroupVersion extends Omit<GroupVersionData, 'resources'> {
  readonly resources: readonly ServedResource[];
}

export interface Served {
  readonly version: string;
  readonly schemas: Readonly<Record<string, OpenApiSchema>>;
  readonly groupVersions: readonly ServedGroupVersion[];
}

/** Everything that reading tells about what a server serves by itself: neither custom resources nor other servers. */
export async function readServer(get: Get): Promise<Served> {
  const { gitVersion } = (await get('/version', JSON_TYPE)) as { readonly gitVersion: string };
  const schemas: Record<string, OpenApiSchema> = {};
  const groupVersions: ServedGroupVersion[] = [];
  for (const { group, version } of await builtinGroupVersions(get)) {
    const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
    const document = (await get(`/openapi/v3/${path}`, JSON_TYPE)) as OpenApiDocument;
    for (const [name, schema] of Object.entries(document.components.schemas)) addSchema(schemas, name, schema);
    const list = (await get(`/${path}`, JSON_TYPE)) as ApiResourceList;
    const mains = list.resources.filter(({ name }) => !name.includes('/')).sort((a, b) => compareText(a.name, b.name));
    const resources: ServedResource[] = [];
    for (const main of mains)
      resources.push({
        ...resourceOf(main, list, { group, version }, document.components.schemas),
        columns: main.verbs.includes('list') ? await columnsAt(get, `/${path}/${main.name}`) : [],
      });
    groupVersions.push({ group, version, resources });
  }
  const sorted = Object.entries(schemas).sort(([a], [b]) => compareText(a, b));
  return { version: gitVersion, schemas: Object.fromEntries(sorted), groupVersions };
}

const JSON_TYPE = 'application/json';
const TABLE_TYPE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Those for which the server registered an APIService at its own start, in the order of its group list. */
async function builtinGroupVersions(get: Get): Promise<{ group: string; version: string }[]> {
  const automanaged =
    '/apis/apiregistration.k8s.io/v1/apiservices?labelSelector=kube-aggregator.kubernetes.io/automanaged=onstart';
  const services = (await get(automanaged, JSON_TYPE)) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const builtin = new Set(['v1.apiregistration.k8s.io', ...services.items.map(({ metadata }) => metadata.name)]);
  const { groups } = (await get('/apis', JSON_TYPE)) as {
    readonly groups: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[];
  };
  const served = groups.flatMap(({ name, versions }) => versions.map(({ version }) => ({ group: name, version })));
  return [{ group: '', version: 'v1' }, ...served.filter(({ group, version }) => builtin.has(`${version}.${group}`))];
}

interface OpenApiDocument {
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> };
}

interface ApiResourceList {
  readonly resources: readonly ApiResource[];
}

interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

function resourceOf(
  main: ApiResource,
  list: ApiResourceList,
  own: { readonly group: string; readonly version: string },
  schemas: Readonly<Record<string, OpenApiSchema>>,
): Omit<ServedResource, 'columns'> {
  const { name, singularName, kind, namespaced, verbs, shortNames = [], categories = [], storageVersionHash } = main;
  const subresources = list.resources
    .filter((one) => one.name.startsWith(`${name}/`))
    .map((one) => ({
      name: one.name.slice(name.length + 1),
      verbs: one.verbs,
      group: one.group ?? own.group,
      version: one.version ?? own.version,
      kind: one.kind,
    }))
    .sort((a, b) => compareText(a.name, b.name));
  return {
    plural: name,
    singular: singularName,
    kind,
    namespaced,
    verbs,
    shortNames,
    categories,
    ...(storageVersionHash !== undefined && { storageVersionHash }),
    schema: componentOf({ ...own, kind }, schemas),
    subresources,
  };
}

function componentOf(gvk: GroupVersionKindData, schemas: Readonly<Record<string, OpenApiSchema>>): string {
  const found = Object.entries(schemas).find(([, schema]) =>
    schema['x-kubernetes-group-version-kind']?.some((one) => sameKind(one, gvk)),
  );
  if (found === undefined) throw new Error(`no schema of ${JSON.stringify(gvk)}`);
  return found[0];
}

function sameKind(a: GroupVersionKindData, b: GroupVersionKindData): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

async function columnsAt(get: Get, path: string): Promise<ColumnData[]> {
  const table = (await get(`${path}?limit=1`, TABLE_TYPE)) as { readonly columnDefinitions: readonly ColumnData[] };
  return table.columnDefinitions.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format,
    priority,
    description,
  }));
}

/** The same component in two documents must be the same, but for the kinds of options and events that every group has. */
function addSchema(schemas: Record<string, OpenApiSchema>, name: string, described: OpenApiSchema): void {
  const schema = withoutDescriptions(described);
  const known = schemas[name];
  const kinds = [...(known?.[KINDS] ?? []), ...(schema[KINDS] ?? [])];
  const distinct = kinds.filter((kind, at) => kinds.findIndex((other) => sameKind(kind, other)) === at);
  const joined = distinct.length === 0 ? schema : { ...schema, [KINDS]: distinct };
  if (known !== undefined && JSON.stringify({ ...known, [KINDS]: 0 }) !== JSON.stringify({ ...joined, [KINDS]: 0 }))
    throw new Error(`${name} differs between documents`);
  schemas[name] = joined;
}

const KINDS = 'x-kubernetes-group-version-kind';

function withoutDescriptions(schema: OpenApiSchema & { readonly description?: string }): OpenApiSchema {
  const { description: _, properties, additionalProperties, items, allOf, oneOf, ...rest } = schema;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, withoutDescriptions(property)]),
      ),
    }),
    ...(additionalProperties && { additionalProperties: withoutDescriptions(additionalProperties) }),
    ...(items && { items: withoutDescriptions(items) }),
    ...(allOf && { allOf: allOf.map(withoutDescriptions) }),
    ...(oneOf && { oneOf: oneOf.map(withoutDescriptions) }),
  };
}
