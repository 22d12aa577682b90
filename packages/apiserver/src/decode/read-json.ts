import {
  BACKSLASH,
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COLON,
  MINUS,
  QUOTE,
  isDigit,
  numberPattern,
} from './json-characters.ts';
import { MAX_DEPTH, readAnyJson } from './json-reader.ts';
import type { JsonText } from './json-reader.ts';

/**
 * Reads a JSON text. What is common (no key twice, plain integers) costs one scan beside `JSON.parse`; the rest is read
 * here, some ten times slower. No nesting exhausts the stack.
 *
 * @throws {DecodeError} UNREADABLE, in the words of Go's encoding/json, when the text is not JSON or nests too deep.
 */
export function readJson(text: string): JsonText {
  const plain = isPlain(text) ? parsePlain(text) : undefined;
  return plain ?? readAnyJson(text);
}

/** `undefined` when the text is no JSON, or a key stands twice in an object. */
function parsePlain(text: string): JsonText | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // the slow reader says why
  }
  return countKeys(value) === countColons(text) ? { value, notes: undefined } : undefined;
}

const NUMBER_BEYOND = /[-0-9](?:[0-9]{15}|[.eE])|-0|\\u[dD]/;

/** No number and no escape in it needs a second look, and it cannot nest too deep. May be wrong about texts that are. */
function isPlain(text: string): boolean {
  return !(NUMBER_BEYOND.test(text) && hasOddity(text)) && !nestsTooDeep(text);
}

/** The expression above also finds versions and times inside strings: here only what stands outside counts. */
function hasOddity(text: string): boolean {
  const pattern = numberPattern();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (/\\u[dD]/.test(text.slice(at, end))) return true;
      at = end;
    } else if (code === MINUS || isDigit(code)) {
      pattern.lastIndex = at;
      const number = pattern.exec(text)?.[0] ?? '-';
      if (number.length > 15 || !/^-?[1-9]|^0$/.test(number) || /[.eE]/.test(number)) return true;
      at += number.length - 1;
    }
  }
  return false;
}

function nestsTooDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false;
  let opened = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === BRACE || code === BRACKET) opened++;
    else if ((code === CLOSING_BRACE || code === CLOSING_BRACKET) && opened > 0) opened--;
    if (opened > MAX_DEPTH) return true;
  }
  return false;
}

/** Colons outside of strings: as many as there are keys in the text. */
function countColons(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) colons++;
  }
  return colons;
}

/** Where the string that begins at `at` has its closing quote. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

function countKeys(root: unknown): number {
  let keys = 0;
  const open: unknown[] = [root];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const inner = Object.values(value) as unknown[];
    if (!Array.isArray(value)) keys += inner.length;
    for (const one of inner) if (typeof one === 'object') open.push(one);
  }
  return keys;
}
