/**
 * An object on its way into the store: the private copy of one request, which the steps of that request (decoding,
 * defaulting, preparation) change in place. What is in the store is never a draft.
 */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: DraftMap;
  [field: string]: unknown;
}

export type DraftMap = Record<string, unknown>;

/** The map that stands at `field`, or `undefined` when something else or nothing does. */
export function mapAt(parent: DraftMap | undefined, field: string): DraftMap | undefined {
  const value = parent?.[field];
  return isMap(value) ? value : undefined;
}

/** The maps in the list that stands at `field`; none where there is no list. */
export function mapsAt(parent: DraftMap | undefined, field: string): readonly DraftMap[] {
  const value = parent?.[field];
  return Array.isArray(value) ? value.filter(isMap) : [];
}

export function listAt(parent: DraftMap | undefined, field: string): readonly unknown[] {
  const value = parent?.[field];
  return Array.isArray(value) ? value : [];
}

export function textAt(parent: DraftMap | undefined, field: string): string {
  const value = parent?.[field];
  return typeof value === 'string' ? value : '';
}

export function numberAt(parent: DraftMap | undefined, field: string): number | undefined {
  const value = parent?.[field];
  return typeof value === 'number' ? value : undefined;
}

/** Sets `field` where it is absent or null. */
export function setDefault(parent: DraftMap, field: string, value: unknown): void {
  parent[field] ??= value;
}

/** The map at `field`, made where there is none. */
export function ensureMap(parent: DraftMap, field: string): DraftMap {
  const there = mapAt(parent, field);
  if (there !== undefined) return there;
  const made: DraftMap = {};
  parent[field] = made;
  return made;
}

export function isMap(value: unknown): value is DraftMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
