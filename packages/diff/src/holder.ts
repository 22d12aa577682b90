import { compareText } from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry, Managers } from '@homeostat/kube';
import { elementText, emptySet, parseFieldsV1 } from '@homeostat/merge';
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

/** Whom to name for a path: who owns it, or an atomic value around it, or else something beneath it; the latest of several. */
export function createHolders(live: KubeObject, managers: Managers): (path: Path) => Holder | undefined {
  const others = (live.metadata.managedFields ?? [])
    .filter((entry) => entry !== entryOf(live, managers.current) && entry.manager !== undefined)
    .map((entry) => ({ entry, set: setOfEntry(entry) }))
    .sort((a, b) => compareText(b.entry.time ?? '', a.entry.time ?? ''));
  return (path) => {
    const claims = others.map(({ entry, set }) => ({ entry, claim: set === undefined ? 'none' : claimOn(set, path) }));
    const found = claims.find(({ claim }) => claim === 'owned') ?? claims.find(({ claim }) => claim === 'beneath');
    return found && holderOf(found.entry);
  };
}

function claimOn(set: FieldSet, path: Path): 'owned' | 'beneath' | 'none' {
  let level = set;
  let member = false;
  for (const element of path) {
    const entry = level.entries.get(elementText(element));
    // A member without children is atomic, or a scalar: it owns all that lies in it.
    if (entry === undefined) return member && level.entries.size === 0 ? 'owned' : 'none';
    ({ member, children: level } = entry);
  }
  return member ? 'owned' : 'beneath';
}

function holderOf({ manager, operation, time, subresource }: ManagedFieldsEntry): Holder {
  return {
    manager: manager ?? '',
    operation: operation ?? 'Update',
    ...(time !== undefined && { time }),
    ...(subresource !== undefined && subresource !== '' && { subresource }),
  };
}
