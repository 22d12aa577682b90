import type { Ref } from '@homeostat/kube';

/**
 * Reads `apps/Deployment demo/web`, `ConfigMap demo/web`, `Namespace demo`: as refs are printed everywhere.
 *
 * @throws {TypeError} for anything else.
 */
export function parseRef(text: string): Ref {
  const match = /^(?:([a-z0-9.-]+)\/)?([A-Z][A-Za-z0-9]*) (?:([^\s/]+)\/)?([^\s/]+)$/.exec(text);
  const [, group = '', kind, namespace = '', name] = match ?? [];
  if (kind === undefined || name === undefined) {
    throw new TypeError(`"${text}" names no object; write "group/Kind namespace/name", as "apps/Deployment demo/web"`);
  }
  return { group, kind, namespace, name };
}
