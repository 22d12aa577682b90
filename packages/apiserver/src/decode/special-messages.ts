import { readJson } from './read-json.ts';
import { BYTES, requireType, unreadable, VARINT, WireReader } from './wire-reader.ts';

/** The value of field 1 of a message that has no other; `null` when it is not there. `read` gets what it made of an earlier one. */
export function readFirst<T>(
  bytes: Uint8Array,
  message: string,
  read: (reader: WireReader, type: number, before?: T) => T,
): T | null {
  const reader = new WireReader(bytes);
  let value: T | undefined;
  while (!reader.done) {
    const { number, type } = reader.tag(message);
    if (number === 1) value = read(reader, type, value);
    else reader.skip(type);
  }
  return value ?? null;
}

/** JSON inside of protobuf; no bytes are null. */
export function jsonIn(bytes: Buffer): unknown {
  return bytes.length === 0 ? null : readJson(bytes.toString('utf8')).value;
}

/** A number or a text: one of both, and which. */
export function readIntOrString(bytes: Uint8Array): unknown {
  const reader = new WireReader(bytes);
  const value: { type: number | bigint; number: number; text: string } = { type: 0, number: 0, text: '' };
  while (!reader.done) {
    const { number, type } = reader.tag('IntOrString');
    if (number === 1) {
      requireType(type, VARINT, 'Type');
      value.type = reader.integer();
    } else if (number === 2) {
      requireType(type, VARINT, 'IntVal');
      value.number = reader.integer32();
    } else if (number === 3) {
      requireType(type, BYTES, 'StrVal');
      value.text = reader.text();
    } else reader.skip(type);
  }
  if (value.type === 0) return value.number;
  if (value.type === 1) return value.text;
  throw unreadable('impossible IntOrString.Type');
}

/** Go's zero time, which is written as null. */
const NO_TIME = -62_135_596_800;
const YEAR_0 = -62_167_219_200;
const YEAR_10000 = 253_402_300_800;

/** A time as JSON has it, without what a unit of seconds or microseconds loses; `null` for none. */
export function readTime(bytes: Uint8Array, unit: 'time' | 'microTime'): string | null {
  if (bytes.length === 0) return null;
  const reader = new WireReader(bytes);
  let seconds = 0;
  let nanos = 0;
  while (!reader.done) {
    const { number, type } = reader.tag('Timestamp');
    if (number === 1) {
      requireType(type, VARINT, 'Seconds');
      seconds = Number(reader.integer());
    } else if (number === 2) {
      requireType(type, VARINT, 'Nanos');
      nanos = reader.integer32();
    } else reader.skip(type);
  }
  const micros = unit === 'time' ? 0 : Math.trunc(nanos / 1000);
  const whole = seconds + Math.floor(micros / 1e6);
  const fraction = micros - Math.floor(micros / 1e6) * 1e6;
  if (whole === NO_TIME && fraction === 0) return null;
  if (whole < YEAR_0 || whole >= YEAR_10000) throw unreadable('Time.MarshalJSON: year outside of range [0,9999]');
  const text = new Date(whole * 1000).toISOString().replace(/\.000Z$/, '');
  return unit === 'time' ? `${text}Z` : `${text}.${String(fraction).padStart(6, '0')}Z`;
}

/** What JSON can write. */
export function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw unreadable(`json: unsupported value: ${text}`);
}
