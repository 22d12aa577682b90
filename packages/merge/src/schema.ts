import { fieldElement } from './path.ts';
import type { PathElement } from './path.ts';

/**
 * How values of one type are merged: what a scalar, a list and a map of it are. A type may allow several; the value's
 * shape then picks one. At least one is there.
 *
 * Source: structured-merge-diff, `schema.Atom`.
 */
export interface Atom {
  readonly scalar?: ScalarKind;
  readonly list?: ListAtom;
  readonly map?: MapAtom;
}

export type ScalarKind = 'numeric' | 'string' | 'boolean' | 'untyped';

export interface ListAtom {
  /** Atomic: one value, owned whole. Associative: items are owned one by one, named by `keys`, or by themselves (a set). */
  readonly relationship: 'atomic' | 'associative';
  /** None in a set. */
  readonly keys: readonly string[];
  readonly element: TypeUse;
}

export interface MapAtom {
  readonly relationship: 'atomic' | 'separable';
  readonly fields: ReadonlyMap<string, Field>;
  /** The type of entries that are not among `fields`; without it there may be none. */
  readonly element?: TypeUse;
  /** Whether this is the map of {@link deducedType}: nothing is known of it, so it never was of another kind. */
  readonly deduced: boolean;
}

export interface Field {
  readonly element: PathElement;
  /** `f:name`, made once. */
  readonly text: string;
  readonly type: TypeUse;
  /** What an item lacks that is named by this field. */
  readonly keyDefault?: unknown;
}

/** A type where it is used. Resolved on first use and then kept, so that types may contain themselves. */
export interface TypeUse {
  readonly atom: () => Atom;
}

/** Named types, each resolved when it is first used, and once. */
export interface Schema {
  readonly find: (name: string) => TypeUse | undefined;
}

export function lazyType(resolve: () => Atom): TypeUse {
  let atom: Atom | undefined;
  return { atom: () => (atom ??= resolve()) };
}

export function field(name: string, type: TypeUse, keyDefault?: unknown): Field {
  return { element: fieldElement(name), text: `f:${name}`, type, ...(keyDefault !== undefined && { keyDefault }) };
}

/** A type of which nothing is known and which is owned whole. */
export const atomicType: TypeUse = lazyType(() => ({
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], element: atomicType },
  map: { relationship: 'atomic', fields: new Map(), element: atomicType, deduced: false },
}));

/** A type of which nothing is known: maps are merged entry by entry, lists are owned whole. */
export const deducedType: TypeUse = lazyType(() => ({
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], element: atomicType },
  map: { relationship: 'separable', fields: new Map(), element: deducedType, deduced: true },
}));

/** The type `name` of a schema, or `undefined` when it has none of that name. */
export function typeOf(schema: Schema, name: string): TypeUse | undefined {
  return schema.find(name);
}
