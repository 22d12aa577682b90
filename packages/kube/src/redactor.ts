import { randomBytes } from 'node:crypto';
import { parseJson } from './json.ts';
import { hiddenPaths, printable, redact, valuesAt } from './sensitive.ts';
import type { JsonPath } from './sensitive.ts';

/**
 * Keeps secrets out of whatever is printed. It learns the secret values of every object that it is shown, and from then on
 * finds them in free text as well.
 *
 * It holds those values in memory until it is dropped; they can be got from it in no way.
 */
export interface Redactor {
  /** Learns the secrets of an object (see `sensitivePaths`; `extraPaths` beside) and gives a copy that shows none. */
  printable<T>(object: T, extraPaths?: readonly JsonPath[]): T;
  /** Learns the secrets of an object that is not to be printed. */
  learn(object: unknown, extraPaths?: readonly JsonPath[]): void;
  /**
   * The text without any secret value learned so far, however it is written: plain, in base64 or base64url, URL-encoded,
   * or escaped as in JSON; of values of many lines also a single line of at least 8 characters. Values shorter than 4
   * characters are left: they would hit everywhere. Where several overlap, all that any of them covers goes.
   */
  text(text: string): string;
}

export interface RedactorOptions {
  /** Makes equal secrets show equal digests; random by default, so that digests mean nothing outside this redactor. */
  readonly key?: Uint8Array;
}

export function createRedactor({ key = randomBytes(32) }: RedactorOptions = {}): Redactor {
  return new SecretRedactor(key);
}

const MIN_VALUE = 4;
const MIN_LINE = 8;

class SecretRedactor implements Redactor {
  readonly #key: Uint8Array;
  readonly #learned = new Set<string>();
  /** What stands in a text in place of each form of a secret. */
  readonly #replacements = new Map<string, string>();
  /** The forms by their first four characters, longest first: one look-up per position of a text. */
  readonly #forms = new Map<string, string[]>();
  /** Lists of forms with new ones at the end; sorted when a text comes, because ten thousand secrets may begin alike. */
  readonly #unsorted = new Set<string[]>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  printable<T>(object: T, extraPaths: readonly JsonPath[] = []): T {
    this.learn(object, extraPaths);
    return printable(object, extraPaths, this.#key);
  }

  learn(object: unknown, extraPaths: readonly JsonPath[] = []): void {
    for (const path of hiddenPaths(object, extraPaths)) {
      for (const value of valuesAt(object, path)) {
        for (const secret of textsOf(value)) this.#learnText(secret);
        const copy = path.at(-2) === 'annotations' ? objectIn(value) : undefined;
        if (copy !== undefined) this.learn(copy, extraPaths);
      }
    }
  }

  #learnText(secret: string): void {
    if (this.#learned.has(secret)) return;
    this.#learned.add(secret);
    const replacement = redact(secret, this.#key);
    for (const form of formsOf(secret)) {
      if (this.#replacements.has(form)) continue;
      this.#replacements.set(form, replacement);
      const start = form.slice(0, MIN_VALUE);
      const alike = this.#forms.get(start) ?? [];
      alike.push(form);
      this.#forms.set(start, alike);
      this.#unsorted.add(alike);
    }
  }

  text(text: string): string {
    if (this.#forms.size === 0) return text;
    for (const forms of this.#unsorted) forms.sort((a, b) => b.length - a.length);
    this.#unsorted.clear();
    let clean = '';
    let copied = 0;
    for (const { start, end, form } of this.#covered(text)) {
      clean += text.slice(copied, start) + this.#replacements.get(form);
      copied = end;
    }
    return clean + text.slice(copied);
  }

  /** The stretches of a text that secrets cover, overlapping ones as one, each with the longest form in it. */
  *#covered(text: string): Generator<{ readonly start: number; readonly end: number; readonly form: string }> {
    let stretch: { start: number; end: number; form: string } | undefined;
    for (let i = 0; i < text.length; i++) {
      if (stretch !== undefined && i >= stretch.end) {
        yield stretch;
        stretch = undefined;
      }
      const form = this.#longestAt(text, i);
      if (form === undefined) continue;
      stretch ??= { start: i, end: i, form };
      stretch.end = Math.max(stretch.end, i + form.length);
      if (form.length > stretch.form.length) stretch.form = form;
    }
    if (stretch !== undefined) yield stretch;
  }

  #longestAt(text: string, at: number): string | undefined {
    return this.#forms.get(text.slice(at, at + MIN_VALUE))?.find((form) => text.startsWith(form, at));
  }
}

/** The object that an annotation holds a copy of. */
function objectIn(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('{')) return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}

/** The texts that a secret value holds: itself, what it is the base64 of, and all leaves of a tree. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsOf);
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (typeof value !== 'string') return [];
  const bytes = Buffer.from(value, 'base64');
  const isBase64 = value !== '' && bytes.toString('base64') === value.replaceAll(/[\r\n]/g, '');
  return isBase64 ? [value, bytes.toString('utf8')] : [value];
}

/** How a secret may be written in a text. */
function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const whole =
    lines.length === 1 ? [secret] : [secret, secret.trim(), ...lines.filter((line) => line.length >= MIN_LINE)];
  const forms = whole
    .filter((text) => text.length >= MIN_VALUE)
    .flatMap((text) => [text, ...base64Of(text), ...urlEncoded(text), JSON.stringify(text).slice(1, -1)]);
  return [...new Set(forms)];
}

function base64Of(text: string): readonly string[] {
  const padded = Buffer.from(text, 'utf8').toString('base64');
  return [padded, padded.replace(/=+$/, ''), Buffer.from(text, 'utf8').toString('base64url')];
}

function urlEncoded(text: string): readonly string[] {
  // A lone surrogate cannot be encoded; it cannot stand in a URL either.
  const encoded = encodeURIComponent(text.toWellFormed());
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  return [encoded, form, encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())];
}
