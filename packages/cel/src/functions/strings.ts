import type { Environment } from '@marcbachmann/cel-js';
import type { Meter } from '../meter.ts';
import { format } from './format.ts';
import { createRegex } from './regex.ts';
import type { Regex } from './regex.ts';
import { register, registerNamespace } from './register.ts';

/**
 * Functions that the library has as well, but not as Kubernetes: they go by another name there, and a program asks for them by
 * that one. Lengths and indices count characters, not UTF-16 units; patterns are RE2's.
 */
export const OWN_METHODS: ReadonlySet<string> = new Set([
  'matches',
  'join',
  'lowerAscii',
  'upperAscii',
  'substring',
  'indexOf',
  'lastIndexOf',
]);
export const OWN = 'kubernetes_';

/** Source: cel-go `ext/strings.go` (version 2), Kubernetes `apiserver/pkg/cel/library/regex.go`. */
export function registerStrings(environment: Environment, meter: Meter): Regex {
  const regex = createRegex(meter);
  register(environment, {
    [`string.${OWN}matches(string): bool`]: regex.matches,
    'matches(string, string): bool': regex.matches,
    'string.find(string): string': regex.find,
    'string.findAll(string): list<string>': (text: string, pattern: string) => regex.findAll(text, pattern),
    'string.findAll(string, int): list<string>': regex.findAll,
    [`list.${OWN}join(): string`]: (list: readonly unknown[]) => join(list, '', meter),
    [`list.${OWN}join(string): string`]: (list: readonly unknown[], by: string) => join(list, by, meter),
    [`string.${OWN}lowerAscii(): string`]: (text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase()),
    [`string.${OWN}upperAscii(): string`]: (text: string) => text.replace(/[a-z]+/g, (part) => part.toUpperCase()),
    [`string.${OWN}substring(int): string`]: (text: string, start: bigint) => substring(text, start),
    [`string.${OWN}substring(int, int): string`]: substring,
    'string.charAt(int): string': charAt,
    [`string.${OWN}indexOf(string): int`]: (text: string, wanted: string) => indexOf(text, wanted, 0n),
    [`string.${OWN}indexOf(string, int): int`]: indexOf,
    [`string.${OWN}lastIndexOf(string): int`]: (text: string, wanted: string) => lastIndexOf(text, wanted),
    [`string.${OWN}lastIndexOf(string, int): int`]: lastIndexOf,
    'string.replace(string, string): string': (text: string, from: string, to: string) =>
      replace(text, from, to, -1n, meter),
    'string.replace(string, string, int): string': (text: string, from: string, to: string, limit: bigint) =>
      replace(text, from, to, limit, meter),
    'string.format(list): string': (text: string, args: readonly unknown[]) => format(text, args),
  });
  registerNamespace(environment, 'strings', { 'quote(string): string': (text: string) => JSON.stringify(text) });
  return regex;
}

function join(list: readonly unknown[], by: string, meter: Meter): string {
  meter.charge((list.length * by.length) / 10);
  if (!list.every((item) => typeof item === 'string')) throw new Error('no such overload: join of what is no string');
  return list.join(by);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const chars = charsOf(text);
  const last = end ?? BigInt(chars.length);
  if (start < 0n || start > chars.length) throw new Error(`index out of range: ${start}`);
  if (last < 0n || last > chars.length) throw new Error(`index out of range: ${last}`);
  if (start > last) throw new Error(`invalid substring range. start: ${start}, end: ${last}`);
  return chars.slice(Number(start), Number(last)).join('');
}

/** At the end of the text: nothing. */
function charAt(text: string, index: bigint): string {
  const chars = charsOf(text);
  if (index < 0n || index > chars.length) throw new Error(`index out of range: ${index}`);
  return chars[Number(index)] ?? '';
}

function indexOf(text: string, wanted: string, from: bigint): bigint {
  const chars = charsOf(text);
  if (from < 0n || from > chars.length) throw new Error(`index out of range: ${from}`);
  const skipped = chars.slice(0, Number(from)).join('').length;
  return inChars(text, text.indexOf(wanted, skipped));
}

function lastIndexOf(text: string, wanted: string, from?: bigint): bigint {
  if (from === undefined) return inChars(text, text.lastIndexOf(wanted));
  const chars = charsOf(text);
  if (from < 0n || from > chars.length) throw new Error(`index out of range: ${from}`);
  const reach = chars.slice(0, Number(from)).join('').length;
  return inChars(text, text.lastIndexOf(wanted, reach));
}

/** An index that counts UTF-16 units as one that counts characters. */
function inChars(text: string, index: number): bigint {
  return index < 0 ? -1n : BigInt(charsOf(text.slice(0, index)).length);
}

function replace(text: string, from: string, to: string, limit: bigint, meter: Meter): string {
  const pieces = from === '' ? ['', ...charsOf(text), ''] : text.split(from);
  const all = pieces.length - 1;
  const times = limit < 0n || limit > BigInt(all) ? all : Number(limit);
  meter.charge((times * to.length) / 10);
  return (
    pieces
      .slice(0, times)
      .map((piece) => piece + to)
      .join('') + pieces.slice(times).join(from)
  );
}

/** Characters are code points, as in Go. */
function charsOf(text: string): readonly string[] {
  return Array.from(text);
}
