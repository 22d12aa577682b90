import { createHmac } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { isRecord } from './record.ts';

/** Where a value stands: field names and list positions; `'*'` stands for every field and every item. */
export type JsonPath = readonly (string | number)[];

/** Annotations in which kubectl, kapp and Rancher keep a copy of the whole object. */
const COPIES: readonly JsonPath[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kapp.k14s.io/original',
  'objectset.rio.cattle.io/applied',
].map((annotation) => ['metadata', 'annotations', annotation]);

/** What a Secret may show. A list of what it must hide would miss `stringdata` and whatever comes next. */
const OPEN_SECRET_FIELDS = ['apiVersion', 'kind', 'metadata', 'type', 'immutable'];

/**
 * The places in an object whose values are secret: everything in a Secret but its metadata, type and `immutable` (value by
 * value, so that keys can be shown), and the annotations in which tools keep a copy of the whole. Lists of objects are
 * looked through. managedFields hold names of fields, no values of a Secret.
 */
export function sensitivePaths(object: unknown): readonly JsonPath[] {
  if (!isRecord(object)) return [];
  const { kind, items } = object;
  if (Array.isArray(items) && typeof kind === 'string' && kind.endsWith('List')) {
    const secrets = kind === 'SecretList';
    return items.flatMap((item, i) =>
      (secrets ? secretPaths(item) : sensitivePaths(item)).map((path) => ['items', i, ...path]),
    );
  }
  return kind === 'Secret' && !isForeign(object['apiVersion']) ? secretPaths(object) : [];
}

/** Of a group with a domain. A Secret whose apiVersion is missing or misspelt is a Secret that somebody meant to write. */
function isForeign(apiVersion: unknown): boolean {
  return typeof apiVersion === 'string' && /^[^/]*\.[^/]*\//.test(apiVersion);
}

function secretPaths(secret: unknown): readonly JsonPath[] {
  if (!isRecord(secret)) return [];
  const paths = Object.keys(secret)
    .filter((field) => !OPEN_SECRET_FIELDS.includes(field) && secret[field] !== null)
    .flatMap((field): JsonPath[] => {
      const value = secret[field];
      return isRecord(value) ? Object.keys(value).map((key) => [field, key]) : [[field]];
    });
  return [...paths, ...COPIES];
}

/**
 * A copy of a value that can be shown to anyone: `<redacted>` at the {@link sensitivePaths} and at `paths`. With a key it
 * is `<redacted 1f0c9a2b>`: equal secrets show equal digests under one key, and nothing else can be learned from them.
 *
 * The same instance when there is nothing to hide; unchanged parts are shared.
 */
export function printable<T>(object: T, paths: readonly JsonPath[] = [], key?: Uint8Array): T {
  return hiddenPaths(object, paths).reduce<unknown>(
    (value, path) => updateAll(value, path, (secret) => redact(secret, key)),
    object,
  ) as T;
}

/** Where an object holds secrets, given that it does so at `paths` too: the copies in annotations hold those as well. */
export function hiddenPaths(object: unknown, paths: readonly JsonPath[]): readonly JsonPath[] {
  return [...sensitivePaths(object), ...(paths.length === 0 ? [] : [...paths, ...COPIES])];
}

/** The digest that a secret shows under a key. */
export function redact(secret: unknown, key: Uint8Array | undefined): string {
  if (key === undefined) return '<redacted>';
  const text = typeof secret === 'string' ? secret : canonicalJson(secret);
  return `<redacted ${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)}>`;
}

/** Every value at a path; none where it leads nowhere. */
export function valuesAt(value: unknown, path: JsonPath): readonly unknown[] {
  const [head, ...rest] = path;
  if (head === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (head === '*') return Object.values(value).flatMap((item) => valuesAt(item, rest));
  return Object.hasOwn(value, head) ? valuesAt((value as Record<string | number, unknown>)[head], rest) : [];
}

/** Replaces every value at a path, sharing everything else; nothing happens where it leads nowhere. */
function updateAll(value: unknown, path: JsonPath, update: (value: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return update(value);
  const concerns = (field: string | number) => head === '*' || String(head) === String(field);
  if (Array.isArray(value)) {
    const items = value.map((item, i): unknown => (concerns(i) ? updateAll(item, rest, update) : item));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (!isRecord(value) || (head !== '*' && !Object.hasOwn(value, head))) return value;
  const fields = Object.entries(value).map(
    ([field, item]) => [field, concerns(field) ? updateAll(item, rest, update) : item] as const,
  );
  return fields.some(([field, item]) => item !== value[field]) ? Object.fromEntries(fields) : value;
}
