import { EVENT_ID, SCALAR_STYLE, getScalarValue } from 'js-yaml';
import type { Event } from 'js-yaml';
import { scalarKey, resolveScalar } from '@homeostat/kube';

/** A place in a document, both from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Keys and indices from the document's root to a node. */
export type NodePath = readonly (string | number)[];

/** Turns offsets into lines and columns; the lines are indexed on the first call. LF, CRLF and CR end a line. */
export function positions(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    if (offset === 0) return { line: 0, column: 0 }; // most objects: no need for the index
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (starts[low] as number) };
  };
}

/** Where a line of the text, counted from 0, starts. */
export function offsetOf(text: string, line: number): number {
  return lineStarts(text)[line] ?? text.length;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** Where a node starts in its source: its anchor or tag, if it has one. -1 for what has no text of its own. */
export function eventOffset(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR: {
      const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      return first(event.tagStart, first(beforeMark(event.anchorStart), event.valueStart - (quoted ? 1 : 0)));
    }
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return first(event.tagStart, first(beforeMark(event.anchorStart), event.start));
    case EVENT_ID.ALIAS:
      return beforeMark(event.anchorStart);
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      return -1;
    default:
      return event satisfies never;
  }
}

/** Offset of the `&` or `*` before a name. */
function beforeMark(name: number): number {
  return name < 0 ? -1 : name - 1;
}

/** The earlier of two offsets, of which each may be missing (-1). */
function first(a: number, b: number): number {
  return a < 0 ? b : b < 0 ? a : Math.min(a, b);
}

/**
 * Finds where a node of the document stands: for a key of a map the key itself, for an item of a list the item. What
 * came in through an alias or a merge has no place of its own: the nearest node above it that has one is taken.
 *
 * Walks the events again rather than keeping positions while parsing, since only findings and list items need them.
 */
export function locate(events: readonly Event[], source: string, path: NodePath): number {
  let at = 1; // the document's event comes first
  let offset = Math.max(0, eventOffset(events[at] as Event));
  for (const step of path) {
    const found = typeof step === 'number' ? findItem(events, at, step) : findKey(events, source, at, step);
    if (found === undefined) return offset;
    const own = eventOffset(events[found.place] as Event);
    if (own >= 0) offset = own;
    at = found.value;
  }
  return offset;
}

/** Offsets of all items of the list at `path`; one walk for a list of any length. */
export function locateItems(events: readonly Event[], source: string, path: NodePath): number[] {
  let at = 1;
  for (const step of path) {
    const found = typeof step === 'number' ? findItem(events, at, step) : findKey(events, source, at, step);
    if (found === undefined) return [];
    at = found.value;
  }
  if (events[at]?.type !== EVENT_ID.SEQUENCE) return [];
  const offsets: number[] = [];
  for (let next = at + 1; !isEnd(events[next]); next = skipNode(events, next)) {
    offsets.push(eventOffset(events[next] as Event));
  }
  return offsets;
}

interface Found {
  /** Index of the event that says where it stands. */
  readonly place: number;
  readonly value: number;
}

/** The last of equal keys: the one that counts. */
function findKey(events: readonly Event[], source: string, map: number, key: string): Found | undefined {
  if (events[map]?.type !== EVENT_ID.MAPPING) return undefined;
  let found: Found | undefined;
  for (let at = map + 1; !isEnd(events[at]);) {
    const value = skipNode(events, at);
    if (eventKey(events[at] as Event, source) === key) found = { place: at, value };
    at = skipNode(events, value);
  }
  return found;
}

function findItem(events: readonly Event[], list: number, index: number): Found | undefined {
  if (events[list]?.type !== EVENT_ID.SEQUENCE) return undefined;
  let at = list + 1;
  for (let i = 0; i < index && !isEnd(events[at]); i++) at = skipNode(events, at);
  return isEnd(events[at]) ? undefined : { place: at, value: at };
}

/** Offset of the first key of this map that reads as `key`. */
export function firstKeyOffset(events: readonly Event[], source: string, map: number, key: string): number {
  for (let at = map + 1; !isEnd(events[at]); at = skipNode(events, skipNode(events, at))) {
    if (eventKey(events[at] as Event, source) === key) return eventOffset(events[at] as Event);
  }
  return -1;
}

function eventKey(event: Event, source: string): string | undefined {
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  const text = getScalarValue(source, event);
  return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0 ? scalarKey(text, resolveScalar(text)) : text;
}

function isEnd(event: Event | undefined): boolean {
  return event === undefined || event.type === EVENT_ID.POP;
}

/** Index of the event after the node that starts at `at`. */
function skipNode(events: readonly Event[], at: number): number {
  let depth = 0;
  let next = at;
  do {
    const type = events[next++]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
    else if (type === EVENT_ID.POP) depth--;
    else if (type === undefined) return next;
  } while (depth > 0);
  return next;
}
