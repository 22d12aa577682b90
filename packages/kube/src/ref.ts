import type { KubeObject } from './object.ts';

/** What names an object, whatever the version it is read in. `''` stands for the core group and for no namespace. */
export interface Ref {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Group, version and kind of an object. The core group is `''`. */
export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Splits `apiVersion` into group and version: `apps/v1` → `apps`, `v1`; `v1` → `''`, `v1`. */
export function gvkOf(object: { readonly apiVersion: string; readonly kind: string }): Gvk {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: object.apiVersion, kind: object.kind }
    : { group: object.apiVersion.slice(0, slash), version: object.apiVersion.slice(slash + 1), kind: object.kind };
}

/** The inverse of {@link gvkOf}. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

export function refOf(object: KubeObject): Ref {
  const { group, kind } = gvkOf(object);
  return { group, kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

/** Canonical and reversible text of a ref, fit as a map key: `group/kind/namespace/name`. */
export type RefKey = string;

/** No part of a ref can hold a slash (RFC 1123 names, path segment names), so the text is unambiguous. */
export function refKey(ref: Ref): RefKey {
  return `${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** @throws {TypeError} when the text is not a ref key. */
export function parseRefKey(key: RefKey): Ref {
  const parts = key.split('/');
  const [group, kind, namespace, name] = parts;
  if (parts.length !== 4 || !kind || !name || group === undefined || namespace === undefined) {
    throw new TypeError(`"${key}" is not a ref key: group/kind/namespace/name is expected`);
  }
  return { group, kind, namespace, name };
}

/** For people: `apps/Deployment demo/web`, `Namespace demo`. */
export function printRef(ref: Ref): string {
  const kind = ref.group === '' ? ref.kind : `${ref.group}/${ref.kind}`;
  return ref.namespace === '' ? `${kind} ${ref.name}` : `${kind} ${ref.namespace}/${ref.name}`;
}

/** Total order over refs by code units, so that it is the same everywhere: group, kind, namespace, name. */
export function compareRefs(a: Ref, b: Ref): number {
  return (
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

/** Order by UTF-16 code units: independent of locale, unlike `localeCompare`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
