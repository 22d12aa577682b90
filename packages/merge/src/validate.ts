import type { MergeErrorCode } from './error.ts';
import { goSyntax, goType, goValue } from './go-text.ts';
import { itemName } from './item-element.ts';
import { isRecord } from './json.ts';
import { kindOf, listFor, mapFor } from './kind.ts';
import { indexElement, printPath } from './path.ts';
import type { ListAtom, MapAtom, ScalarKind, TypeUse } from './schema.ts';

/** What of a value does not fit its type, where, in the words of the API server. */
export interface Fault {
  readonly code: MergeErrorCode & ('UNDECLARED_FIELD' | 'INVALID_VALUE' | 'INVALID_ITEM' | 'DUPLICATE_ITEM');
  readonly path: string;
  readonly message: string;
}

/**
 * How deep values may be nested: every walk of this package is recursive, and an object from the network must not exhaust
 * the stack. The API server takes some thousand levels more.
 */
const MAX_DEPTH = 1000;

/** Duplicates are an error in what is applied; what is stored may hold them. */
export type Duplicates = 'refused' | 'allowed';

/**
 * Everything about a value that does not fit its type. Of a map's undeclared fields only the first is told, and a list is
 * left at the first item without name, as the API server does.
 *
 * Source: structured-merge-diff, `typed/validate.go`.
 */
export function faultsOf(value: unknown, type: TypeUse, duplicates: Duplicates): readonly Fault[] {
  return check(value, type, { duplicates, depth: 0 }) ?? [];
}

/** The text of the API server about faults: one on a line of its own, several as a list. */
export function faultText(faults: readonly Fault[]): string {
  const lines = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return lines.length === 1 ? (lines[0] as string) : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n');
}

interface Place {
  readonly duplicates: Duplicates;
  readonly depth: number;
}

// Faults are rare: little is allocated for a value without one.
function check(value: unknown, type: TypeUse, place: Place): Fault[] | undefined {
  if (place.depth > MAX_DEPTH) return invalid(`nested deeper than ${MAX_DEPTH} levels`);
  const atom = type.atom();
  const kind = kindOf(atom, value);
  const map = mapFor(atom, kind);
  if (map !== undefined) return checkMap(value, map, below(place));
  const list = listFor(atom, kind);
  if (list !== undefined) return checkList(value, list, below(place));
  return atom.scalar === undefined ? undefined : checkScalar(value, atom.scalar);
}

function below({ duplicates, depth }: Place): Place {
  return { duplicates, depth: depth + 1 };
}

function checkScalar(value: unknown, kind: ScalarKind): Fault[] | undefined {
  if (value === null || value === undefined) return undefined;
  const type = typeof value;
  const isNumber = type === 'number' || type === 'bigint';
  switch (kind) {
    case 'numeric':
      return isNumber ? undefined : invalid(`expected numeric (int or float), got ${goType(value)}`);
    case 'string':
      if (type === 'string') return undefined;
      return invalid(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
    case 'boolean':
      return type === 'boolean' ? undefined : invalid(`expected boolean, got &{${goValue(value)}}`);
    case 'untyped':
      if (isNumber || type === 'string' || type === 'boolean') return undefined;
      return invalid(`expected any scalar, got &{${goValue(value)}}`);
    default:
      return kind satisfies never;
  }
}

function invalid(message: string): Fault[] {
  return [{ code: 'INVALID_VALUE', path: '', message }];
}

function checkMap(value: unknown, map: MapAtom, place: Place): Fault[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (!isRecord(value)) return invalid(`expected map, got &{${goValue(value)}}`);
  let faults: Fault[] | undefined;
  for (const name in value) {
    const type = map.fields.get(name)?.type ?? map.element;
    if (type === undefined) {
      const undeclared: Fault = { code: 'UNDECLARED_FIELD', path: `.${name}`, message: 'field not declared in schema' };
      return [...(faults ?? []), undeclared];
    }
    faults = joined(faults, `.${name}`, check(value[name], type, place));
  }
  return faults;
}

function checkList(value: unknown, list: ListAtom, place: Place): Fault[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) return invalid(`expected list, got &{${goValue(value)}}`);
  return list.relationship === 'atomic' ? checkIndexed(value, list, place) : checkNamed(value, list, place);
}

function checkIndexed(items: readonly unknown[], list: ListAtom, place: Place): Fault[] | undefined {
  let faults: Fault[] | undefined;
  items.forEach((item, i) => {
    const found = check(item, list.element, place);
    if (found !== undefined) faults = joined(faults, printPath([indexElement(i)]), found);
  });
  return faults;
}

function checkNamed(items: readonly unknown[], list: ListAtom, place: Place): Fault[] | undefined {
  let faults: Fault[] | undefined;
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const name = itemName(list, item);
    if (name.fault !== undefined) {
      const unnamed: Fault = { code: 'INVALID_ITEM', path: '', message: `element ${i}: ${name.fault}` };
      return [...(faults ?? []), unnamed];
    }
    if (place.duplicates === 'refused') {
      if (seen.has(name.text)) {
        const message = `duplicate entries for key ${printPath([name.element])}`;
        (faults ??= []).push({ code: 'DUPLICATE_ITEM', path: '', message });
      }
      seen.add(name.text);
    }
    const found = check(item, list.element, place);
    if (found !== undefined) faults = joined(faults, printPath([name.element]), found);
  }
  return faults;
}

function joined(faults: Fault[] | undefined, prefix: string, found: Fault[] | undefined): Fault[] | undefined {
  if (found === undefined) return faults;
  return [...(faults ?? []), ...found.map((fault) => ({ ...fault, path: prefix + fault.path }))];
}
