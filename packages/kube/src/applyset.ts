import { hash } from 'node:crypto';
import type { KubeObject, ManagedFieldsEntry } from './object.ts';
import { isRecord } from './record.ts';
import { compareText, refOf } from './ref.ts';
import type { Ref } from './ref.ts';

/** On every member: the id of its set. Source: KEP-3659. */
export const PART_OF_LABEL = 'applyset.kubernetes.io/part-of';
/** On the parent: the id of the set. Source: KEP-3659. */
export const SET_ID_LABEL = 'applyset.kubernetes.io/id';
/** On the parent: which program, in which major version, manages the set: `homeostat/v1`. Source: KEP-3659. */
export const TOOLING_ANNOTATION = 'applyset.kubernetes.io/tooling';
/** On the parent: the kinds that may have members. Source: KEP-3659. */
export const GROUP_KINDS_ANNOTATION = 'applyset.kubernetes.io/contains-group-kinds';
/** On the parent: the namespaces, beside its own, that may hold members. Source: KEP-3659. */
export const NAMESPACES_ANNOTATION = 'applyset.kubernetes.io/additional-namespaces';
/** On every member: which sync manages which object, see {@link managedAnnotation}. */
export const MANAGED_ANNOTATION = 'homeostat.dev/managed';

/** A set, named by its parent: the ConfigMap `name` in `namespace`. */
export interface SetIdentity {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

/** The id follows from the parent's name, namespace and kind, so that a copied id label can be told. Source: KEP-3659. */
export function setIdentity(namespace: string, name: string): SetIdentity {
  return { id: `applyset-${hash('sha256', `${name}.${namespace}.ConfigMap.`, 'base64url')}-v1`, namespace, name };
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export function groupKindOf({ group, kind }: GroupKind): GroupKind {
  return { group, kind };
}

/** `Deployment.apps`; `ConfigMap` in the core group. */
export function printGroupKind({ group, kind }: GroupKind): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** The inverse of {@link printGroupKind}. */
export function parseGroupKind(text: string): GroupKind {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', kind: text } : { group: text.slice(dot + 1), kind: text.slice(0, dot) };
}

/** Where members may be found. Wider than the truth at times, never narrower. */
export interface SetHints {
  readonly groupKinds: readonly GroupKind[];
  /** Without the parent's own. */
  readonly namespaces: readonly string[];
}

/** The parent's two annotations: sorted, without doubles, `''` when there is nothing to say. */
export function formatHints(hints: SetHints): Record<string, string> {
  return {
    [GROUP_KINDS_ANNOTATION]: formatList(hints.groupKinds.map(printGroupKind)),
    [NAMESPACES_ANNOTATION]: formatList(hints.namespaces),
  };
}

/** The inverse of {@link formatHints}; absent annotations are empty lists. */
export function parseHints(annotations: Readonly<Record<string, string>> | undefined): SetHints {
  return {
    groupKinds: parseList(annotations?.[GROUP_KINDS_ANNOTATION]).map(parseGroupKind),
    namespaces: parseList(annotations?.[NAMESPACES_ANNOTATION]),
  };
}

function formatList(items: readonly string[]): string {
  return [...new Set(items)].sort(compareText).join(',');
}

function parseList(text: string | undefined): readonly string[] {
  const items = (text ?? '').split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '').sort(compareText);
}

/**
 * What the annotation {@link MANAGED_ANNOTATION} says on a member: `<sync namespace>/<sync name>:<group>/<kind>:<namespace>/<name>`.
 * It tells people who manages the object, and binds the proof of ownership to this very object: a copy names another one.
 */
export function managedAnnotation(set: SetIdentity, ref: Ref): string {
  return `${syncOf(set)}:${objectOf(ref)}`;
}

function syncOf(set: SetIdentity): string {
  return `${set.namespace}/${set.name}`;
}

function objectOf(ref: Ref): string {
  return `${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`;
}

/** The object as a member of the set: with label and annotation. The same instance when it carries both already. */
export function withMembership(object: KubeObject, set: SetIdentity): KubeObject {
  const { labels, annotations } = object.metadata;
  const managed = managedAnnotation(set, refOf(object));
  if (labels?.[PART_OF_LABEL] === set.id && annotations?.[MANAGED_ANNOTATION] === managed) return object;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, [PART_OF_LABEL]: set.id },
      annotations: { ...annotations, [MANAGED_ANNOTATION]: managed },
    },
  };
}

