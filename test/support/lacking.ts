import { isRecord } from '@homeostat/kube';

/**
 * What of `wanted` is not in `found`, with its path; `undefined` when all of it is. Maps may hold more; lists hold as many
 * items, in this order. An asymmetric matcher of a test runner stands for what it matches.
 */
export function lacking(wanted: unknown, found: unknown, path = ''): string | undefined {
  if (isMatcher(wanted)) return wanted.asymmetricMatch(found) ? undefined : said(path, 'what its matcher takes', found);
  if (Array.isArray(wanted) && Array.isArray(found)) {
    if (wanted.length !== found.length) return said(`${path}/length`, String(wanted.length), found.length);
    return first(wanted.map((item, at) => lacking(item, found[at], `${path}/${String(at)}`)));
  }
  if (isRecord(wanted) && isRecord(found)) {
    return first(Object.entries(wanted).map(([key, value]) => lacking(value, found[key], `${path}/${key}`)));
  }
  return Object.is(wanted, found) ? undefined : said(path, JSON.stringify(wanted), found);
}

function first(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((one) => one !== undefined);
}

function said(path: string, wanted: string, found: unknown): string {
  return `${path === '' ? 'it' : path} is ${JSON.stringify(found) ?? 'absent'}, and was to be ${wanted}`;
}

interface Matcher {
  asymmetricMatch(value: unknown): boolean;
}

function isMatcher(value: unknown): value is Matcher {
  return typeof (value as Partial<Matcher> | null | undefined)?.asymmetricMatch === 'function';
}
