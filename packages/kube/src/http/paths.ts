import { KubeError } from '../error.ts';
import { printRef } from '../ref.ts';
import type { Ref } from '../ref.ts';
import type { Resource } from '../resources.ts';

/** Query parameters; those that are `undefined` are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path of a collection, in one namespace or, for `''`, in all of them. */
export function collectionPath(resource: Resource, namespace = ''): string {
  const version = encodeURIComponent(resource.version);
  const base = resource.group === '' ? `/api/${version}` : `/apis/${encodeURIComponent(resource.group)}/${version}`;
  const within = namespace === '' ? '' : `/namespaces/${segment(namespace, 'namespace')}`;
  return `${base}${within}/${encodeURIComponent(resource.plural)}`;
}

/**
 * Path of one object. Names are taken letter by letter: never lower-cased, encoded where a URL needs it (RBAC names hold
 * colons).
 *
 * @throws {KubeError} `INVALID` when the ref's namespace does not fit the resource's scope, or a name is no path segment.
 */
export function objectPath(resource: Resource, ref: Ref): string {
  return `${collectionPath(resource, namespaceFor(resource, ref))}/${segment(ref.name, 'name', ref)}`;
}

/** The ref's namespace, once it fits the resource's scope. */
export function namespaceFor(resource: Resource, ref: Ref): string {
  if (resource.namespaced && ref.namespace === '') {
    throw new KubeError(
      'INVALID',
      `${printRef(ref)} has no namespace, and ${resource.kind} is namespaced; set metadata.namespace`,
      { ref },
    );
  }
  if (!resource.namespaced && ref.namespace !== '') {
    throw new KubeError(
      'INVALID',
      `${printRef(ref)} has a namespace, but ${resource.kind} is cluster-scoped; remove metadata.namespace`,
      { ref },
    );
  }
  return ref.namespace;
}

export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** Kubernetes' rule for path segment names: not `.` or `..`, without `/` and `%`. Whatever else is wrong the server tells. */
function segment(text: string, what: 'name' | 'namespace', ref?: Ref): string {
  if (text === '' || text === '.' || text === '..' || /[/%]/.test(text) || !text.isWellFormed()) {
    const shown = text === '' ? `an empty ${what}` : `"${text}"`;
    throw new KubeError(
      'INVALID',
      `${shown} cannot be the ${what} of an object; correct metadata.${what}`,
      ref && { ref },
    );
  }
  return encodeURIComponent(text);
}
