import { BUILTIN_KINDS } from './builtin-kinds.ts';

export type Scope = 'Namespaced' | 'Cluster';

const SCOPES: ReadonlyMap<string, Scope> = new Map(
  Object.entries(BUILTIN_KINDS).flatMap(([group, { cluster, namespaced }]) => [
    ...kindsOf(group, cluster, 'Cluster'),
    ...kindsOf(group, namespaced, 'Namespaced'),
  ]),
);

function kindsOf(group: string, kinds: string, scope: Scope): (readonly [string, Scope])[] {
  return kinds === '' ? [] : kinds.split(' ').map((kind) => [`${group}/${kind}`, scope] as const);
}

/**
 * Whether objects of a kind that Kubernetes brings along live in a namespace; `undefined` for every other kind, and for
 * kinds that a server serves only when asked to (alpha and beta groups). Good without a cluster; where there is one, its
 * discovery decides.
 */
export function builtinScope(group: string, kind: string): Scope | undefined {
  return SCOPES.get(`${group}/${kind}`);
}
