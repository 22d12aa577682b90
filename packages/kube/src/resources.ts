import type { Gvk } from './ref.ts';

/** One kind as a server serves it in one version. Source: discovery (`APIResource`). */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
}

/** What a server serves, as of one discovery. */
export interface Resources {
  /** Every kind in every served version, in the server's order of groups and versions. */
  readonly all: readonly Resource[];
  /** Groups (or `group/version`s) that discovery could not read; what they hold is unknown, not absent. */
  readonly degraded: readonly string[];
  /** The kind in this version, or in the server's preferred one when no version is given. */
  find(kind: { readonly group: string; readonly kind: string; readonly version?: string }): Resource | undefined;
  /** By plural, singular, short name or kind, as people type them: `deploy`, `deployments.apps`, `Deployment.apps`. */
  lookup(name: string): Resource | undefined;
}

export function gvkOfResource(resource: Resource): Gvk {
  return { group: resource.group, version: resource.version, kind: resource.kind };
}
