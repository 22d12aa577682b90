import { isRecord } from '@homeostat/kube';

/** Readers for JSON of any shape: what is missing or of another type is `undefined`, empty, or nothing. They never throw. */

export function field(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isRecord(found)) return undefined;
    found = found[name];
  }
  return found;
}

/** `''` when there is no text. */
export function text(value: unknown, ...path: readonly string[]): string {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : '';
}

export function integer(value: unknown, ...path: readonly string[]): number | undefined {
  const found = field(value, ...path);
  if (typeof found === 'bigint') return Number(found);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** Missing counts as 0, as in kstatus. */
export function count(value: unknown, ...path: readonly string[]): number {
  return integer(value, ...path) ?? 0;
}

/** The objects of a list; anything else in it is passed over. */
export function items(value: unknown, ...path: readonly string[]): readonly Record<string, unknown>[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

/** An RFC 3339 time in milliseconds since 1970. */
export function instant(value: unknown, ...path: readonly string[]): number | undefined {
  const ms = Date.parse(text(value, ...path));
  return Number.isNaN(ms) ? undefined : ms;
}
