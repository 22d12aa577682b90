import { DecodeError } from './decode-error.ts';
import { readJson } from './read-json.ts';
import type { JsonNotes } from './json-reader.ts';
import { readYaml } from './read-yaml.ts';

/** A request's body, read. */
export interface ParsedBody {
  /** JSON values; integers of 64 bits that a number cannot hold are `bigint`. */
  readonly value: unknown;
  /**
   * What strict decoding says of keys that stand twice when it knows no fields (custom resources, patches): each as
   * `duplicate field "spec.a"`, or one message for all of a YAML text.
   */
  readonly duplicates: readonly string[];
  /** For `Decoder.decode`, which tells of repeated fields in its own order. */
  readonly notes: BodyNotes | undefined;
}

/** What the value cannot show of its text. */
export interface BodyNotes extends JsonNotes {
  /** What is to be said before anything that a decoder finds. */
  readonly first: readonly string[];
}

/**
 * Reads a body as kube-apiserver does. Of keys that stand twice the last counts.
 *
 * @param contentType the media type that the request is taken for; parameters may follow. YAML and apply patches are YAML,
 * everything else JSON.
 * @throws {DecodeError} UNREADABLE, with Go's message, for what is neither.
 */
export function parseBody(bytes: Uint8Array, contentType: string): ParsedBody {
  const text = DECODER.decode(bytes);
  if (isYaml(contentType)) {
    const { value, duplicates } = readYaml(text);
    const notes = duplicates.length === 0 ? undefined : { repeated: NONE, literals: NONE, first: duplicates };
    return { value, duplicates, notes };
  }
  const { value, notes } = parseJsonText(text);
  const hasRepeated = notes !== undefined && notes.repeated.size > 0;
  return {
    value,
    duplicates: hasRepeated ? repeatedPaths(value, notes.repeated) : [],
    notes: notes && { ...notes, first: [] },
  };
}

/** What is no UTF-8 becomes U+FFFD, as in Go; a byte order mark stays, and is an error. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
const NONE: ReadonlyMap<object, never> = new Map<object, never>();

function isYaml(contentType: string): boolean {
  const mediaType = contentType.split(';', 1)[0]?.trim() ?? '';
  return mediaType.endsWith('yaml');
}

function parseJsonText(text: string): ReturnType<typeof readJson> {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(error.code, `couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** Messages, at most: Go's limit. */
const MAX_MESSAGES = 100;

type Place = { readonly path: string; readonly value: unknown } | { readonly message: string };

function repeatedPaths(root: unknown, repeated: JsonNotes['repeated']): string[] {
  const messages = new Set<string>();
  const open: Place[] = [{ path: '', value: root }];
  for (let next = open.pop(); next !== undefined && messages.size < MAX_MESSAGES; next = open.pop()) {
    if ('message' in next) messages.add(next.message);
    else for (const inner of placesIn(next.path, next.value, repeated).toReversed()) open.push(inner);
  }
  return [...messages];
}

/** The containers in a list or an object, and where a key comes again. */
function placesIn(path: string, value: unknown, repeated: JsonNotes['repeated']): Place[] {
  if (Array.isArray(value))
    return value.map((item, at) => ({ path: `${path}[${String(at)}]`, value: item as unknown }));
  if (typeof value !== 'object' || value === null) return [];
  const entries = repeated.get(value);
  const places: Place[] = [];
  const seen = new Set<string>();
  for (const [key, inner] of entries ?? (Object.entries(value) as [string, unknown][])) {
    const at = path === '' ? key : `${path}.${key}`;
    if (seen.has(key)) places.push({ message: `duplicate field ${JSON.stringify(at)}` });
    if (entries !== undefined) seen.add(key);
    if (typeof inner === 'object' && inner !== null) places.push({ path: at, value: inner });
  }
  return places;
}