/** The id of the set that an object says it belongs to. Only a label: proof is {@link proofOf}'s business. */
export function setOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[PART_OF_LABEL];
}

/** The field manager that applies, and the names it went by before: what those applied is ours too. */
export interface Managers {
  readonly current: string;
  readonly former: readonly string[];
}

/** Why an object is not proven to be a member. */
export type UnprovenReason =
  | 'no-label' // it says it belongs to no set
  | 'other-set' // it says it belongs to another set, or to another sync
  | 'other-object' // the annotation is missing or names another object: a copy
  | 'not-applied'; // nothing shows that one of our managers applied label and annotation

export type Proof =
  | { readonly proven: true }
  | {
      readonly proven: false;
      readonly reason: UnprovenReason;
      /** Who has it instead, as far as the object tells: a sync (`namespace/name`), a set id, or a field manager. */
      readonly owner?: string;
    };

/**
 * Whether a live object is proven to be a member of the set. Only then may it be pruned.
 *
 * 1. Its label names the set.
 * 2. Its annotation names this sync and this very object: a copy, which carries another object's annotation, fails.
 * 3. One managedFields entry of operation Apply, without subresource and by one of our managers, owns both: who writes
 *    them otherwise, or clears managedFields, undoes the proof.
 *
 * It guards against accidents, not against someone who may write managedFields. Read it only from the answer of a GET, a
 * list, or an ADDED or MODIFIED event: a DELETED event carries the old object.
 */
export function proofOf(live: KubeObject, set: SetIdentity, managers: Managers): Proof {
  const { labels, annotations, managedFields } = live.metadata;
  const label = labels?.[PART_OF_LABEL];
  const managed = annotations?.[MANAGED_ANNOTATION];
  if (label === undefined) return { proven: false, reason: 'no-label' };
  const sync = managed?.split(':', 1)[0];
  if (label !== set.id || (sync !== undefined && sync !== syncOf(set))) {
    return { proven: false, reason: 'other-set', owner: sync === undefined || sync === syncOf(set) ? label : sync };
  }
  if (managed !== managedAnnotation(set, refOf(live))) return { proven: false, reason: 'other-object' };

  const entries = managedFields ?? [];
  if (entries.some((entry) => isOurs(entry, managers) && owns(entry, LABEL_PATH) && owns(entry, ANNOTATION_PATH))) {
    return { proven: true };
  }
  const holder = entries.find((entry) => owns(entry, LABEL_PATH))?.manager;
  return { proven: false, reason: 'not-applied', ...(holder !== undefined && { owner: holder }) };
}

/** {@link proofOf} as a yes or no. */
export function isMember(live: KubeObject, set: SetIdentity, managers: Managers): boolean {
  return proofOf(live, set, managers).proven;
}

const LABEL_PATH = ['f:metadata', 'f:labels', `f:${PART_OF_LABEL}`];
const ANNOTATION_PATH = ['f:metadata', 'f:annotations', `f:${MANAGED_ANNOTATION}`];

function isOurs(entry: ManagedFieldsEntry, managers: Managers): boolean {
  const { manager, operation, subresource } = entry;
  if (operation !== 'Apply' || (subresource !== undefined && subresource !== '') || manager === undefined) return false;
  return manager === managers.current || managers.former.includes(manager);
}

function owns(entry: ManagedFieldsEntry, path: readonly string[]): boolean {
  let node: unknown = entry.fieldsV1;
  for (const element of path) {
    if (!isRecord(node) || !Object.hasOwn(node, element)) return false;
    node = node[element];
  }
  return true;
}
