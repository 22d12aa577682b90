import type { GroupVersionKindData } from '@homeostat/kube/data';
import { DELETE, LIST, PATCH, pathParameter, PRETTY, RESOURCE_VERSION, WRITE } from './parameters.ts';
import type { Parameter } from './parameters.ts';

/** A resource as its operations are described. Kinds are those of the extension `x-kubernetes-group-version-kind`. */
export interface DescribedResource {
  /** `/apis/apps/v1`. */
  readonly root: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly custom: boolean;
  readonly endpoint: DescribedEndpoint;
  /** Component of a list. */
  readonly list: string;
  /** An immediate delete answers the object instead of a Status. */
  readonly deleteAnswersObject: boolean;
  readonly subresources: readonly (DescribedEndpoint & { readonly name: string })[];
}

export interface DescribedEndpoint {
  readonly kind: GroupVersionKindData;
  /** Component of what is read and written. */
  readonly component: string;
  readonly verbs: readonly string[];
}

export type PathItem = Readonly<Record<string, unknown>>;

const STATUS = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';
const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const PATCH_BODY = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];

/**
 * The operations on a resource by path. kubectl finds by them which kinds exist, whether the server validates fields
 * (`fieldValidation` on PATCH), and, by the media types of PATCH, whether it can send strategic merge patches.
 *
 * Left out: connections (exec, attach, port-forward, proxy), logs, and the paths under `/watch`, which are deprecated.
 */
export function pathsOf(resource: DescribedResource): readonly (readonly [path: string, item: PathItem])[] {
  const { root, plural, namespaced, endpoint, subresources } = resource;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const within = namespaced ? [pathParameter('namespace')] : [];
  const named = [pathParameter('name'), ...within, ...PRETTY];
  const everywhere = namespaced
    ? [[`${root}/${plural}`, { ...acrossNamespaces(resource), parameters: PRETTY }] as const]
    : [];
  return [
    ...everywhere,
    [collection, { ...collectionItem(resource), parameters: [...within, ...PRETTY] }] as const,
    [`${collection}/{name}`, { ...namedItem(resource, endpoint, true), parameters: named }] as const,
    ...subresources.map((sub) => {
      const item = { ...namedItem(resource, sub, false), parameters: named };
      return [`${collection}/{name}/${sub.name}`, item] as const;
    }),
  ].filter(([, item]) => Object.keys(item).length > 1);
}

function acrossNamespaces(resource: DescribedResource): PathItem {
  const { endpoint, list } = resource;
  if (!endpoint.verbs.includes('list')) return {};
  return { get: operation(resource, 'list', endpoint.kind, { parameters: LIST, answers: { 200: list } }) };
}

function collectionItem(resource: DescribedResource): PathItem {
  const { endpoint, list, custom } = resource;
  const { kind, component, verbs } = endpoint;
  const removes = custom ? LIST : [...LIST, ...DELETE].filter(({ name }) => !WATCH_ONLY.has(name));
  return {
    ...(verbs.includes('list') && {
      get: operation(resource, 'list', kind, { parameters: LIST, answers: { 200: list } }),
    }),
    ...(verbs.includes('create') && {
      post: operation(resource, 'post', kind, { parameters: WRITE, body: component, answers: made(component) }),
    }),
    ...(verbs.includes('deletecollection') && {
      delete: operation(resource, 'deletecollection', kind, {
        parameters: removes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        ...(!custom && { body: DELETE_OPTIONS, optional: true }),
        answers: { 200: STATUS },
      }),
    }),
  };
}

const WATCH_ONLY = new Set(['allowWatchBookmarks', 'watch']);

function made(component: string): Readonly<Record<number, string>> {
  return { 200: component, 201: component, 202: component };
}

function namedItem(resource: DescribedResource, endpoint: DescribedEndpoint, main: boolean): PathItem {
  const { kind, component, verbs } = endpoint;
  const { custom, deleteAnswersObject } = resource;
  const removed = deleteAnswersObject ? component : STATUS;
  return {
    ...(verbs.includes('get') && {
      get: operation(resource, 'get', kind, {
        ...(custom && { parameters: RESOURCE_VERSION }),
        answers: { 200: component },
      }),
    }),
    ...(verbs.includes('update') && {
      put: operation(resource, 'put', kind, {
        parameters: WRITE,
        body: component,
        answers: { 200: component, 201: component },
      }),
    }),
    ...(!main &&
      verbs.includes('create') && {
        post: operation(resource, 'post', kind, { parameters: WRITE, body: component, answers: made(component) }),
      }),
    ...(verbs.includes('delete') && {
      delete: operation(resource, 'delete', kind, {
        parameters: DELETE,
        body: DELETE_OPTIONS,
        optional: true,
        answers: { 200: removed, 202: removed },
      }),
    }),
    ...(verbs.includes('patch') && {
      patch: operation(resource, 'patch', kind, {
        parameters: PATCH,
        body: PATCH_BODY,
        bodyTypes: custom ? PATCH_TYPES : [...PATCH_TYPES, 'application/strategic-merge-patch+json'],
        answers: custom ? { 200: component } : { 200: component, 201: component },
      }),
    }),
  };
}

interface OperationParts {
  readonly parameters?: readonly Parameter[];
  readonly body?: string;
  readonly optional?: boolean;
  readonly bodyTypes?: readonly string[];
  readonly answers: Readonly<Record<number, string>>;
}

function operation(
  { custom }: DescribedResource,
  action: string,
  kind: GroupVersionKindData,
  { parameters, body, optional = false, bodyTypes, answers }: OperationParts,
): object {
  const formats = ['application/json', 'application/yaml'];
  const responses = Object.entries(answers).map(([code, component]) => {
    const description = code === '201' ? 'Created' : code === '202' ? 'Accepted' : 'OK';
    return [code, { description, content: content(formats, component) }];
  });
  return {
    ...(parameters !== undefined && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        content: content(bodyTypes ?? (custom ? formats : ['*/*']), body),
        ...(!optional && { required: true }),
      },
    }),
    responses: Object.fromEntries(responses) as object,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

function content(types: readonly string[], component: string): object {
  const schema = { $ref: `#/components/schemas/${component}` };
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
