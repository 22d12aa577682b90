import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';

import { applyDelta } from './delta.ts';
import { GitError, systemCode } from './error.ts';
import type { Limits } from './limits.ts';
import { makeObject } from './object.ts';
import type { GitObject, ObjectReader, ObjectType } from './object.ts';

/** Where the objects of a pack go. */
export interface PackSink {
  /** Told once, before the first object. */
  begin(count: number): void;
  /**
   * Takes an object whose id has been computed from its content. `deflated` is its content as the pack held it, if it
   * was whole there; it is valid during the call only.
   */
  add(object: GitObject, deflated?: Uint8Array): void;
  /** An object of this pack that is still at hand. */
  peek(id: string): GitObject | undefined;
  /** An object of this pack. */
  get(id: string): Promise<GitObject | undefined>;
  /** Called between chunks: the place to wait for a slow disk. */
  flush(): Promise<void>;
}

export interface UnpackOptions {
  readonly limits: Limits;
  /** Where the bases of a thin pack are found. */
  readonly bases: ObjectReader;
}

/** A delta whose base has not come yet, or is no longer at hand. */
interface Waiting {
  readonly offset: number;
  readonly delta: Buffer;
}

const types: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];
const offsetDelta = 6;
const refDelta = 7;
const trailerBytes = 20;

/**
 * Reads a pack as it arrives and hands every object to the sink, deltas resolved.
 *
 * 1. An object's id is computed from its content: a sink never holds an object under a wrong id.
 * 2. Deltas may come in any order and, in a thin pack, upon bases that only `bases` knows.
 * 3. The pack's checksum, its count of objects and its end are checked; the sink must not be used if this throws.
 * 4. Memory is bounded by the largest object, the sink, and deltas that wait for their base.
 *
 * @returns how many bytes the pack had
 * @throws {GitError} `CORRUPT_PACK`, `LIMIT_EXCEEDED`, `UNSUPPORTED`, and what `chunks` throws
 */
export async function unpack(
  chunks: AsyncIterable<Uint8Array>,
  sink: PackSink,
  options: UnpackOptions,
): Promise<number> {
  const unpacker = new Unpacker(sink, options);
  for await (const chunk of chunks) {
    unpacker.write(chunk);
    await sink.flush();
  }
  return await unpacker.end();
}

class Unpacker {
  readonly #sink: PackSink;
  readonly #limits: Limits;
  readonly #bases: ObjectReader;
  readonly #checksum = createHash('sha1');
  /** The id of what stands at an offset. */
  readonly #placed = new Map<number, string>();
  /** How many deltas lie below an object of this pack. */
  readonly #depths = new Map<string, number>();
  readonly #waitingForOffset = new Map<number, Waiting[]>();
  readonly #waitingForId = new Map<string, Waiting[]>();
  #waiting = 0;
  #waitingBytes = 0;
  #unpackedBytes = 0;
  #received = 0;

  /** Bytes that are not consumed yet stand from `#start` to `#end`; `#start` is at `#offset` of the pack. */
  #buffer = Buffer.allocUnsafe(128 * 1024);
  #start = 0;
  #end = 0;
  #offset = 0;

  /** Objects to come; undefined before the header. */
  #left: number | undefined;
  /** An object that was cut off is tried again only with twice its bytes, so that a large one costs linear time. */
  #needed = 0;

  constructor(sink: PackSink, { limits, bases }: UnpackOptions) {
    this.#sink = sink;
    this.#limits = limits;
    this.#bases = bases;
  }

