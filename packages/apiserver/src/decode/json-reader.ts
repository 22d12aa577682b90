import { DecodeError } from './decode-error.ts';
import {
  BACKSLASH,
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COLON,
  COMMA,
  MINUS,
  QUOTE,
  isDigit,
  numberPattern,
} from './json-characters.ts';
import { setKey } from './set-key.ts';

/** A JSON text, read as Go reads it. */
export interface JsonText {
  /** As `JSON.parse` gives it: of equal keys the last. Integers of 64 bits that a number cannot hold are `bigint`. */
  readonly value: unknown;
  readonly notes: JsonNotes | undefined;
}

/** What a value cannot show of the text that it came from. */
export interface JsonNotes {
  /** All entries of the objects in which a key stands more than once, in their order. */
  readonly repeated: ReadonlyMap<object, readonly JsonEntry[]>;
  /** The text of numbers that are not written as plain integers of 64 bits, by the object or list that holds them. */
  readonly literals: ReadonlyMap<object, ReadonlyMap<string | number, string>>;
}

/** A key, its value, and the text of a number as above. */
export type JsonEntry = readonly [key: string, value: unknown, literal?: string | undefined];

/** How deep lists and objects may nest: Go's limit. */
export const MAX_DEPTH = 10_000;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Reads any JSON text.
 *
 * @throws {DecodeError} UNREADABLE, in the words of Go's encoding/json, when the text is not JSON or nests too deep.
 */
export function readAnyJson(text: string): JsonText {
  return new Reader(text).read();
}

interface Frame {
  readonly value: Record<string, unknown> | unknown[];
  key: string;
  /** All entries, once a key has come twice. */
  entries: JsonEntry[] | undefined;
}

/** Reads a whole text, with notes, on a stack of its own. */
class Reader {
  readonly #text: string;
  #at = 0;
  readonly #pattern = numberPattern();
  readonly #frames: Frame[] = [];
  readonly #repeated = new Map<object, JsonEntry[]>();
  readonly #literals = new Map<object, Map<string | number, string>>();
  /** The text of the number that was read last, when it is one to note. */
  #literal: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonText {
    let value = this.#begin();
    for (;;) {
      const done = value !== OPENED && this.#end(value);
      if (done !== false) return { value: done.root, notes: this.#notes() };
      value = this.#begin();
    }
  }

