/** What Kubernetes serves by itself, as its own API server tells. */
export interface KubeData {
  /** As `v1.37.2`. */
  readonly version: string;
  /**
   * Component name of the OpenAPI v3 documents (`io.k8s.api.core.v1.Pod`) → its schema without descriptions. A component is
   * the same in every document; DeleteOptions and WatchEvent list the group-version-kinds of all documents.
   */
  readonly schemas: Readonly<Record<string, OpenApiSchema>>;
  /** Component name → field → how Kubernetes' own decoder and encoder treat it: read one with `goField`. */
  readonly goFields: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** In the order of discovery: the core group first, then by priority. */
  readonly groupVersions: readonly GroupVersionData[];
}

/** A schema as OpenAPI v3 documents of Kubernetes have it. Properties not named here do not occur. */
export interface OpenApiSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  /** `int32`, `int64`, `double`, `byte`, `date-time`, `int-or-string`. */
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema;
  readonly items?: OpenApiSchema;
  /** `#/components/schemas/NAME`. */
  readonly $ref?: string;
  /** One reference: the form of a reference that carries something else beside it. */
  readonly allOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKindData[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-unions'?: readonly unknown[];
}

export interface GroupVersionKindData {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface GroupVersionData {
  /** `''` is the core group. */
  readonly group: string;
  readonly version: string;
  /** By plural. */
  readonly resources: readonly ResourceData[];
}

export interface ResourceData {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly storageVersionHash?: string;
  /** Component name of its schema. */
  readonly schema: string;
  /** By name. */
  readonly subresources: readonly SubresourceData[];
  /** Of its Table; none where it cannot be listed. */
  readonly columns: readonly ColumnData[];
  /** Objects carry `metadata.generation`, 1 at first. */
  readonly tracksGeneration: boolean;
  /** A PUT without resourceVersion is refused with 422. */
  readonly needsResourceVersion: boolean;
  /** A PUT to a name that is not there creates. */
  readonly createsOnUpdate: boolean;
  /** What a DELETE that removes at once answers. (One that marks for deletion answers the object.) */
  readonly deleteAnswer: 'status' | 'object';
  /** Field selectors take these labels; absent: metadata.name, and metadata.namespace where it is namespaced. */
  readonly fieldLabels?: readonly string[];
}

export interface SubresourceData extends GroupVersionKindData {
  readonly name: string;
  readonly verbs: readonly string[];
}

/** A column of a Table. */
export interface ColumnData {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** 0 is shown always, more only on demand (`kubectl get -o wide`). */
  readonly priority: number;
  readonly description: string;
}
