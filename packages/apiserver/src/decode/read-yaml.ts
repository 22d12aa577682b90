import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from 'js-yaml';
import type { Event, ScalarEvent } from 'js-yaml';
import { impliedTag, resolveScalar, resolveTagged, scalarKey } from '@homeostat/kube';
import type { CoreTag, Scalar } from '@homeostat/kube';
import { DecodeError } from './decode-error.ts';
import { setKey } from './set-key.ts';

/** The first document of a YAML text as kube-apiserver reads it. */
export interface YamlText {
  /** What comes of turning it into JSON first: the keys of every map are sorted. */
  readonly value: unknown;
  /** One message for all keys that stand twice: of those the last counts. */
  readonly duplicates: readonly string[];
}

/** How deep lists and maps may nest, and how many values aliases may add: more than any manifest has. */
const MAX_DEPTH = 1000;
const MAX_EXPANSION = 1_000_000;
/** Keys that stand twice, in one message. */
const MAX_DUPLICATES = 1000;

/**
 * Reads YAML 1.1 as Go's yaml.v2 does: bare words such as `yes` are booleans, scalars as keys become text, a merge (`<<`) is an
 * assignment where it stands.
 *
 * @throws {DecodeError} UNREADABLE for what is no YAML, or has no form in JSON. The words after `yaml: line N:` are the
 * parser's own and not Go's.
 */
export function readYaml(text: string): YamlText {
  if (text.trim() === '') return { value: null, duplicates: [] };
  const builder = new Builder(text);
  for (const event of eventsOf(text)) {
    builder.take(event);
    if (builder.isDone) break; // what follows are other documents
  }
  const { root, duplicates } = builder;
  return {
    value: root,
    duplicates: duplicates.length === 0 ? [] : [['yaml: unmarshal errors:', ...duplicates].join('\n')],
  };
}

