import { isRecord } from './json.ts';
import type { Atom, ListAtom, MapAtom, TypeUse } from './schema.ts';
import { deducedType } from './schema.ts';

/** How a value is handled. `any`: null where the type allows several shapes; it is handled as the first of them. */
export type Kind = 'scalar' | 'list' | 'map' | 'any';

/** Which of its type's shapes a value has. One that fits none is handled as if it were of the first. */
export function kindOf(atom: Atom, value: unknown): Kind {
  const only = onlyKind(atom);
  if (only !== undefined) return only;
  if (isRecord(value)) return atom.map === undefined ? 'any' : 'map';
  if (Array.isArray(value)) return atom.list === undefined ? 'any' : 'list';
  return value === null || value === undefined || atom.scalar === undefined ? 'any' : 'scalar';
}

function onlyKind({ scalar, list, map }: Atom): Kind | undefined {
  if (map !== undefined) return scalar === undefined && list === undefined ? 'map' : undefined;
  if (scalar !== undefined) return list === undefined ? 'scalar' : undefined;
  return 'list';
}

/** The map to handle a value of this kind with, if it is one. */
export function mapFor(atom: Atom, kind: Kind): MapAtom | undefined {
  return kind === 'map' || kind === 'any' ? atom.map : undefined;
}

/** The list to handle a value of this kind with, if it is one. */
export function listFor(atom: Atom, kind: Kind): ListAtom | undefined {
  const isList = kind === 'list' || (kind === 'any' && atom.map === undefined && atom.scalar === undefined);
  return isList ? atom.list : undefined;
}

/**
 * The type of a map's entry. Objects are validated before they are walked, so an undeclared one cannot be here; were it,
 * it would be owned entry by entry.
 */
export function entryType(map: MapAtom, name: string): TypeUse {
  return map.fields.get(name)?.type ?? map.element ?? deducedType;
}
