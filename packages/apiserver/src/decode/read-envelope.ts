import { BYTES, requireType, unreadable, WireReader } from './wire-reader.ts';

/** A message, and what it says it is: how Kubernetes sends protobuf. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: Uint8Array;
}

const PREFIX = [0x6b, 0x38, 0x73, 0x00];

/** Whether this is what Kubernetes sends as protobuf. No JSON and no YAML is. */
export function isEnvelope(body: Uint8Array): boolean {
  return PREFIX.every((byte, at) => body[at] === byte);
}

/**
 * Opens the envelope. Source: k8s.io/apimachinery, runtime/serializer/protobuf.
 *
 * @throws {DecodeError} UNREADABLE
 */
export function readEnvelope(body: Uint8Array): Envelope {
  if (body.length === 0) throw unreadable('empty data');
  if (!isEnvelope(body)) {
    const why = `provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(' ')}]`;
    throw unreadable(why);
  }
  if (body.length === PREFIX.length) throw unreadable('empty body');
  let meta = { apiVersion: '', kind: '' };
  let message: Uint8Array = new Uint8Array();
  const reader = new WireReader(body.subarray(PREFIX.length));
  while (!reader.done) {
    const { number, type } = reader.tag('Unknown');
    const name = FIELDS[number];
    if (name === undefined) reader.skip(type);
    else {
      requireType(type, BYTES, name);
      const bytes = reader.bytes();
      if (name === 'TypeMeta') meta = readTypeMeta(bytes, meta);
      if (name === 'Raw') message = bytes;
    }
  }
  return { ...meta, message };
}

const FIELDS: readonly (string | undefined)[] = [undefined, 'TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'];

type TypeMeta = Pick<Envelope, 'apiVersion' | 'kind'>;

function readTypeMeta(bytes: Uint8Array, before: TypeMeta): TypeMeta {
  const reader = new WireReader(bytes);
  let { apiVersion, kind } = before;
  while (!reader.done) {
    const { number, type } = reader.tag('TypeMeta');
    if (number > 2) {
      reader.skip(type);
      continue;
    }
    requireType(type, BYTES, number === 1 ? 'APIVersion' : 'Kind');
    const text = reader.text();
    if (number === 1) apiVersion = text;
    else kind = text;
  }
  return { apiVersion, kind };
}

/**
 * The texts at a field of a message, through the numbers of messages within messages.
 *
 * @throws {DecodeError} UNREADABLE
 */
export function textsAt(message: Uint8Array, [first, ...rest]: readonly number[]): string[] {
  const texts: string[] = [];
  const reader = new WireReader(message);
  while (!reader.done) {
    const { number, type } = reader.tag('');
    if (number !== first || type !== BYTES) reader.skip(type);
    else if (rest.length === 0) texts.push(reader.text());
    else texts.push(...textsAt(reader.bytes(), rest));
  }
  return texts;
}
