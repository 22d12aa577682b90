import { zeroOf } from './decode-value.ts';
import type { JsonMap } from './json-value.ts';
import { isMap } from './json-value.ts';
import type { MessagePlan } from './message-plan.ts';
import type { FieldPlan, Plan, StructPlan } from './plan.ts';
import { setKey } from './set-key.ts';
import { finite, jsonIn, readFirst, readIntOrString, readTime } from './special-messages.ts';
import { BYTES, FIXED64, requireType, unreadable, VARINT, WireReader } from './wire-reader.ts';

/** Of all types only schemas can nest without end. */
const MAX_DEPTH = 250;

/** What a reader of messages needs to know beside the bytes. */
export interface MessageContext {
  readonly planOf: (struct: StructPlan) => MessagePlan;
  readonly depth: number;
}

/**
 * Adds the fields of a message to `draft`, as JSON has them. A field that comes twice counts as Go counts it: the last
 * value, all items of lists, all keys of maps, and structs joined. Fields that the message does not have are passed over.
 *
 * @throws {DecodeError} UNREADABLE, in Go's words, for bytes that are no such message.
 */
export function readMessage(message: MessagePlan, bytes: Uint8Array, draft: JsonMap, context: MessageContext): void {
  if (context.depth > MAX_DEPTH) throw unreadable(`exceeded max depth of ${String(MAX_DEPTH)}`);
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { number, type } = reader.tag(message.name);
    const known = message.fields.get(number);
    if (known === undefined) reader.skip(type);
    else if (known.kind === 'field') readField(known.field, reader, type, draft, context);
    else {
      requireType(type, BYTES, known.message.name);
      readMessage(known.message, reader.bytes(), draft, context);
    }
  }
}

function readField(
  { name, plan }: FieldPlan,
  reader: WireReader,
  type: number,
  draft: JsonMap,
  context: MessageContext,
): void {
  const before = draft[name];
  if (plan.kind === 'list') {
    const list = Array.isArray(before) ? before : [];
    readItems(name, plan.items, reader, type, list, context);
    draft[name] = list;
  } else if (plan.kind === 'map') {
    const map = isMap(before) ? before : {};
    requireType(type, BYTES, name);
    readEntry(name, plan.values, reader.bytes(), map, context);
    draft[name] = map;
  } else draft[name] = readValue(name, plan, reader, type, context, before);
}

/** One item; or, of numbers, as many as there are in one value. */
function readItems(
  name: string,
  items: Plan,
  reader: WireReader,
  type: number,
  list: unknown[],
  context: MessageContext,
): void {
  const scalar = WIRE_TYPES[items.kind] ?? BYTES;
  if (type !== BYTES || scalar === BYTES) {
    list.push(readValue(name, items, reader, type, context));
    return;
  }
  const packed = new WireReader(reader.bytes());
  while (!packed.done) list.push(readValue(name, items, packed, scalar, context));
}

/** An entry of a map is a message: 1 is the key, 2 the value. */
function readEntry(name: string, values: Plan, bytes: Uint8Array, map: JsonMap, context: MessageContext): void {
  const reader = new WireReader(bytes);
  let key = '';
  let value: unknown = emptyOf(values);
  while (!reader.done) {
    const { number, type } = reader.tag(name);
    if (number === 1) {
      requireType(type, BYTES, name);
      key = reader.text();
    } else if (number !== 2) reader.skip(type);
    else if (values.kind === 'list') {
      // Protobuf has no lists as values: they are messages whose field 1 is the items.
      requireType(type, BYTES, name);
      value = readFirst(reader.bytes(), values.goType, (inner, innerType, list: unknown[] = []) => {
        readItems(name, values.items, inner, innerType, list, context);
        return list;
      });
    } else value = readValue(name, values, reader, type, context);
  }
  setKey(map, key, value);
}

/** What a map holds under a key whose value was not sent. */
function emptyOf(plan: Plan): unknown {
  switch (plan.kind) {
    case 'bytes':
      return '';
    case 'struct':
    case 'map':
      return {};
    default:
      return zeroOf(plan);
  }
}

/** Kinds of values that are written otherwise than as a length and bytes. */
const WIRE_TYPES: Readonly<Partial<Record<Plan['kind'], number>>> = {
  integer: VARINT,
  boolean: VARINT,
  float: FIXED64,
};

function readValue(
  name: string,
  plan: Plan,
  reader: WireReader,
  type: number,
  context: MessageContext,
  before?: unknown,
): unknown {
  requireType(type, WIRE_TYPES[plan.kind] ?? BYTES, name);
  switch (plan.kind) {
    case 'integer':
      return plan.bits === 32 ? reader.integer32() : reader.integer();
    case 'boolean':
      return Number(reader.integer()) !== 0;
    case 'float':
      return finite(reader.double());
    case 'text':
      return reader.text();
    case 'bytes':
      return reader.bytes().toString('base64');
    case 'raw':
      return readFirst(reader.bytes(), lastPart(plan.goType), (inner, innerType) => {
        requireType(innerType, BYTES, 'Raw');
        return jsonIn(inner.bytes());
      });
    case 'quantity':
      return (
        readFirst(reader.bytes(), 'Quantity', (inner, innerType) => {
          requireType(innerType, BYTES, 'String_');
          return inner.text();
        }) ?? '0'
      );
    case 'intOrString':
      return readIntOrString(reader.bytes());
    case 'time':
    case 'microTime':
      return readTime(reader.bytes(), plan.kind);
    case 'struct': {
      const draft = isMap(before) ? before : {};
      readMessage(context.planOf(plan.struct), reader.bytes(), draft, { ...context, depth: context.depth + 1 });
      return draft;
    }
    case 'schemaOr':
      return readSchemaOr(plan, reader.bytes(), context);
    case 'list':
    case 'map':
      throw unreadable(`proto: ${name} holds a ${plan.kind} in another`);
    default:
      return plan satisfies never;
  }
}

/** Field 1 and 2 are the schema and what may stand instead, or the other way round. */
function readSchemaOr(
  plan: Plan & { readonly kind: 'schemaOr' },
  bytes: Uint8Array,
  { planOf, depth }: MessageContext,
): unknown {
  const message = planOf(plan.struct);
  const inner = { planOf, depth: depth + 1 };
  const schemaNumber = plan.other === 'boolean' ? 2 : 1;
  const reader = new WireReader(bytes);
  let schema: JsonMap | undefined;
  let allows = false;
  const others: unknown[] = [];
  while (!reader.done) {
    const { number, type } = reader.tag(lastPart(plan.goType));
    if (number === schemaNumber) {
      requireType(type, BYTES, 'Schema');
      schema ??= {};
      readMessage(message, reader.bytes(), schema, inner);
    } else if (number > 2) reader.skip(type);
    else if (plan.other === 'boolean') {
      requireType(type, VARINT, 'Allows');
      allows = Number(reader.integer()) !== 0;
    } else {
      requireType(type, BYTES, plan.other === 'texts' ? 'Property' : 'JSONSchemas');
      if (plan.other === 'texts') others.push(reader.text());
      else {
        const one: JsonMap = {};
        readMessage(message, reader.bytes(), one, inner);
        others.push(one);
      }
    }
  }
  if (plan.other === 'boolean') return schema ?? allows;
  // A list goes before a schema, but for schemas, of which one alone stands for itself.
  if (others.length > 0) return others;
  return schema ?? null;
}

function lastPart(goType: string): string {
  return goType.slice(goType.lastIndexOf('.') + 1);
}
