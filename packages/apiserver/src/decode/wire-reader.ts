import { DecodeError } from './decode-error.ts';

/** How the value of a field is written. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;

export interface WireTag {
  readonly number: number;
  readonly type: number;
}

/**
 * Reads one protobuf message, from its first byte to its last. Nothing is copied; every step takes bytes off the message,
 * so that no message, whatever lengths it claims, takes longer than its size. Messages of errors are those of the
 * code that Kubernetes generates for its types.
 *
 * Every method but `done` @throws {DecodeError} UNREADABLE.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** What comes next; `message` is the name of the message, for errors. */
  tag(message: string): WireTag {
    const tag = this.#unsigned();
    const type = Number(typeof tag === 'number' ? tag & 7 : tag & 7n);
    const number = typeof tag === 'number' ? tag >> 3 : Number(BigInt.asIntN(32, tag >> 3n));
    if (type === 4) throw unreadable(`proto: ${message}: wiretype end group for non-group`);
    if (number <= 0) throw unreadable(`proto: ${message}: illegal tag ${String(number)} (wire type ${String(tag)})`);
    return { number, type };
  }

  /** 64 bits with a sign; a number where one holds the integer, as JSON is read. */
  integer(): number | bigint {
    const unsigned = this.#unsigned();
    if (typeof unsigned === 'number') return unsigned;
    const integer = BigInt.asIntN(64, unsigned);
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  }

  /** The lower 32 bits of an integer, with a sign. */
  integer32(): number {
    const integer = this.integer();
    return typeof integer === 'number' && integer === (integer | 0)
      ? integer
      : Number(BigInt.asIntN(32, BigInt(integer)));
  }

  double(): number {
    const at = this.#at;
    this.#advance(8);
    return this.#bytes.readDoubleLE(at);
  }

  bytes(): Buffer {
    const length = this.integer();
    const at = this.#at;
    this.#advance(length);
    return this.#bytes.subarray(at, this.#at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  /** Passes the value of a field that nobody knows. */
  skip(type: number): void {
    for (let depth = this.#skipOne(type); depth > 0;) depth += this.#skipOne(this.#wireType(), depth);
  }

  /** How much deeper in groups the reader is afterwards. */
  #skipOne(type: number, depth = 0): -1 | 0 | 1 {
    switch (type) {
      case 0:
        this.#unsigned();
        return 0;
      case 1:
        this.#advance(8);
        return 0;
      case 2:
        this.bytes();
        return 0;
      case 3:
        return 1;
      case 4:
        if (depth === 0) throw unreadable('proto: unexpected end of group');
        return -1;
      case 5:
        this.#advance(4);
        return 0;
      default:
        throw unreadable(`proto: illegal wireType ${String(type)}`);
    }
  }

  #wireType(): number {
    const tag = this.#unsigned();
    return typeof tag === 'number' ? tag & 7 : Number(tag & 7n);
  }

  #advance(length: number | bigint): void {
    const left = this.#bytes.length - this.#at;
    if (length < 0 || length > MAX_LENGTH - BigInt(this.#at)) {
      throw unreadable('proto: negative length found during unmarshaling');
    }
    if (length > left) throw unreadable('unexpected EOF');
    this.#at += Number(length);
  }

  /** Up to 64 bits without a sign; of four bytes and less a number, which is what nearly all are. */
  #unsigned(): number | bigint {
    const start = this.#at;
    let small = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      small |= (byte & 0x7f) << shift;
      if (byte < 0x80) return small;
    }
    this.#at = start;
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw unreadable('proto: integer overflow');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw unreadable('unexpected EOF');
    this.#at++;
    return byte;
  }
}

/** Of Go's integers. */
const MAX_LENGTH = 2n ** 63n - 1n;

/** @throws {DecodeError} UNREADABLE unless a field is written in the way that its type wants. */
export function requireType(type: number, wanted: number, field: string): void {
  if (type === wanted) return;
  const name = field === 'metadata' ? 'ObjectMeta' : field.charAt(0).toUpperCase() + field.slice(1);
  throw unreadable(`proto: wrong wireType = ${String(type)} for field ${name}`);
}

export function unreadable(message: string): DecodeError {
  return new DecodeError('UNREADABLE', message);
}
