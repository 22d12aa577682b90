import type { KubeObject } from '@homeostat/kube';
import type { FieldSet, PatchType, TypeUse } from '@homeostat/merge';
import type { BodyNotes } from '../decode/parse-body.ts';
import type { Draft } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import type { StrategyContext, Strategy } from '../strategy.ts';
import type { CustomResource, CustomVersion } from '../custom/custom-resource.ts';
import type { KindTable } from '../table/table.ts';

/**
 * One resource in one version, as it is served: everything the verbs need to know about a kind. Built-in kinds come from
 * data (`builtin-resources.ts`), others from their CustomResourceDefinition (`custom-resources.ts`).
 */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  /** `group/version`, or the version of the core group. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: ReadonlySet<string>;
  readonly subresources: ReadonlyMap<string, ServedSubresource>;
  /** Where the store keeps its objects; shared by the versions, and by both groups of Event. */
  readonly shelf: string;
  readonly tracksGeneration: boolean;
  readonly needsResourceVersion: boolean;
  readonly createsOnUpdate: boolean;
  readonly deleteAnswer: 'status' | 'object';
  /** Of the field selectors that the kind knows, besides metadata.name and metadata.namespace. */
  readonly fieldLabels: readonly string[];
  /** How an unknown field label is refused: `labels`: with those that are known. */
  readonly fieldLabelError: 'labels' | 'plain';
  readonly strategy: Strategy;
  /** What is wrong with the metadata of a new object. */
  readonly validateMetaCreate: (draft: Readonly<Draft>) => readonly FieldError[];
  readonly validateMetaUpdate: (draft: Readonly<Draft>, old: Readonly<Draft>) => readonly FieldError[];
  /** Reads a body of this version. @throws {ApiError | DecodeError} */
  readonly decode: (value: unknown, notes?: BodyNotes) => Decoded;
  /** Reads what a patch made of an object. @throws {ApiError | DecodeError} */
  readonly readPatched: (value: unknown, kind: PatchKind) => Decoded;
  /**
   * Reads what server-side apply made of an object, changing it: nothing of it goes, and a null that has no place there is
   * for validation to refuse.
   */
  readonly readMerged: (value: Readonly<Record<string, unknown>>) => Draft;
  /** What an empty body of this version decodes to: see `FieldTracking.empty`. */
  readonly empty: Readonly<Record<string, unknown>>;
  /** From this version to the one in which the strategy works: the stored one of built-in kinds, a custom kind's own. */
  readonly toWorking: (object: Draft) => Draft;
  /** What is stored, in the version in which the strategy works. The same instance where they are one. */
  readonly workingOf: (object: KubeObject) => KubeObject;
  /** From the version in which the strategy works to the stored one. */
  readonly toStored: (object: Draft) => Draft;
  /** From the stored version to this one. The same instance where they are one. */
  readonly fromStored: (object: KubeObject) => KubeObject;
  /** A type for server-side apply; `undefined` for a version that the kind does not have. */
  readonly typeOf: (apiVersion: string) => TypeUse | undefined;
  readonly convert: (
    object: Readonly<Record<string, unknown>>,
    apiVersion: string,
  ) => Readonly<Record<string, unknown>> | undefined;
  readonly resetFields: (subresource: string) => FieldSet | undefined;
  /** For strategic merge patches; custom resources have none. */
  readonly patchType: PatchType | undefined;
  readonly table: KindTable;
  /** What it is made of, where it is no built-in one. */
  readonly custom: { readonly resource: CustomResource; readonly version: CustomVersion } | undefined;
  /** Text of the Warning that every answer about it carries. */
  readonly deprecation: string | undefined;
}

export interface ServedSubresource {
  readonly name: string;
  readonly verbs: ReadonlySet<string>;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export type PatchKind = 'json' | 'merge' | 'strategic';

export interface Decoded {
  readonly object: Draft;
  /** `unknown field "spec.foo"`, `duplicate field "data.a"`, in the order of Kubernetes. */
  readonly strictErrors: readonly string[];
}

/** One way of writing an object: the main endpoint, `/status`, or another subresource that takes the whole object. */
export interface UpdateEndpoint {
  /** `''` is the main one. */
  readonly subresource: string;
  readonly prepareUpdate: (draft: Draft, old: Readonly<Draft>, context: StrategyContext) => void;
  readonly validateUpdate: (draft: Readonly<Draft>, old: Readonly<Draft>) => readonly FieldError[];
  readonly bumpsGeneration: boolean;
  readonly resetFields: FieldSet | undefined;
}

/** A group-kind as messages name it. */
export function kindOf(resource: ServedResource): { readonly group: string; readonly name: string } {
  return { group: resource.group, name: resource.kind };
}

/** The group-kind that a refusal names: of a custom resource what the body says it is; Events have no group there. */
export function saidKind(
  resource: ServedResource,
  draft: Readonly<Draft>,
): { readonly group: string; readonly name: string } {
  if (resource.kind === 'Event' && resource.group === 'events.k8s.io') return { group: '', name: 'Event' };
  if (resource.custom === undefined) return kindOf(resource);
  const { apiVersion, kind } = draft;
  return { group: apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '', name: kind };
}

/** A group-resource as messages name it. */
export function pluralOf(resource: ServedResource): { readonly group: string; readonly name: string } {
  return { group: resource.group, name: resource.plural };
}
