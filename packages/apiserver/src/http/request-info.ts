/** What a path and a method ask for, before anything is known about what is served. */
export type RequestInfo = ResourceInfo | PathInfo;

/** Anything that is no resource: `/version`, `/apis`, `/openapi/v3/…`. */
export interface PathInfo {
  readonly type: 'path';
  readonly path: string;
  /** The method in lower case. */
  readonly verb: string;
}

export interface ResourceInfo {
  readonly type: 'resource';
  readonly path: string;
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  /** `''` where the path has none. */
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, as in `services/x/proxy/a/b`. */
  readonly rest: readonly string[];
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'other';

/**
 * Reads a request as Kubernetes' RequestInfo does: a GET of a collection is `list`, or `watch` when the query says so; of a
 * named object it is `get` whatever the query says, but `/watch/` in the path and a collection narrowed to one name watch.
 */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path.split('/').filter((part) => part !== '');
  const other: PathInfo = { type: 'path', path, verb: method.toLowerCase() };
  const [root] = parts;
  if (root !== 'api' && root !== 'apis') return other;
  const head = root === 'api' ? 2 : 3;
  if (parts.length <= head) return other;
  const group = root === 'api' ? '' : (parts[1] ?? '');
  const version = parts[head - 1] ?? '';
  let rest = parts.slice(head);
  let watchPath = false;
  if (rest[0] === 'watch' && rest.length > 1) {
    watchPath = true;
    rest = rest.slice(1);
  }
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? '';
    // `status` and `finalize` belong to the namespace itself.
    if (rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...deeper] = rest;
  return {
    type: 'resource',
    path,
    verb: verbOf(method, name, watchPath, query),
    group,
    version,
    namespace: resource === 'namespaces' ? (name === '' ? '' : namespace) : namespace,
    resource,
    name,
    subresource,
    rest: deeper,
  };
}

function verbOf(method: string, name: string, watchPath: boolean, query: URLSearchParams): Verb {
  switch (method) {
    case 'GET':
      if (watchPath) return 'watch';
      if (name !== '') return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return 'other';
  }
}

/** As Kubernetes reads a flag in a query: anything but absence, `0` and `false` sets it. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
