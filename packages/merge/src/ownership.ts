import { compareObjects } from './compare.ts';
import type { Comparison } from './compare.ts';
import { MergeError } from './error.ts';
import { difference, emptySet, fieldSet, intersection, isEmpty, recursiveDifference, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { withSet } from './managers.ts';
import type { Manager, Managers } from './managers.ts';
import { fieldElement } from './path.ts';
import type { TypeUse } from './schema.ts';
import type { FieldTracking } from './tracking.ts';
import { reconcileSet } from './typed-set.ts';

/** An object and its type in one version. */
export interface Versioned {
  readonly object: JsonObject;
  readonly type: TypeUse;
}

/** An object in a version; `undefined` when that version is not known. */
export function inVersion(object: JsonObject, version: string, tracking: FieldTracking): Versioned | undefined {
  const type = tracking.typeOf(version);
  if (type === undefined) return undefined;
  const converted = textAt(object, 'apiVersion') === version ? object : tracking.convert(object, version);
  return converted === undefined ? undefined : { object: converted, type };
}

/** What nobody owns: the identity of an object and what only the server writes. */
export const UNOWNED: FieldSet = fieldSet([
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [fieldElement('metadata'), fieldElement(name)]),
]);

/** What an update to `next` did, by version, each compared once; fields that the endpoint resets are left out. */
export interface Changes {
  /** `undefined` for a version that is not known. */
  readonly in: (version: string) => (Comparison & { readonly written: FieldSet }) | undefined;
}

export function changesOf(live: JsonObject, next: JsonObject, tracking: FieldTracking): Changes {
  const known = new Map<string, ReturnType<Changes['in']>>();
  const compare = (version: string): ReturnType<Changes['in']> => {
    const from = inVersion(live, version, tracking);
    const to = inVersion(next, version, tracking);
    if (from === undefined || to === undefined) return undefined;
    const reset = tracking.resetFields?.(version) ?? emptySet;
    const compared = compareObjects(from.object, to.object, from.type);
    const added = without(compared.added, reset);
    const modified = without(compared.modified, reset);
    const removed = without(compared.removed, reset);
    return { added, modified, removed, written: union(modified, added) };
  };
  return {
    in: (version) => {
      if (!known.has(version)) known.set(version, compare(version));
      return known.get(version);
    },
  };
}

/** A set without others and all that lies beneath them; the same instance when there is nothing to take away. */
export function without(set: FieldSet, taken: FieldSet): FieldSet {
  return isEmpty(taken) || isEmpty(set) ? set : recursiveDifference(set, taken);
}

/**
 * Managers as today's types would have them: see {@link reconcileSet}. Those of a version that is not known are dropped.
 *
 * @throws {MergeError} `INVALID_FIELDS` for a version that is none.
 */
export function reconcileManagers(managers: Managers, { typeOf }: FieldTracking): Map<string, Manager> {
  const reconciled = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    if (manager.apiVersion.split('/').length > 2) throw malformedVersion(manager);
    const type = typeOf(manager.apiVersion);
    if (type !== undefined) reconciled.set(id, withSet(manager, reconcileSet(manager.set, type)));
  }
  return reconciled;
}

function malformedVersion({ name, apiVersion }: Manager): MergeError {
  const message = `unexpected GroupVersion string: ${apiVersion}`;
  return new MergeError('INVALID_FIELDS', `${message} (manager ${JSON.stringify(name)} in managedFields)`);
}

/** What of each other manager's fields the changes write to: what an apply without force refuses. */
export function conflictsWith(managers: Managers, me: string, changes: Changes): Map<string, FieldSet> {
  const conflicts = new Map<string, FieldSet>();
  for (const [id, { apiVersion, set }] of managers) {
    const written = id === me ? undefined : changes.in(apiVersion)?.written;
    if (written === undefined || isEmpty(written)) continue;
    const conflict = intersection(set, written);
    if (!isEmpty(conflict)) conflicts.set(id, conflict);
  }
  return conflicts;
}

/**
 * The managers after a change by `me`: others lose what it wrote to and what it removed; who has nothing left, or is of a
 * version that is not known, is dropped.
 */
export function takeFromOthers(managers: Managers, me: string, changes: Changes): Map<string, Manager> {
  const left = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    const changed = changes.in(manager.apiVersion);
    if (id === me) left.set(id, manager);
    else if (changed !== undefined)
      left.set(id, withSet(manager, less(less(manager.set, changed.written), changed.removed)));
  }
  for (const [id, { set }] of left) if (isEmpty(set)) left.delete(id);
  return left;
}

/** The difference; the same instance when there is none. */
function less(set: FieldSet, taken: FieldSet): FieldSet {
  return isEmpty(taken) || isEmpty(intersection(set, taken)) ? set : difference(set, taken);
}

/** @throws {MergeError} `UNKNOWN_TYPE`. */
export function typeIn(version: string, { typeOf }: FieldTracking): TypeUse {
  const type = typeOf(version);
  if (type !== undefined) return type;
  throw new MergeError('UNKNOWN_TYPE', `no type for apiVersion ${JSON.stringify(version)}: typeOf must know it`);
}

/** `namespace/name; group/version, Kind=kind`, as the API server names an object in its messages. */
export function describe(object: JsonObject, namespace: string, name: string): string {
  const apiVersion = textAt(object, 'apiVersion');
  const groupVersion = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  return `${namespace}/${name}; ${groupVersion}, Kind=${textAt(object, 'kind')}`;
}
