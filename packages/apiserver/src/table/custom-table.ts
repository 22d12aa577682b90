import type { ColumnData, KubeData } from '@homeostat/kube/data';
import type { CustomColumn } from '../custom/custom-resource.ts';
import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { nameOf } from './cells/format.ts';
import type { Cell } from './cells/format.ts';
import { since } from './human-duration.ts';
import { findByPath, parseJsonPath } from './json-path.ts';
import type { JsonPath } from './json-path.ts';
import { nameAndAge } from './meta-columns.ts';
import type { KindTable } from './table.ts';

/**
 * The Table of a custom resource: its name, and the columns of its definition; its age, where the definition has none. The
 * first column whose path cannot be read ends them.
 */
export function customTable(columns: readonly CustomColumn[], data: KubeData): KindTable {
  const [name, age] = nameAndAge(data);
  if (columns.length === 0) {
    const created: CustomColumn = { ...age, type: 'date', jsonPath: '.metadata.creationTimestamp' };
    return customTable([created], data);
  }
  const parsed: { readonly column: CustomColumn; readonly path: JsonPath }[] = [];
  for (const column of columns) {
    const path = parseJsonPath(column.jsonPath);
    if (path === undefined) break;
    parsed.push({ column, path });
  }
  return {
    columns: [name, ...parsed.map(({ column }) => definitionOf(column))],
    cells: (object, now) => [nameOf(object), ...parsed.map(({ column, path }) => cellOf(column, path, object, now))],
  };
}

function definitionOf({ jsonPath, description, ...column }: CustomColumn): ColumnData {
  const said = description === '' ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description;
  return { ...column, description: said };
}

function cellOf(column: CustomColumn, path: JsonPath, object: DraftMap, now: number): Cell {
  const [value] = findByPath(path, object) ?? [];
  if (value === undefined) return null;
  switch (column.type) {
    case 'string':
      return textOf(value);
    case 'integer':
      return isNumber(value) ? Math.trunc(Number(value)) : null;
    case 'number':
      return isNumber(value) ? Number(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? dateText(value, now) : null;
    default:
      return null;
  }
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function dateText(value: string, now: number): string {
  if (value === '' || value === 'null') return '<unknown>';
  const [, year, month, day] = RFC_3339.exec(value) ?? [];
  // JavaScript takes the 30th of February for a day in March.
  const exists = Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return exists && !Number.isNaN(Date.parse(value)) ? since(value, now) : '<invalid>';
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A scalar as it is; a map or list as JSON, as Go writes it. */
function textOf(value: unknown): string {
  if (value === null) return '<no value>';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'object') return goJson(value);
  return `${value as string | bigint | boolean}`;
}

/** Go takes the exponent form for what is not whole, from 21 digits on and below 1e-4. */
function numberText(value: number): string {
  const plain = Number.isInteger(value) || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e21);
  return plain ? String(value) : value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Keys in order, and safe to stand in HTML. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (isMap(value)) {
    const keys = Object.keys(value).toSorted();
    return `{${keys.map((key) => `${goJson(key)}:${goJson(value[key])}`).join(',')}}`;
  }
  if (typeof value === 'bigint') return String(value);
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, escape);
}
