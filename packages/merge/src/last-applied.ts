import { compareObjects } from './compare.ts';
import type { Conflict } from './conflict.ts';
import { difference, has } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { isRecord, recordAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { compareText } from './path.ts';
import type { TypeUse } from './schema.ts';
import { faultsOf } from './validate.ts';

/** Where client-side apply keeps what it applied. */
const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** Above this, in bytes, the annotations of an object are refused; so ours is left out then. */
const MAX_ANNOTATIONS = 256 * 1024;

/** The one manager whose applies take over from client-side apply. */
export function migrates(manager: string): boolean {
  return manager === 'kubectl';
}

/**
 * The conflicts that remain when the applier may have what client-side apply put there: a field of the last-applied
 * configuration that still is as it was. Without (readable) annotation, all of them.
 *
 * Source: apimachinery, `managedfields/internal/lastappliedmanager.go`.
 */
export function withoutMigrated(conflicts: readonly Conflict[], live: JsonObject, type: TypeUse): readonly Conflict[] {
  const allowed = unchangedSinceApplied(live, type);
  return allowed === undefined ? conflicts : conflicts.filter(({ path }) => !has(allowed, path));
}

function unchangedSinceApplied(live: JsonObject, type: TypeUse): FieldSet | undefined {
  const text = lastApplied(live);
  const applied = text === '' ? undefined : parseRecord(text);
  if (applied === undefined || textAt(applied, 'apiVersion') !== textAt(live, 'apiVersion')) return undefined;
  if (faultsOf(applied, type, 'refused').length > 0) return undefined;
  const { modified, added, removed } = compareObjects(applied, live, type);
  return [modified, added, removed].reduce(difference, fieldSetOf(applied, type));
}

function parseRecord(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function lastApplied(object: JsonObject): string {
  return textAt(recordAt(recordAt(object, 'metadata'), 'annotations'), ANNOTATION);
}

/** The object with the annotation rewritten from what is applied now, if it has it: client-side apply may then go on. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  const before = lastApplied(object);
  const after = before === '' ? '' : `${canonicalJson(withoutAnnotation(config))}\n`;
  if (after === before) return object;
  const metadata = recordAt(object, 'metadata');
  const { [ANNOTATION]: _, ...others } = recordAt(metadata, 'annotations') ?? {};
  const annotations = { ...others, [ANNOTATION]: after };
  return {
    ...object,
    metadata: { ...metadata, annotations: sizeOf(annotations) > MAX_ANNOTATIONS ? others : annotations },
  };
}

function withoutAnnotation(config: JsonObject): JsonObject {
  const metadata = recordAt(config, 'metadata');
  const annotations = recordAt(metadata, 'annotations');
  if (annotations === undefined) return config;
  const { [ANNOTATION]: _, ...others } = annotations;
  return { ...config, metadata: { ...metadata, annotations: others } };
}

function sizeOf(annotations: JsonObject): number {
  const encoder = new TextEncoder();
  return Object.entries(annotations)
    .flat()
    .reduce<number>((sum, text) => sum + encoder.encode(String(text)).length, 0);
}

/** Compact JSON with sorted keys, escaped as Go does. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isRecord(value)) {
    const names = Object.keys(value).sort(compareText);
    return `{${names.map((name) => `${canonicalJson(name)}:${canonicalJson(value[name])}`).join(',')}}`;
  }
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value ?? null).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
