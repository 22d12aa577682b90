import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';

export interface Reduced {
  readonly object: KubeObject;
  /** Paths that lead nowhere in the object. */
  readonly missing: readonly string[];
}

/**
 * The object without the fields at these paths, which are in the server's notation (`.spec.ports[port=80,protocol="TCP"].name`).
 *
 * That notation is ambiguous on its own, because field names may hold dots (`.metadata.annotations.example.com/a.b`); so a path
 * is matched against the object instead of being parsed. Items of a list are found by the keys that they have: one that the
 * server defaults (`protocol`) may be absent.
 */
export function withoutFields(object: KubeObject, paths: readonly string[]): Reduced {
  let reduced: unknown = object;
  const missing: string[] = [];
  for (const path of paths) {
    const next = without(reduced, path);
    if (next === undefined) missing.push(path);
    else reduced = next;
  }
  return { object: reduced as KubeObject, missing };
}

/** The value without what the path names; `undefined` when it names nothing. */
function without(value: unknown, path: string): unknown {
  if (isRecord(value)) return withoutField(value, path);
  if (Array.isArray(value)) return withoutItem(value, path);
  return undefined;
}

function withoutField(record: Record<string, unknown>, path: string): unknown {
  // Longest first, so that `a.b` wins over `a` when both are there.
  const fields = Object.keys(record).filter((field) => isStep(path, `.${field}`));
  for (const field of fields.sort((a, b) => b.length - a.length)) {
    const rest = path.slice(field.length + 1);
    if (rest === '') {
      const { [field]: _, ...others } = record;
      return others;
    }
    const child = without(record[field], rest);
    if (child !== undefined) return { ...record, [field]: child };
  }
  return undefined;
}

function withoutItem(list: readonly unknown[], path: string): unknown {
  const step = readStep(path);
  if (step === undefined) return undefined;
  const index = findItem(list, step.text);
  if (index < 0) return undefined;
  if (step.rest === '') return list.toSpliced(index, 1);
  const child = without(list[index], step.rest);
  return child === undefined ? undefined : list.with(index, child);
}

function isStep(path: string, step: string): boolean {
  const next = path[step.length];
  return path.startsWith(step) && (next === undefined || next === '.' || next === '[');
}

/** `[…]` at the start of a path, quoted brackets inside not counted. */
function readStep(path: string): { readonly text: string; readonly rest: string } | undefined {
  const match = /^\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/.exec(path);
  return match === null ? undefined : { text: match[1] ?? '', rest: path.slice(match[0].length) };
}

const KEY = /([^=,[\]"]+)=("(?:[^"\\]|\\.)*"|[^,]+)/g;

function findItem(list: readonly unknown[], text: string): number {
  if (/^\d+$/.test(text)) return Number(text) < list.length ? Number(text) : -1;
  if (text.startsWith('=')) return list.findIndex((item) => JSON.stringify(item) === text.slice(1));
  const keys = [...text.matchAll(KEY)].map(([, name = '', value = '']) => [name, value] as const);
  if (keys.length === 0) return -1;
  const exact = list.findIndex((item) => isRecord(item) && keys.every(([k, v]) => JSON.stringify(item[k]) === v));
  if (exact >= 0) return exact;
  return list.findIndex(
    (item) =>
      isRecord(item) &&
      keys.some(([k]) => item[k] !== undefined) &&
      keys.every(([k, v]) => item[k] === undefined || JSON.stringify(item[k]) === v),
  );
}
