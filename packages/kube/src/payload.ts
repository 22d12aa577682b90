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

/** Where in a spec Go programs leave `metadata.creationTimestamp: null` behind when they print a template. */
const TEMPLATES: readonly (readonly string[])[] = [['template'], ['jobTemplate'], ['jobTemplate', 'spec', 'template']];

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
  const { status: _, ...rest } = object;
  const kept = Object.hasOwn(object, 'status') ? rest : object;
  if (!SERVER_METADATA.some((field) => Object.hasOwn(object.metadata, field))) return kept;
  const metadata: Record<string, unknown> & { name: string } = { ...object.metadata };
  for (const field of SERVER_METADATA) delete metadata[field];
  return { ...kept, metadata };
}

function withoutTemplateTimestamps(object: KubeObject): KubeObject {
  let spec = object['spec'];
  for (const path of TEMPLATES) spec = updateAt(spec, path, withoutNullTimestamp);
  spec = updateAt(spec, ['volumeClaimTemplates'], (claims) =>
    Array.isArray(claims) ? mapShared(claims, withoutNullTimestamp) : claims,
  );
  return withField(object, 'spec', spec);
}

function withoutNullTimestamp(template: unknown): unknown {
  return updateAt(template, ['metadata'], (metadata) => {
    if (!isRecord(metadata) || metadata['creationTimestamp'] !== null) return metadata;
    const { creationTimestamp: _, ...rest } = metadata;
    return rest;
  });
}

/** Replaces the value at a path, sharing everything else; nothing happens where the path leads nowhere. */
function updateAt(value: unknown, path: readonly string[], update: (value: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return update(value);
  return isRecord(value) && Object.hasOwn(value, head)
    ? withField(value, head, updateAt(value[head], rest, update))
    : value;
}

function withField<T extends Readonly<Record<string, unknown>>>(record: T, field: string, value: unknown): T {
  return value === record[field] ? record : { ...record, [field]: value };
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
  if (!Object.hasOwn(object, 'stringData')) return object;
  const { stringData, ...rest } = object;
  if (stringData === null) return rest;
  const data = object['data'] ?? {};
  if (!isRecord(stringData) || !isRecord(data)) return object;
  const texts = Object.entries(stringData);
  if (!texts.every(([, text]) => text === null || typeof text === 'string')) return object;
  const encoded = texts.map(([key, text]) => [key, typeof text === 'string' ? base64(text) : ''] as const);
  return encoded.length === 0 ? rest : { ...rest, data: { ...data, ...Object.fromEntries(encoded) } };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function normalizeMap(object: KubeObject, field: string, normalize: (value: unknown) => unknown): KubeObject {
  const map = object[field];
  if (!isRecord(map)) return object;
  const entries = Object.entries(map).map(([key, value]) => [key, normalize(value)] as const);
  return entries.some(([key, value]) => value !== map[key])
    ? withField(object, field, Object.fromEntries(entries))
    : object;
}

function nullToEmpty(value: unknown): unknown {
  return value === null ? '' : value;
}

function unbrokenBase64(value: unknown): unknown {
  return typeof value === 'string' && /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, '') : nullToEmpty(value);
}
