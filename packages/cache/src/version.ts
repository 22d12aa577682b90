const INTEGER = /^[0-9]+$/;

/**
 * Compares two resourceVersions of one kind, which are decimal integers of any length (KEP-5504). `undefined` when one of
 * them is none: an aggregated API server may still make its own.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (!INTEGER.test(a) || !INTEGER.test(b)) return a === b ? 0 : undefined;
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** Whether a state at `version` tells everything up to `other`. Never of versions that cannot be compared. */
export function reaches(version: string | undefined, other: string): boolean {
  if (version === undefined) return false;
  const order = compareVersions(version, other);
  return order !== undefined && order >= 0;
}