  write(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#received > this.#limits.packBytes) throw overLimit('the pack', 'packBytes', this.#limits.packBytes);
    this.#append(chunk);
    if (this.#end - this.#start >= this.#needed) this.#parse();
  }

  async end(): Promise<number> {
    this.#parse();
    if (this.#left === undefined || this.#left > 0)
      throw corrupt(`it ends with ${this.#left ?? 'all'} objects missing`);
    const trailer = this.#buffer.subarray(this.#start, this.#end);
    if (trailer.length !== trailerBytes) throw corrupt('it does not end with a checksum');
    if (!this.#checksum.digest().equals(trailer)) throw corrupt('its checksum is wrong');
    await this.#resolveWaiting();
    return this.#received;
  }

  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) {
      const kept = this.#buffer.subarray(this.#start, this.#end);
      const needed = kept.length + chunk.length;
      // Objects may share memory with nothing here: inflate copies. So the buffer is ours to move.
      const target = needed * 2 > this.#buffer.length ? Buffer.allocUnsafe(needed * 2) : this.#buffer;
      kept.copy(target, 0);
      this.#buffer = target;
      this.#start = 0;
      this.#end = kept.length;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #parse(): void {
    const from = this.#start;
    if (this.#left === undefined) this.#parseHeader();
    while (this.#left !== undefined && this.#left > 0 && this.#parseEntry()) this.#left--;
    this.#checksum.update(this.#buffer.subarray(from, this.#start));
  }

  #consume(bytes: number): void {
    this.#start += bytes;
    this.#offset += bytes;
    this.#needed = 0;
  }

  #parseHeader(): void {
    const header = this.#buffer.subarray(this.#start, this.#end);
    if (header.length < 12) return;
    if (header.toString('latin1', 0, 4) !== 'PACK') throw corrupt('it does not begin like a pack');
    const version = header.readUInt32BE(4);
    if (version !== 2)
      throw new GitError('UNSUPPORTED', `the server sent a pack of version ${version}; only version 2 is known`);
    const count = header.readUInt32BE(8);
    if (count > this.#limits.objects) throw overLimit(`a pack of ${count} objects`, 'objects', this.#limits.objects);
    this.#consume(12);
    this.#left = count;
    this.#sink.begin(count);
  }

  /** Takes one entry if all of it is there. */
  #parseEntry(): boolean {
    const input = this.#buffer.subarray(this.#start, this.#end);
    const header = readEntryHeader(input);
    if (header === undefined) return false;
    if (header.size > this.#limits.objectBytes) {
      throw overLimit(`an object of ${header.size} bytes`, 'objectBytes', this.#limits.objectBytes);
    }
    const body = input.subarray(header.length);
    const inflated = inflateEntry(body, header.size);
    if (inflated === undefined) {
      this.#needed = input.length * 2;
      return false;
    }
    const offset = this.#offset;
    switch (header.kind) {
      case 'whole': {
        const object = makeObject(header.type, inflated.content);
        this.#place(offset, object, 0, body.subarray(0, inflated.consumed));
        break;
      }
      case 'offset-delta':
        this.#placeDelta({ offset, delta: inflated.content }, offset - header.back);
        break;
      case 'id-delta':
        this.#placeDelta({ offset, delta: inflated.content }, header.base);
        break;
      default:
        header satisfies never;
    }
    this.#consume(header.length + inflated.consumed);
    return true;
  }

  #placeDelta(waiting: Waiting, base: number | string): void {
    const id = typeof base === 'string' ? base : this.#placed.get(base);
    const object = id === undefined ? undefined : this.#sink.peek(id);
    if (object !== undefined) {
      this.#resolve(waiting, object);
      return;
    }
    this.#waiting++;
    this.#waitingBytes += waiting.delta.length;
    if (this.#waitingBytes > this.#limits.unpackedBytes) {
      throw overLimit('what the pack unpacks to', 'unpackedBytes', this.#limits.unpackedBytes);
    }
    if (id !== undefined) append(this.#waitingForId, id, waiting);
    else if (typeof base === 'number' && base >= 12) append(this.#waitingForOffset, base, waiting);
    else throw corrupt('a delta names a base outside of it');
  }

  /** Takes an object in, and then every delta that waited for it. A stack, because chains may be long. */
  #place(offset: number, object: GitObject, depth: number, deflated?: Uint8Array): void {
    const stack = [{ offset, object, depth, deflated }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      this.#admit(next.offset, next.object, next.depth, next.deflated);
      if (this.#waiting === 0) continue;
      for (const waiting of this.#takeWaiting(next.offset, next.object.id)) {
        stack.push({ ...this.#applied(waiting, next.object), deflated: undefined });
      }
    }
  }

  #resolve(waiting: Waiting, base: GitObject): void {
    const { offset, object, depth } = this.#applied(waiting, base);
    this.#place(offset, object, depth);
  }

  #applied(waiting: Waiting, base: GitObject): { offset: number; object: GitObject; depth: number } {
    const depth = (this.#depths.get(base.id) ?? 0) + 1;
    if (depth > this.#limits.deltaChain) {
      throw overLimit(`a chain of ${depth} deltas`, 'deltaChain', this.#limits.deltaChain);
    }
    const content = applyDelta(base.content, waiting.delta, this.#limits.objectBytes);
    return { offset: waiting.offset, object: makeObject(base.type, content), depth };
  }

  #admit(offset: number, object: GitObject, depth: number, deflated: Uint8Array | undefined): void {
    if (this.#depths.has(object.id)) throw corrupt(`it holds object ${object.id} twice`);
    this.#unpackedBytes += object.content.length;
    if (this.#unpackedBytes > this.#limits.unpackedBytes) {
      throw overLimit('what the pack unpacks to', 'unpackedBytes', this.#limits.unpackedBytes);
    }
    this.#depths.set(object.id, depth);
    this.#placed.set(offset, object.id);
    this.#sink.add(object, deflated);
  }

  #takeWaiting(offset: number, id: string): Waiting[] {
    const found = [...(this.#waitingForOffset.get(offset) ?? []), ...(this.#waitingForId.get(id) ?? [])];
    this.#waitingForOffset.delete(offset);
    this.#waitingForId.delete(id);
    this.#waiting -= found.length;
    for (const { delta } of found) this.#waitingBytes -= delta.length;
    return found;
  }

  /** What still waits at the end waits for a base that the sink has put away, or that another pack has brought. */
  async #resolveWaiting(): Promise<void> {
    let progress = true;
    while (progress) {
      progress = false;
      for (const id of this.#waitingForId.keys()) {
        const base = (await this.#sink.get(id)) ?? (await this.#bases.get(id));
        if (base === undefined) continue; // perhaps the outcome of another delta that waits
        for (const waiting of this.#takeWaiting(-1, id)) this.#resolve(waiting, base);
        await this.#sink.flush();
        progress = true;
      }
    }
    const [missing] = this.#waitingForId.keys();
    if (missing !== undefined) throw corrupt(`${missing}, the base of a delta, is in no pack`);
    if (this.#waiting > 0) throw corrupt(`${this.#waiting} deltas name a base that no object stands at`);
  }
}

/** How an object stands in a pack. `length` is what the header takes, `size` what follows it, inflated. */
export type EntryHeader = { readonly size: number; readonly length: number } & (
  | { readonly kind: 'whole'; readonly type: ObjectType }
  | { readonly kind: 'offset-delta'; readonly back: number }
  | { readonly kind: 'id-delta'; readonly base: string }
);

/** Reads the header of the entry at the start of `input`; undefined if it is cut off. */
export function readEntryHeader(input: Buffer): EntryHeader | undefined {
  let at = 0;
  let byte = input[at++];
  if (byte === undefined) return undefined;
  const code = (byte >> 4) & 7;
  let size = byte & 15;
  for (let factor = 16; (byte & 0x80) !== 0; factor *= 128) {
    byte = input[at++];
    if (byte === undefined) return undefined;
    if (factor > 2 ** 42) throw corrupt('the size of an object is malformed');
    size += (byte & 0x7f) * factor;
  }
  if (code === refDelta) {
    if (input.length < at + 20) return undefined;
    return { kind: 'id-delta', base: input.toString('hex', at, at + 20), size, length: at + 20 };
  }
  if (code === offsetDelta) {
    byte = input[at++];
    if (byte === undefined) return undefined;
    let back = byte & 0x7f;
    while ((byte & 0x80) !== 0) {
      byte = input[at++];
      if (byte === undefined) return undefined;
      if (back > 2 ** 42) throw corrupt('the offset of a delta is malformed');
      back = (back + 1) * 128 + (byte & 0x7f);
    }
    return { kind: 'offset-delta', back, size, length: at };
  }
  const type = types[code];
  if (type === undefined) throw corrupt(`it holds an object of unknown kind ${code}`);
  return { kind: 'whole', type, size, length: at };
}

/** Inflates what stands at the start of `input`; undefined if it is cut off. */
export function inflateEntry(input: Buffer, size: number): { content: Buffer; consumed: number } | undefined {
  let result: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  try {
    // `info` is documented to change the result; the type declarations do not know it.
    result = inflateSync(input, {
      info: true,
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.max(64, size + 1),
    }) as unknown as typeof result;
  } catch (error) {
    if (systemCode(error) === 'Z_BUF_ERROR') return undefined;
    throw corrupt('an object cannot be inflated to the size it claims', error);
  }
  if (result.buffer.length !== size) throw corrupt('an object has another size than it claims');
  return { content: result.buffer, consumed: result.engine.bytesWritten };
}

function append<K>(map: Map<K, Waiting[]>, key: K, waiting: Waiting): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [waiting]);
  else list.push(waiting);
}

function overLimit(what: string, limit: keyof Limits, value: number): GitError {
  return new GitError(
    'LIMIT_EXCEEDED',
    `${what} is over limits.${limit} (${value}); raise the limit or use a smaller repository`,
  );
}

function corrupt(what: string, cause?: unknown): GitError {
  return new GitError(
    'CORRUPT_PACK',
    `the pack is broken: ${what}; fetch again, and if it stays, run git fsck on the server`,
    { retry: 'backoff', cause },
  );
}
