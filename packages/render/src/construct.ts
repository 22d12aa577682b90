import { COLLECTION_STYLE, EVENT_ID, SCALAR_STYLE, getScalarValue } from 'js-yaml';
import type { DocumentDirective, Event, ScalarEvent } from 'js-yaml';
import type { FindingCode } from './finding.ts';
import type { Limits } from './limits.ts';
import { eventOffset, firstKeyOffset } from './positions.ts';
import { scalarKey, resolveScalar, resolveTagged } from '@homeostat/kube';
import type { CoreTag, Scalar } from '@homeostat/kube';

/** What is doubtful in one document, placed by offset in its text. */
export interface Remark {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

/** Ends the reading of one document. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: FindingCode;
  readonly offset: number;
  readonly hint: string;
  /** A second place that the message speaks of as `{other}`. */
  readonly other: number | undefined;

  constructor(code: FindingCode, offset: number, message: string, hint: string, other?: number) {
    super(message);
    this.code = code;
    this.offset = offset;
    this.hint = hint;
    this.other = other;
  }
}

interface MapFrame {
  readonly kind: 'map';
  readonly value: Record<string, unknown>;
  /** Index of the event that opened it. */
  readonly event: number;
  readonly anchor: Anchor | undefined;
  key: string | undefined;
  keyOffset: number;
  keyIsMerge: boolean;
  /** Keys that came through a merge: an explicit key may still override them. */
  merged: Set<string> | undefined;
  /** How many collections nest below, this one included. */
  height: number;
}

interface ListFrame {
  readonly kind: 'list';
  readonly value: unknown[];
  readonly event: number;
  readonly anchor: Anchor | undefined;
  height: number;
}

type Frame = MapFrame | ListFrame;

/** A node that aliases may name. Sizes count what it takes when written out, aliases inside it included. */
interface Anchor {
  value: unknown;
  isScalar: boolean;
  source: string;
  open: boolean;
  sizeBefore: number;
  size: number;
  height: number;
}

const CORE_PREFIX = 'tag:yaml.org,2002:';
const CORE_TAGS: ReadonlySet<string> = new Set(['str', 'bool', 'int', 'float', 'null', 'timestamp']);
const ANCHOR_NAME = /^[0-9A-Za-z_-]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Builds the value of one document from its parser events, with the meaning that Kubernetes gives it (see
 * `resolveScalar`):
 *
 * 1. Scalar keys become text; null and collections as keys are refused. Tags on collections mean nothing.
 * 2. A merge (`<<`) is an assignment where it stands: it wins over keys above it and loses to keys below it.
 * 3. A key given twice is an error, although kubectl takes the last: one of the two was meant and the other is lost.
 * 4. Aliases share the instance that they name; what they would add when written out is bounded.
 *
 * Works on a stack of its own, so that no nesting exhausts the caller's.
 *
 * @throws {DocumentError} at the first thing that has no meaning; `remark` hears of what is doubtful.
 */
export function construct(
  events: readonly Event[],
  source: string,
  limits: Limits,
  remark: (remark: Remark) => void,
): unknown {
  const builder = new Builder(events, source, limits, remark);
  for (let index = 0; index < events.length; index++) builder.take(events[index] as Event, index);
  return builder.root;
}

class Builder {
  root: unknown = null;
  readonly #events: readonly Event[];
  readonly #source: string;
  readonly #limits: Limits;
  readonly #remark: (remark: Remark) => void;
  readonly #frames: Frame[] = [];
  readonly #anchors = new Map<string, Anchor>();
  /** A colon before a bracket or comma, as in `[a:,b]`: a mark of its own to YAML 1.2 only. */
  readonly #gluedColon = /\s*:[,[\]{}]/y;
  #directives: readonly DocumentDirective[] = [];
  /** Where the reader stands: the last node that has a place. */
  #offset = 0;
  #size = 0;
  #expanded = 0;
  #aliases = 0;
  #mergeKeys = 0;

  constructor(events: readonly Event[], source: string, limits: Limits, remark: (remark: Remark) => void) {
    this.#events = events;
    this.#source = source;
    this.#limits = limits;
    this.#remark = remark;
  }

