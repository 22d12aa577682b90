import { isRecord } from './json.ts';
import { compareText } from './path.ts';

/*
 * Values as Go prints them: the API server's messages about an applied configuration hold them, and ours are to be the
 * same. Go knows whole and other numbers apart; JavaScript does not, so `1.0` is printed as `1`.
 */

/** As `%v` prints it. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (isRecord(value)) return `map[${sortedEntries(value, (name, part) => `${name}:${goValue(part)}`).join(' ')}]`;
  return typeof value === 'number' ? goNumber(value) : `${value as string | bigint | boolean}`;
}

/** As `%#v` prints it. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isRecord(value)) {
    const entries = sortedEntries(value, (name, part) => `${JSON.stringify(name)}:${goSyntax(part)}`);
    return `map[string]interface {}{${entries.join(', ')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : goValue(value);
}

/** As `%T` prints it. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (isRecord(value)) return 'map[string]interface {}';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'int64' : 'float64';
}

function goNumber(value: number): string {
  // Like `%v` of a float64, which takes the exponent form from 21 digits on, and below 1e-4.
  if (Number.isInteger(value) || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e21)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function sortedEntries<T>(record: Readonly<Record<string, unknown>>, map: (name: string, part: unknown) => T): T[] {
  return Object.keys(record)
    .sort(compareText)
    .map((name) => map(name, record[name]));
}
