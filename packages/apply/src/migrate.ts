import type { JsonPatchOperation, KubeObject, ManagedFieldsEntry, Managers } from '@homeostat/kube';
import { inheritedManagers } from './conflicts.ts';
import type { ConflictPolicy } from './conflicts.ts';
import { difference, emptySet, equalSets, isEmpty, parseFieldsV1, toFieldsV1, union } from '@homeostat/merge';
import type { FieldSet } from '@homeostat/merge';
import { BEFORE_FIRST_APPLY } from './conflicts.ts';
import { isMark } from './tools.ts';

/** Where `kubectl apply` keeps the whole manifest, Secrets included. */
const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

export interface Migration {
  readonly operations: readonly JsonPatchOperation[];
  /** Whose fields it moves. */
  readonly managers: readonly string[];
}

/**
 * The patch that makes ours what others applied before us, so that what Git drops goes away although they had it too. The next
 * apply then removes what it does not name. `undefined` when there is nothing to do.
 *
 * 1. Fields of `inherited` managers (any operation) and of our own former names are added to our entry, theirs goes away. Only if
 *    it speaks the same version: the sets of two versions cannot be added up.
 * 2. `before-first-apply` only loses what we own too. It holds all that was there, a bound claim's volume and the server's
 *    finalizers included: taking that over would have the next apply remove it.
 * 3. Fields written through a subresource are never touched.
 * 4. The last-applied annotation goes away, and the `marks` by which former owners knew the object, unless the payload itself
 *    names them. Whoever looks for its own no longer finds this one.
 * 5. It carries the resourceVersion, so it fails with `STALE` when the object has moved.
 */
export function migrationOf(
  live: KubeObject,
  payload: KubeObject,
  managers: Managers,
  inherited: readonly string[],
  marks: readonly string[] = [],
): Migration | undefined {
  const entries = live.metadata.managedFields ?? [];
  const own = entries.find((entry) => isOwn(entry, managers));
  const version = own?.apiVersion ?? payload.apiVersion;
  const takenOver = entries.filter(
    (entry) => entry !== own && entry.apiVersion === version && isInherited(entry, managers, inherited),
  );
  const ours = takenOver.reduce((set, entry) => union(set, setOf(entry)), own === undefined ? emptySet : setOf(own));
  const shared = inherited.includes(BEFORE_FIRST_APPLY)
    ? entries.filter((entry) => isBeforeFirstApply(entry) && entry.apiVersion === version && overlaps(entry, ours))
    : [];
  const foreign = inherited.length === 0 ? [] : foreignMarks(live, payload, [LAST_APPLIED_ANNOTATION, ...marks]);
  if (takenOver.length === 0 && shared.length === 0 && foreign.length === 0) return undefined;

  const operations: JsonPatchOperation[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
  ];
  if (takenOver.length > 0 || shared.length > 0) {
    const rest = entries
      .filter((entry) => entry !== own && !takenOver.includes(entry))
      .flatMap((entry) => (shared.includes(entry) ? without(entry, ours) : [entry]));
    const mine = isEmpty(ours) ? [] : [ownEntry(own, managers, version, ours)];
    operations.push({ op: 'replace', path: '/metadata/managedFields', value: [...mine, ...rest] });
  }
  operations.push(...foreign.map((path) => ({ op: 'remove' as const, path })));
  const names = [...takenOver, ...shared].map(({ manager = '' }) => manager);
  return { operations, managers: [...new Set(names)].sort() };
}

/**
 * Whether an apply has something to take over, although the object may be as desired: an engine may have been killed between its apply
 * and the patch that takes over, and who applied before may come back. Pure.
 */
export function isMigrationDue(
  live: KubeObject,
  payload: KubeObject,
  managers: Managers,
  policy: ConflictPolicy,
): boolean {
  return migrationOf(live, payload, managers, inheritedManagers(policy), policy.marks) !== undefined;
}

/** JSON pointers to the labels and annotations of former owners that the payload does not name. */
function foreignMarks(live: KubeObject, payload: KubeObject, marks: readonly string[]): readonly string[] {
  return (['labels', 'annotations'] as const).flatMap((field) => {
    const wanted = payload.metadata[field] ?? {};
    return Object.keys(live.metadata[field] ?? {})
      .filter((key) => isMark(key, marks) && !Object.hasOwn(wanted, key))
      .toSorted()
      .map((key) => `/metadata/${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  });
}

function isOwn({ manager, operation, subresource }: ManagedFieldsEntry, managers: Managers): boolean {
  return manager === managers.current && operation === 'Apply' && !subresource;
}

function isInherited(entry: ManagedFieldsEntry, managers: Managers, inherited: readonly string[]): boolean {
  const { manager, operation, subresource } = entry;
  if (manager === undefined || subresource || manager === BEFORE_FIRST_APPLY) return false;
  return inherited.includes(manager) || (operation === 'Apply' && managers.former.includes(manager));
}

function isBeforeFirstApply({ manager, subresource }: ManagedFieldsEntry): boolean {
  return manager === BEFORE_FIRST_APPLY && !subresource;
}

function setOf(entry: ManagedFieldsEntry): FieldSet {
  return parseFieldsV1(entry.fieldsV1);
}

function overlaps(entry: ManagedFieldsEntry, ours: FieldSet): boolean {
  const set = setOf(entry);
  return !equalSets(difference(set, ours), set);
}

function without(entry: ManagedFieldsEntry, ours: FieldSet): readonly ManagedFieldsEntry[] {
  const rest = difference(setOf(entry), ours);
  return isEmpty(rest) ? [] : [{ ...entry, fieldsV1: toFieldsV1(rest) }];
}

function ownEntry(
  own: ManagedFieldsEntry | undefined,
  managers: Managers,
  apiVersion: string,
  set: FieldSet,
): ManagedFieldsEntry {
  const entry = own ?? { manager: managers.current, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1' };
  return { ...entry, fieldsV1: toFieldsV1(set) };
}