  take(event: Event, index: number): void {
    const offset = eventOffset(event);
    if (offset >= 0) this.#offset = offset;
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        this.#directives = event.directives;
        break;
      case EVENT_ID.SCALAR:
        this.#refuseGluedTag(event);
        this.#scalar(event);
        break;
      case EVENT_ID.ALIAS:
        this.#alias(this.#source.slice(event.anchorStart, event.anchorEnd));
        break;
      case EVENT_ID.MAPPING:
        this.#refuseGluedTag(event);
        this.#frames.push({
          kind: 'map',
          value: {},
          event: index,
          anchor: this.#openAnchor(event.anchorStart, event.anchorEnd),
          key: undefined,
          keyOffset: 0,
          keyIsMerge: false,
          merged: undefined,
          height: 1,
        });
        break;
      case EVENT_ID.SEQUENCE:
        this.#refuseGluedTag(event);
        this.#frames.push({
          kind: 'list',
          value: [],
          event: index,
          anchor: this.#openAnchor(event.anchorStart, event.anchorEnd),
          height: 1,
        });
        break;
      case EVENT_ID.POP:
        this.#close();
        break;
      default:
        event satisfies never;
    }
  }

  /** A tag that a bracket or comma follows at once, as in `[![], a]`: those are part of the tag to Kubernetes. */
  #refuseGluedTag({ tagStart, tagEnd }: { readonly tagStart: number; readonly tagEnd: number }): void {
    if (tagStart < 0 || !/[,[\]{}]/.test(this.#source.charAt(tagEnd))) return;
    throw this.#error('YAML_SYNTAX', 'Kubernetes reads what follows as part of this tag', 'put a space after the tag');
  }

  #scalar(event: ScalarEvent): void {
    const source = getScalarValue(this.#source, event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    if (plain && this.#isGlued(event.valueEnd)) {
      throw this.#error(
        'YAML_SYNTAX',
        'Kubernetes reads this colon as part of the text before it',
        'put a space after the colon',
      );
    }
    if (plain && source.startsWith('?') && this.#isInFlow()) {
      throw this.#error('YAML_SYNTAX', 'Kubernetes reads this question mark as the mark of a key', 'quote the text');
    }
    const tag = this.#tagName(event);
    const value = this.#resolve(event, source, tag);
    // A number that its tag makes a float is written as one when it is a key.
    const keySource = tag === `${CORE_PREFIX}float` ? '' : source;
    const anchor = this.#openAnchor(event.anchorStart, event.anchorEnd);
    this.#size += 8 + source.length;
    if (anchor !== undefined) this.#closeAnchor(anchor, value, 0, keySource);
    const untagged = event.tagStart < 0;
    const isMerge = source === '<<' && ((plain && untagged) || tag === '!' || tag === `${CORE_PREFIX}merge`);
    this.#add(value, 0, { source: keySource, isMerge, isPlain: plain && untagged });
  }

  #isInFlow(): boolean {
    const frame = this.#frames.at(-1);
    const opened = frame === undefined ? undefined : this.#events[frame.event];
    return opened !== undefined && 'style' in opened && opened.style === COLLECTION_STYLE.FLOW;
  }

  #isGlued(end: number): boolean {
    this.#gluedColon.lastIndex = end;
    return end >= 0 && this.#gluedColon.test(this.#source);
  }

  #resolve(event: ScalarEvent, source: string, tag: string): Scalar {
    if (event.tagStart < 0) return event.style === SCALAR_STYLE.PLAIN ? resolveScalar(source) : source;
    if (tag === `${CORE_PREFIX}binary`) return this.#binary(source);
    const core = tag.startsWith(CORE_PREFIX) ? tag.slice(CORE_PREFIX.length) : '';
    if (!CORE_TAGS.has(core)) return source;
    const value = resolveTagged(core as CoreTag, source);
    if (value === undefined) {
      throw this.#error(
        'UNSUPPORTED_VALUE',
        `the value does not fit its tag !!${core}`,
        'correct the value or drop the tag',
      );
    }
    return value;
  }

  #binary(source: string): string {
    const base64 = source.replaceAll(/[\r\n]/g, '');
    const bytes = Buffer.from(base64, 'base64');
    const text = bytes.toString('utf8');
    if (!BASE64.test(base64)) {
      throw this.#error(
        'UNSUPPORTED_VALUE',
        '!!binary holds no valid base64',
        'correct it, or drop the tag to keep the text',
      );
    }
    if (!Buffer.from(text, 'utf8').equals(bytes)) {
      throw this.#error(
        'UNSUPPORTED_VALUE',
        '!!binary holds bytes that are no UTF-8 text, which JSON cannot carry',
        "drop the tag and put the base64 text into the object's binaryData, or into a Secret's data",
      );
    }
    return text;
  }

  #tagName(event: ScalarEvent): string {
    if (event.tagStart < 0) return '';
    const raw = this.#source.slice(event.tagStart, event.tagEnd);
    if (raw.startsWith('!<')) return raw.slice(2, -1);
    const end = raw.indexOf('!', 1);
    const handle = end < 0 ? '!' : raw.slice(0, end + 1);
    const declared = this.#directives.find((directive) => directive.kind === 'tag' && directive.handle === handle);
    const prefix = declared?.kind === 'tag' ? declared.prefix : handle === '!!' ? CORE_PREFIX : handle;
    return prefix + raw.slice(handle.length);
  }

  #alias(name: string): void {
    if (++this.#aliases > this.#limits.aliases) {
      throw this.#error(
        'TOO_MANY_ALIASES',
        `the document has more than ${this.#limits.aliases} aliases`,
        'write the values out, or split the document',
      );
    }
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) {
      throw this.#error(
        'YAML_SYNTAX',
        `no anchor &${name} stands before this alias`,
        'an anchor reaches only to the end of its document',
      );
    }
    if (anchor.open) {
      throw this.#error('UNSUPPORTED_VALUE', `the value of anchor &${name} contains itself`, 'remove this alias');
    }
    this.#size += anchor.size;
    this.#expanded += anchor.size;
    if (this.#expanded > this.#limits.expansion) {
      throw this.#error(
        'EXPANSION_TOO_LARGE',
        `aliases add more than ${this.#limits.expansion} characters to the document`,
        'write out what is needed, or split the document',
      );
    }
    this.#checkDepth(this.#frames.length + anchor.height);
    const frame = this.#frames.at(-1);
    if (frame?.kind === 'map' && frame.keyIsMerge && frame.key !== undefined && Array.isArray(anchor.value)) {
      throw this.#error(
        'YAML_SYNTAX',
        'an alias to a list cannot be merged',
        'list the aliases to maps themselves: <<: [*a, *b]',
      );
    }
    this.#add(
      anchor.value,
      anchor.height,
      anchor.isScalar ? { source: anchor.source, isMerge: false, isPlain: false } : undefined,
    );
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return; // the end of the document
    this.#size += 8;
    if (frame.anchor !== undefined) this.#closeAnchor(frame.anchor, frame.value, frame.height);
    this.#add(frame.value, frame.height, undefined);
  }

  #openAnchor(start: number, end: number): Anchor | undefined {
    if (start < 0) return undefined;
    const name = this.#source.slice(start, end);
    if (!ANCHOR_NAME.test(name)) {
      throw this.#error(
        'YAML_SYNTAX',
        'this anchor has a name that Kubernetes does not read',
        'use letters, digits, "-" and "_" only',
      );
    }
    const anchor: Anchor = {
      value: undefined,
      isScalar: false,
      source: '',
      open: true,
      sizeBefore: this.#size,
      size: 0,
      height: 0,
    };
    this.#anchors.set(name, anchor);
    return anchor;
  }

  #closeAnchor(anchor: Anchor, value: unknown, height: number, source?: string): void {
    anchor.value = value;
    anchor.height = height;
    anchor.size = this.#size - anchor.sizeBefore;
    anchor.open = false;
    anchor.isScalar = source !== undefined;
    anchor.source = source ?? '';
  }

  /** Puts a finished node where it belongs: `scalar` says how it stood if it is one, and may thus be a key. */
  #add(
    value: unknown,
    height: number,
    scalar: { readonly source: string; readonly isMerge: boolean; readonly isPlain: boolean } | undefined,
  ): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) {
      this.root = this.#finite(value);
    } else if (frame.kind === 'list') {
      frame.value.push(this.#finite(value));
      frame.height = Math.max(frame.height, height + 1);
    } else if (frame.key === undefined) {
      this.#key(frame, value, scalar);
    } else {
      frame.height = Math.max(frame.height, height + 1);
      if (frame.keyIsMerge) this.#merge(frame, value);
      else this.#set(frame, frame.key, this.#finite(value));
      frame.key = undefined;
    }
  }

  #key(
    frame: MapFrame,
    value: unknown,
    scalar: { readonly source: string; readonly isMerge: boolean; readonly isPlain: boolean } | undefined,
  ): void {
    const key = scalar === undefined ? undefined : scalarKey(scalar.source, value as Scalar);
    if (key === undefined) {
      const what = scalar === undefined ? 'a list or map' : value === null ? 'null' : 'a number beyond 64 bits';
      throw this.#error('UNSUPPORTED_VALUE', `${what} cannot be the key of a map`, 'quote the key');
    }
    frame.key = key;
    frame.keyOffset = this.#offset;
    frame.keyIsMerge = scalar?.isMerge === true;
    if (scalar?.isPlain === true && key !== scalar.source) {
      this.#remark({
        severity: 'warning',
        code: 'AMBIGUOUS_KEY',
        message: `Kubernetes reads the key ${scalar.source} as "${key}"`,
        hint: `write "${scalar.source}" in quotes if that text is meant, or "${key}" to say so plainly`,
        offset: this.#offset,
      });
    }
  }

  #set(frame: MapFrame, key: string, value: unknown): void {
    if (Object.hasOwn(frame.value, key) && frame.merged?.delete(key) !== true) {
      const first = firstKeyOffset(this.#events, this.#source, frame.event, key);
      const separator = this.#frames.length === 1 && (key === 'apiVersion' || key === 'kind');
      throw new DocumentError(
        'DUPLICATE_KEY',
        frame.keyOffset,
        `the key "${key}" stands twice in this map, first on line {other}`,
        separator
          ? 'a line "---" is missing between two objects, or one of the keys is too many'
          : 'remove one of the two',
        first,
      );
    }
    define(frame.value, key, value);
  }

  #merge(frame: MapFrame, value: unknown): void {
    this.#offset = frame.keyOffset;
    // Of several sources the first wins, so it is assigned last.
    const sources = Array.isArray(value) ? value.toReversed() : [value];
    for (const from of sources) {
      if (typeof from !== 'object' || from === null || Array.isArray(from)) {
        throw this.#error('YAML_SYNTAX', 'only maps, or a list of maps, can be merged', 'give << an alias to a map');
      }
      this.#countMergeKey();
      for (const key of Object.keys(from)) this.#mergeKey(frame, key, (from as Record<string, unknown>)[key]);
    }
  }

  #mergeKey(frame: MapFrame, key: string, value: unknown): void {
    this.#countMergeKey();
    frame.merged ??= new Set();
    if (Object.hasOwn(frame.value, key) && !frame.merged.has(key)) {
      this.#remark({
        severity: 'warning',
        code: 'MERGE_OVERRIDES_KEY',
        message: `this merge replaces the key "${key}" that stands above it`,
        hint: 'put << first in the map if the key was meant to win',
        offset: frame.keyOffset,
      });
    }
    define(frame.value, key, value);
    frame.merged.add(key);
  }

  #countMergeKey(): void {
    if (++this.#mergeKeys <= this.#limits.mergeKeys) return;
    throw this.#error(
      'TOO_MANY_MERGE_KEYS',
      `merges copy more than ${this.#limits.mergeKeys} keys in this document`,
      'write the values out, or split the document',
    );
  }

  #finite(value: unknown): unknown {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw this.#error('UNSUPPORTED_VALUE', 'infinity and NaN have no form in JSON', 'quote the value if text is meant');
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#limits.depth) return;
    throw this.#error('TOO_DEEP', `the document nests deeper than ${this.#limits.depth} levels`, 'flatten it');
  }

  #error(code: FindingCode, message: string, hint: string): DocumentError {
    return new DocumentError(code, this.#offset, message, hint);
  }
}

/** Sets a key without ever reaching a setter: `__proto__` is a key like any other. */
function define(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}
