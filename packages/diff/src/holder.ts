import { compareText } from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry, Managers } from '@homeostat/kube';
import { elementText, emptySet, isEmpty, parseFieldsV1, union } from '@homeostat/merge';
import type { FieldSet, Path } from '@homeostat/merge';
import type { Holder } from './change.ts';

/** Our own claim on a live object: the entry that our server-side applies write. Those of subresources are others'. */
export function entryOf(live: KubeObject, manager: string): ManagedFieldsEntry | undefined {
  const entries = live.metadata.managedFields;
  return entries?.find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && (entry.subresource ?? '') === '',
  );
}

/** The set of an entry; `undefined` when it cannot be read (the server writes no such entry). */
export function setOfEntry(entry: ManagedFieldsEntry): FieldSet | undefined {
  try {
    return parseFieldsV1(entry.fieldsV1);
  } catch {
    return undefined;
  }
}

/** What a manager owns of a live object, in the object's version; nothing where that cannot be told. */
export function ownedBy(live: KubeObject, manager: string): FieldSet {
  const entry = entryOf(live, manager);
  return (entry?.apiVersion === live.apiVersion && entry && setOfEntry(entry)) || emptySet;
}

/** What a manager owns of a live object by any operation, but for subresources; in the object's version. */
export function writtenBy(live: KubeObject, manager: string): FieldSet {
  const entries = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.manager === manager && entry.apiVersion === live.apiVersion && (entry.subresource ?? '') === '',
  );
  return entries.reduce((set, entry) => union(set, setOfEntry(entry) ?? emptySet), emptySet);
}

/** The claims of everybody else on a live object. Read when first asked: settled objects never ask. */
export interface Others {
  /** Whom to name for a path: who owns it, or an atomic value around it, or else something beneath it; the latest of several. */
  holderOf(path: Path): Holder | undefined;
  /** Whether someone owns a map or list here as one value. */
  holdWhole(path: Path): boolean;
}

export function othersOn(live: KubeObject, managers: Managers): Others {
  let read: readonly Claims[] | undefined;
  const claims = (): readonly Claims[] => (read ??= readClaims(live, managers));
  return {
    holderOf(path) {
      const made = claims().map(({ entry, set }) => ({ entry, claim: claimOn(set, path) }));
      const found =
        made.find(({ claim }) => claim === 'whole' || claim === 'owned') ??
        made.find(({ claim }) => claim === 'beneath');
      return found && holderOf(found.entry);
    },
    holdWhole: (path) => claims().some(({ set }) => claimOn(set, path) === 'whole'),
  };
}

interface Claims {
  readonly entry: ManagedFieldsEntry;
  readonly set: FieldSet;
}

function readClaims(live: KubeObject, managers: Managers): readonly Claims[] {
  const ours = entryOf(live, managers.current);
  return (live.metadata.managedFields ?? [])
    .filter((entry) => entry !== ours && entry.manager !== undefined)
    .map((entry) => ({ entry, set: setOfEntry(entry) ?? emptySet }))
    .sort((a, b) => compareText(b.entry.time ?? '', a.entry.time ?? ''));
}

/** `whole`: the path itself, with nothing beneath it. */
export function claimOn(set: FieldSet, path: Path): 'whole' | 'owned' | 'beneath' | 'none' {
  let level = set;
  let member = false;
  for (const element of path) {
    const entry = level.entries.get(elementText(element));
    // A member without children is atomic, or a scalar: it owns all that lies in it.
    if (entry === undefined) return member && isEmpty(level) ? 'owned' : 'none';
    ({ member, children: level } = entry);
  }
  if (!member) return isEmpty(level) ? 'none' : 'beneath';
  return isEmpty(level) ? 'whole' : 'owned';
}

export function holderOf({ manager, operation, time, subresource }: ManagedFieldsEntry): Holder {
  return {
    manager: manager ?? '',
    operation: operation ?? 'Update',
    ...(time !== undefined && { time }),
    ...(subresource !== undefined && subresource !== '' && { subresource }),
  };
}
