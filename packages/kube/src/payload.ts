import { gvkOf } from './ref.ts';
import type { KubeObject } from './object.ts';
import { isRecord } from './record.ts';

/** Set by the server alone; in an apply they would fail, or be preconditions that nobody meant. */
const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** Where Go programs leave `metadata.creationTimestamp: null` behind when they print a template. */
const TEMPLATES: readonly (readonly string[])[] = [
  ['spec', 'template'],
  ['spec', 'jobTemplate'],
  ['spec', 'jobTemplate', 'spec', 'template'],
];

/**
 * What an apply sends for a desired object, and what the live object is compared with: the object without what only the
 * server says, and in the form in which the server keeps it.
 *
 * 1. `status` and the server's metadata are gone, and `creationTimestamp: null` in pod, job and claim templates.
 * 2. A Secret's `stringData` is folded into `data` (it wins, as on the server): applied as it is, `data` would be owned
 *    by nobody, and a key removed later would stay for ever.
 * 3. In ConfigMaps and Secrets a null value is `''`; base64 values have no line breaks.
 *
 * Pure. The same instance comes back when there is nothing to change, and unchanged parts are shared. Data of the wrong
 * shape (a number under `stringData`) stays as it is, so that the server can refuse it in its own words.
 */
export function payloadOf(object: KubeObject): KubeObject {
  return foldData(withoutTemplateTimestamps(withoutServerFields(object)));
}

function withoutServerFields(object: KubeObject): KubeObject {
  const metadata = without(object.metadata, SERVER_METADATA);
  const rest = without(object, ['status']);
  return metadata === object.metadata ? rest : { ...rest, metadata };
}

function without<T extends object>(record: T, keys: readonly string[]): T {
  if (!keys.some((key) => Object.hasOwn(record, key))) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key))) as T;
}

function withoutTemplateTimestamps(object: KubeObject): KubeObject {
  let cleaned = object;
  for (const path of TEMPLATES) cleaned = updateAt(cleaned, path, withoutNullTimestamp) as KubeObject;
  return updateAt(cleaned, ['spec', 'volumeClaimTemplates'], (claims) =>
    Array.isArray(claims) ? mapShared(claims, withoutNullTimestamp) : claims,
  ) as KubeObject;
}

function withoutNullTimestamp(template: unknown): unknown {
  return updateAt(template, ['metadata'], (metadata) =>
    isRecord(metadata) && metadata['creationTimestamp'] === null ? without(metadata, ['creationTimestamp']) : metadata,
  );
}

/** Replaces the value at a path, sharing everything else; nothing happens where the path leads nowhere. */
function updateAt(value: unknown, path: readonly string[], update: (value: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return update(value);
  if (!isRecord(value) || !Object.hasOwn(value, head)) return value;
  const updated = updateAt(value[head], rest, update);
  return updated === value[head] ? value : { ...value, [head]: updated };
}

function mapShared(list: readonly unknown[], map: (value: unknown) => unknown): readonly unknown[] {
  const mapped = list.map(map);
  return mapped.some((value, i) => value !== list[i]) ? mapped : list;
}

function foldData(object: KubeObject): KubeObject {
  const { group, kind } = gvkOf(object);
  if (group !== '') return object;
  if (kind === 'Secret') return normalizeMap(foldStringData(object), 'data', unbrokenBase64);
  if (kind !== 'ConfigMap') return object;
  return normalizeMap(normalizeMap(object, 'data', nullToEmpty), 'binaryData', unbrokenBase64);
}

function foldStringData(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (stringData === null) return rest as KubeObject;
  const data = object['data'] ?? {};
  if (!isRecord(stringData) || !isRecord(data)) return object;
  const entries = Object.entries(stringData);
  if (!entries.every(([, value]) => value === null || typeof value === 'string')) return object;
  const encoded = entries.map(([key, value]) => [key, Buffer.from((value ?? '') as string, 'utf8').toString('base64')]);
  return { ...rest, data: { ...data, ...(Object.fromEntries(encoded) as Record<string, string>) } } as KubeObject;
}

function normalizeMap(object: KubeObject, field: string, normalize: (value: unknown) => unknown): KubeObject {
  return updateAt(object, [field], (map) => {
    if (!isRecord(map)) return map;
    const entries = Object.entries(map);
    const normalized = entries.map(([key, value]) => [key, normalize(value)] as const);
    return normalized.some(([key, value]) => value !== map[key]) ? Object.fromEntries(normalized) : map;
  }) as KubeObject;
}

function nullToEmpty(value: unknown): unknown {
  return value === null ? '' : value;
}

function unbrokenBase64(value: unknown): unknown {
  return typeof value === 'string' && /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, '') : nullToEmpty(value);
}