/** Of the first document; before it stand other directives, comments and empty lines. */
const VERSION = /^(?:[#%].*\n|[ \t]*\n)*?%YAML[ \t]+(\S+)/;

function eventsOf(text: string): Event[] {
  const version = VERSION.exec(text)?.[1] ?? '1.1';
  if (version !== '1.1') throw new DecodeError('UNREADABLE', 'yaml: found incompatible YAML document');
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? '' : ` line ${String(error.mark.line + 1)}:`;
    throw new DecodeError('UNREADABLE', `yaml:${line} ${error.reason}`);
  }
}

interface Frame {
  readonly value: Record<string, unknown> | unknown[];
  readonly anchor: string | undefined;
  /** Values in it, as aliases write them out. */
  size: number;
  /** How many duplicates were known when it began. */
  readonly duplicatesBefore: number;
  key: string | undefined;
  /** As messages show it. */
  keyShown: string;
  isMerge: boolean;
  /** Where the value of the key at hand begins. */
  line: number;
  /** The same of every key of a map. */
  readonly lines: Map<string, number>;
}

interface Entry {
  readonly key: string;
  readonly shown: string;
  readonly value: unknown;
  readonly line: number;
}

interface Anchored {
  readonly value: unknown;
  readonly size: number;
  /** Go decodes the node again for every alias, and says these again. */
  readonly duplicates: readonly string[];
}

const BLOCK_STYLES: ReadonlySet<number> = new Set([SCALAR_STYLE.LITERAL_BLOCK, SCALAR_STYLE.FOLDED_BLOCK]);

class Builder {
  root: unknown = null;
  isDone = false;
  readonly duplicates: string[] = [];
  readonly #text: string;
  readonly #frames: Frame[] = [];
  readonly #anchors = new Map<string, Anchored>();
  /** Of every finished map: where the values of its keys begin. */
  readonly #lines = new Map<object, ReadonlyMap<string, number>>();
  #expanded = 0;
  /** Where the counting of lines has come to: offsets only grow. */
  #counted = { offset: 0, line: 1 };

  constructor(text: string) {
    this.#text = text;
  }

  take(event: Event): void {
    this.#place(event);
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        return;
      case EVENT_ID.SCALAR:
        return this.#scalar(event);
      case EVENT_ID.ALIAS:
        return this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd));
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        this.#frames.push({
          value: event.type === EVENT_ID.MAPPING ? {} : [],
          anchor: this.#anchorOf(event),
          size: 1,
          duplicatesBefore: this.duplicates.length,
          key: undefined,
          keyShown: '',
          isMerge: false,
          line: 0,
          lines: new Map(),
        });
        return;
      case EVENT_ID.POP:
        return this.#close();
      default:
        event satisfies never;
    }
  }

  /** A value that is left out, or begins with `|` or `>`, stands where its key does. */
  #place(event: Event): void {
    const frame = this.#frames.at(-1);
    if (frame?.key === undefined || event.type === EVENT_ID.POP) return;
    const isBlock = 'chomping' in event && BLOCK_STYLES.has(event.style);
    frame.line = this.#lineOf(
      'start' in event ? event.start : 'valueStart' in event && !isBlock ? event.valueStart : -1,
    );
  }

  #scalar(event: ScalarEvent): void {
    const source = getScalarValue(this.#text, event);
    const tag = event.tagStart < 0 ? '' : this.#text.slice(event.tagStart, event.tagEnd);
    const isPlain = event.style === SCALAR_STYLE.PLAIN && tag === '';
    const value = isPlain ? resolveScalar(source) : resolveAs(tag, source);
    if (value === undefined) {
      const is = impliedTag(source, resolveScalar(source));
      throw unreadable(`cannot decode !!${is} \`${source}\` as a ${tag}`);
    }
    this.#anchor(this.#anchorOf(event), { value, size: 1, duplicates: [] });
    const frame = this.#frames.at(-1);
    if (frame !== undefined && !Array.isArray(frame.value) && frame.key === undefined) {
      this.#lineOf(event.valueStart); // a value that is left out stands where its key does
      this.#key(frame, source, value, isPlain && source === '<<');
    } else this.#add(value, 1);
  }

  #key(frame: Frame, source: string, value: Scalar, isMerge: boolean): void {
    const key = scalarKey(source, value);
    if (key === undefined) throw unreadable(`unsupported map key of type: ${value === null ? '%!s(<nil>)' : 'uint64'}`);
    frame.key = key;
    frame.keyShown = typeof value === 'string' ? JSON.stringify(value) : String(value);
    frame.isMerge = isMerge;
  }

  #lineOf(offset: number): number {
    let { line } = this.#counted;
    for (let at = this.#counted.offset; at < offset; at++) if (this.#text.charCodeAt(at) === 0x0a) line++;
    this.#counted = { offset: Math.max(offset, this.#counted.offset), line };
    return line;
  }

  #alias(name: string): void {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) throw unreadable(`unknown anchor '${name}' referenced`);
    this.#expanded += anchored.size;
    if (this.#expanded > MAX_EXPANSION) throw unreadable('document contains excessive aliasing');
    const frame = this.#frames.at(-1);
    if (frame !== undefined && !Array.isArray(frame.value) && frame.key === undefined) {
      if (typeof anchored.value === 'object' && anchored.value !== null) throw unreadable('invalid map key');
      this.#key(frame, String(anchored.value), anchored.value as Scalar, false);
    } else {
      for (const duplicate of anchored.duplicates) this.#repeat(duplicate);
      this.#add(anchored.value, anchored.size);
    }
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) {
      this.isDone = true;
      return;
    }
    const value = Array.isArray(frame.value) ? frame.value : sorted(frame.value);
    this.#lines.set(value, frame.lines);
    this.#anchor(frame.anchor, { value, size: frame.size, duplicates: this.duplicates.slice(frame.duplicatesBefore) });
    this.#add(value, frame.size);
  }

  #add(value: unknown, size: number): void {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new DecodeError(
        'UNREADABLE',
        `json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`,
      );
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.size += size;
    if (frame === undefined) this.root = value;
    else if (Array.isArray(frame.value)) frame.value.push(value);
    else {
      if (frame.isMerge) this.#merge(frame, frame.value, value);
      else this.#set(frame, frame.value, { key: frame.key ?? '', shown: frame.keyShown, value, line: frame.line });
      frame.key = undefined;
    }
  }

  #repeat(duplicate: string): void {
    if (this.duplicates.length < MAX_DUPLICATES) this.duplicates.push(duplicate);
  }

  #set(frame: Frame, map: Record<string, unknown>, { key, shown, value, line }: Entry): void {
    if (Object.hasOwn(map, key)) this.#repeat(`  line ${String(line)}: key ${shown} already set in map`);
    setKey(map, key, value);
    frame.lines.set(key, line);
  }

  /** An assignment where it stands; of several maps the first wins, and is assigned last. */
  #merge(frame: Frame, map: Record<string, unknown>, value: unknown): void {
    for (const from of Array.isArray(value) ? value.toReversed() : [value]) {
      if (typeof from !== 'object' || from === null || Array.isArray(from))
        throw unreadable('map merge requires map or sequence of maps as the value');
      const lines = this.#lines.get(from);
      for (const [key, inner] of Object.entries(from))
        this.#set(frame, map, { key, shown: JSON.stringify(key), value: inner, line: lines?.get(key) ?? 0 });
    }
  }

  #anchorOf({
    anchorStart,
    anchorEnd,
  }: {
    readonly anchorStart: number;
    readonly anchorEnd: number;
  }): string | undefined {
    return anchorStart < 0 ? undefined : this.#text.slice(anchorStart, anchorEnd);
  }

  #anchor(name: string | undefined, anchored: Anchored): void {
    if (name !== undefined) this.#anchors.set(name, anchored);
  }
}

/** Go writes the keys of a map in the order of their bytes. */
function sorted(map: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(map).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Object.fromEntries(entries);
}

function unreadable(why: string): DecodeError {
  return new DecodeError('UNREADABLE', `yaml: ${why}`);
}

const CORE_TAGS: ReadonlyMap<string, CoreTag> = new Map(
  (['bool', 'int', 'float', 'null'] as const).map((core) => [`!!${core}`, core]),
);

/** A scalar that is quoted, or has a tag as it stands in the text (`!!int`); `undefined` when it does not fit the tag. */
function resolveAs(tag: string, source: string): Scalar | undefined {
  if (tag === '!!binary') return decodeBinary(source);
  const core = CORE_TAGS.get(tag);
  return core === undefined ? source : resolveTagged(core, source);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBinary(source: string): string {
  if (!BASE64.test(source.replaceAll(/[\r\n]/g, ''))) throw unreadable('!!binary value contains invalid base64 data');
  return Buffer.from(source, 'base64').toString();
}