  #notes(): JsonNotes | undefined {
    if (this.#repeated.size === 0 && this.#literals.size === 0) return undefined;
    return { repeated: this.#repeated, literals: this.#literals };
  }

  /** Reads a literal or an empty container; of others only the beginning. */
  #begin(): unknown {
    const code = this.#next();
    if (code === BRACE || code === BRACKET) return this.#open(code);
    if (code === QUOTE) return this.#string();
    if (code === MINUS || isDigit(code)) return this.#number();
    const word = WORDS.get(this.#text.charAt(this.#at));
    if (word === undefined) throw this.#error(this.#at, 'looking for beginning of value');
    for (let at = 1; at < word.text.length; at++)
      if (this.#text.charAt(this.#at + at) !== word.text.charAt(at))
        throw this.#error(this.#at + at, `in literal ${word.text} (expecting '${word.text.charAt(at)}')`, true);
    this.#at += word.text.length;
    return word.value;
  }

  #open(code: number): unknown {
    const value: Frame['value'] = code === BRACE ? {} : [];
    if (this.#frames.length === MAX_DEPTH) throw this.#error(this.#at, 'exceeded max depth');
    this.#at++;
    if (this.#next() === (code === BRACE ? CLOSING_BRACE : CLOSING_BRACKET)) {
      this.#at++;
      return value;
    }
    this.#frames.push({ value, key: code === BRACE ? this.#key() : '', entries: undefined });
    return OPENED;
  }

  /** Puts a finished value where it belongs, with all containers that end behind it. `false`: another value follows. */
  #end(finished: unknown): { readonly root: unknown } | false {
    let value = finished;
    for (;;) {
      const frame = this.#frames.at(-1);
      const code = this.#next();
      if (frame === undefined) {
        if (this.#at < this.#text.length) throw this.#error(this.#at, 'after top-level value');
        return { root: value };
      }
      this.#add(frame, value);
      const isList = Array.isArray(frame.value);
      if (code === COMMA) {
        this.#at++;
        if (!isList) frame.key = this.#key();
        return false;
      }
      if (code !== (isList ? CLOSING_BRACKET : CLOSING_BRACE))
        throw this.#error(this.#at, isList ? 'after array element' : 'after object key:value pair');
      this.#at++;
      this.#frames.pop();
      if (frame.entries !== undefined) this.#repeated.set(frame.value, frame.entries);
      value = frame.value;
    }
  }

  #add(frame: Frame, value: unknown): void {
    const { value: container, key } = frame;
    const literal = typeof value === 'number' ? this.#literal : undefined;
    this.#literal = undefined;
    if (!Array.isArray(container) && Object.hasOwn(container, key)) {
      const known = this.#literals.get(container);
      frame.entries ??= Object.entries(container).map(([name, one]) => [name, one, known?.get(name)]);
    }
    frame.entries?.push([key, value, literal]);
    if (literal !== undefined) {
      const known = this.#literals.get(container) ?? new Map<string | number, string>();
      this.#literals.set(container, known.set(Array.isArray(container) ? container.length : key, literal));
    }
    if (Array.isArray(container)) container.push(value);
    else setKey(container, key, value);
  }

  #key(): string {
    if (this.#next() !== QUOTE) throw this.#error(this.#at, 'looking for beginning of object key string');
    const key = this.#string();
    if (this.#next() !== COLON) throw this.#error(this.#at, 'after object key');
    this.#at++;
    return key;
  }

  #string(): string {
    const start = this.#at;
    let hasEscape = false;
    for (let at = start + 1; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        const inner = this.#text.slice(start + 1, at);
        return hasEscape ? (JSON.parse(`"${inner}"`) as string).toWellFormed() : inner;
      }
      if (!(code >= 0x20)) throw this.#error(at, 'in string literal');
      if (code !== BACKSLASH) continue;
      hasEscape = true;
      at++;
      const escape = this.#text.charAt(at);
      if (escape === '' || !'"\\/bfnrtu'.includes(escape)) throw this.#error(at, 'in string escape code', true);
      if (escape !== 'u') continue;
      for (const last = at + 4; at < last;) {
        at++;
        if (!/^[0-9a-fA-F]$/.test(this.#text.charAt(at)))
          throw this.#error(at, 'in \\u hexadecimal character escape', true);
      }
    }
  }

  #number(): number | bigint {
    this.#pattern.lastIndex = this.#at;
    const literal = this.#pattern.exec(this.#text)?.[0];
    if (literal === undefined) throw this.#error(this.#at + 1, 'in numeric literal', true);
    this.#at += literal.length;
    const rest = /^(?:\.|[eE][-+]?)/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
    if (rest === '.' && !/[.eE]/.test(literal))
      throw this.#error(this.#at + 1, 'after decimal point in numeric literal', true);
    if (rest !== undefined && rest !== '.' && !/[eE]/.test(literal))
      throw this.#error(this.#at + rest.length, 'in exponent of numeric literal', true);
    if (/[.eE]/.test(literal)) {
      this.#literal = literal;
      return Number(literal);
    }
    const number = Number(literal);
    if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
    const integer = BigInt(literal);
    if (integer >= MIN_INT64 && integer <= MAX_INT64) return integer;
    this.#literal = literal;
    return number;
  }

  /** The code of the next character that is no space; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }

  /** Inside a token Go takes the end of the text for a space, which is wrong there. */
  #error(at: number, where: string, isInToken = false): DecodeError {
    const isEnd = at >= this.#text.length;
    const message =
      isEnd && !isInToken
        ? 'unexpected end of JSON input'
        : `invalid character ${isEnd ? "' '" : quoted(this.#text.slice(at, at + 2))} ${where}`;
    return new DecodeError('UNREADABLE', message);
  }
}

/** Stands for a value that has only begun. */
const OPENED: unique symbol = Symbol('opened');
const WORDS: ReadonlyMap<string, { readonly text: string; readonly value: boolean | null }> = new Map([
  ['t', { text: 'true', value: true }],
  ['f', { text: 'false', value: false }],
  ['n', { text: 'null', value: null }],
]);

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** The first byte of the text as Go quotes a character. */
function quoted(text: string): string {
  const byte = String.fromCharCode(Buffer.from(text)[0] ?? 0);
  const code = byte.charCodeAt(0);
  const isControl = code < 0x20 || code === 0x7f;
  return `'${ESCAPES[byte] ?? (isControl ? `\\x${code.toString(16).padStart(2, '0')}` : byte)}'`;
}
