import { MergeError } from './error.ts';

/** A JSON value without parts. Integers that a JavaScript number cannot hold are `bigint`. */
export type Scalar = string | number | bigint | boolean | null;

/** One key field of an item of an associative list. */
export interface KeyField {
  readonly name: string;
  readonly value: Scalar;
}

/**
 * One step from a value into a part of it.
 *
 * - `field`: an entry of a map.
 * - `key`: the item of an associative list whose key fields have these values; the fields are sorted by name.
 * - `value`: the item of a set that is this scalar.
 * - `index`: the item of an atomic list at this place.
 *
 * Source: structured-merge-diff, `fieldpath.PathElement`.
 */
export type PathElement =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'key'; readonly fields: readonly KeyField[] }
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'index'; readonly index: number };

/** From the root of an object to a part of it. */
export type Path = readonly PathElement[];

export function fieldElement(name: string): PathElement {
  return { kind: 'field', name };
}

/** @example keyElement({ containerPort: 80, protocol: 'TCP' }) */
export function keyElement(fields: Readonly<Record<string, Scalar>>): PathElement {
  return keyOf(Object.entries(fields).map(([name, value]) => ({ name, value })));
}

export function valueElement(scalar: Scalar): PathElement {
  return { kind: 'value', value: scalar };
}

export function indexElement(position: number): PathElement {
  return { kind: 'index', index: position };
}

function keyOf(fields: readonly KeyField[]): PathElement {
  const inOrder =
    fields.length < 2 ||
    fields.every(({ name }, i) => i === 0 || compareText((fields[i - 1] as KeyField).name, name) < 0);
  return { kind: 'key', fields: inOrder ? fields : fields.toSorted((a, b) => compareText(a.name, b.name)) };
}

/**
 * The total order of path elements: fields before keys before values before indexes; fields by name, keys field by field,
 * values by {@link compareScalars}. Text is compared as UTF-8 bytes, as Go does.
 */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a.kind === 'field' && b.kind === 'field') return compareText(a.name, b.name);
  if (a.kind === 'key' && b.kind === 'key') return compareKeys(a.fields, b.fields);
  if (a.kind === 'value' && b.kind === 'value') return compareScalars(a.value, b.value);
  if (a.kind === 'index' && b.kind === 'index') return a.index - b.index;
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
}

const KINDS: readonly PathElement['kind'][] = ['field', 'key', 'value', 'index'];

function compareKeys(a: readonly KeyField[], b: readonly KeyField[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [left, right] = [a[i] as KeyField, b[i] as KeyField];
    const order = compareText(left.name, right.name) || compareScalars(left.value, right.value);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers before strings before booleans before null; false before true. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const order = rankOf(a) - rankOf(b);
  if (order !== 0 || a === null || b === null) return order;
  return a < b ? -1 : a > b ? 1 : 0;
}

function rankOf(scalar: Scalar): number {
  if (scalar === null) return 3;
  return typeof scalar === 'string' ? 1 : typeof scalar === 'boolean' ? 2 : 0;
}

/**
 * The order of the UTF-8 bytes of two texts. UTF-16 code units sort alike, except that surrogates (characters beyond the
 * basic plane) come after U+E000…U+FFFF.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    if (isSurrogate(left) === isSurrogate(right)) return left - right;
    return isSurrogate(left) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Whether a value is this scalar; `1` and `1n` are the same integer. */
export function isScalar(candidate: unknown, scalar: Scalar): boolean {
  if (candidate === scalar) return true;
  const mixed =
    typeof candidate === 'bigint'
      ? typeof scalar === 'number'
      : typeof scalar === 'bigint' && typeof candidate === 'number';
  return mixed && compareScalars(candidate as Scalar, scalar) === 0;
}

/**
 * The one text of a path element, as FieldsV1 writes it: `f:name`, `k:{"name":"web"}`, `v:"a"`, `i:0`. Two elements are
 * the same when their texts are. Text inside is escaped as Go does (`<`, `>`, `&`, U+2028 and U+2029 too).
 */
export function elementText(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `f:${element.name}`;
    case 'key':
      return `k:{${element.fields.map(({ name, value: scalar }) => `${quote(name)}:${scalarText(scalar)}`).join(',')}}`;
    case 'value':
      return `v:${scalarText(element.value)}`;
    case 'index':
      return `i:${element.index}`;
    default:
      return element satisfies never;
  }
}

function scalarText(scalar: Scalar): string {
  return typeof scalar === 'string' ? quote(scalar) : String(scalar);
}

/** What JSON, or Go's way of writing it, does not show as it is. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const ESCAPED = /[\u0000-\u001F"\\<>&\u2028\u2029\uD800-\uDFFF]/;

function quote(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`;
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The inverse of {@link elementText}; `undefined` for a prefix that is not known (a later format).
 *
 * @throws {MergeError} `INVALID_FIELDS` when what follows a known prefix cannot be read.
 */
export function parseElement(text: string): PathElement | undefined {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
      return fieldElement(rest);
    case 'k:':
      return keyOf(parseKeyFields(rest));
    case 'v:':
      return valueElement(parseScalar(parseText(rest), rest));
    case 'i:':
      if (!/^[+-]?[0-9]+$/.test(rest)) throw invalid(rest, 'an index is a whole number');
      return indexElement(Number(rest));
    default:
      return undefined;
  }
}

function parseKeyFields(text: string): KeyField[] {
  const parsed = parseText(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid(text, 'a key is an object');
  return Object.keys(parsed).map((name) => ({
    name,
    value: parseScalar((parsed as Readonly<Record<string, unknown>>)[name], text),
  }));
}

function parseScalar(parsed: unknown, text: string): Scalar {
  if (typeof parsed === 'object' && parsed !== null) throw invalid(text, 'only scalars name an item');
  return parsed as Scalar;
}

/** `JSON.parse` as Node 22 and later have it (ECMAScript "JSON.parse source text access"). */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;

function parseText(text: string): unknown {
  try {
    return /[0-9]{16}/.test(text) ? (JSON.parse as ParseWithSource)(text, reviveInteger) : JSON.parse(text);
  } catch (error) {
    throw invalid(text, 'it is not JSON', error);
  }
}

function reviveInteger(_name: string, parsed: unknown, { source }: { source?: string }): unknown {
  const beyond = typeof parsed === 'number' && !Number.isSafeInteger(parsed) && source !== undefined;
  return beyond && /^-?[0-9]+$/.test(source) ? BigInt(source) : parsed;
}

function invalid(text: string, why: string, cause?: unknown): MergeError {
  return new MergeError('INVALID_FIELDS', `"${text}" is not the name of a list item in FieldsV1: ${why}`, { cause });
}

/**
 * A path for people, in the words of the API server's conflicts: `.spec.containers[name="web"].image`,
 * `.metadata.finalizers[="a.b/c"]`, `.data.ca.crt`. The root is `''`.
 */
export function printPath(path: Path): string {
  return path.map(printElement).join('');
}

function printElement(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `.${element.name}`;
    case 'key':
      return `[${element.fields.map(({ name, value: scalar }) => `${name}=${printScalar(scalar)}`).join(',')}]`;
    case 'value':
      return `[=${printScalar(element.value)}]`;
    case 'index':
      return `[${element.index}]`;
    default:
      return element satisfies never;
  }
}

function printScalar(scalar: Scalar): string {
  return typeof scalar === 'string' ? JSON.stringify(scalar) : String(scalar);
}
