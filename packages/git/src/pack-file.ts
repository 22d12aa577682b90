import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

import { GitError, reasonOf } from './error.ts';
import { makeObject } from './object.ts';
import type { GitObject, ObjectType } from './object.ts';
import { inflateEntry, readEntryHeader } from './pack.ts';
import { parsePackIndex, writePackIndex } from './pack-index.ts';
import { RecentObjects } from './recent-objects.ts';
import { storedStream } from './stored.ts';

/** A pack on disk that holds only whole objects, open for reading. */
export interface PackFile {
  /** `pack-<checksum>`. */
  readonly name: string;
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Where an object stands. */
export interface Place {
  readonly pack: PackFile;
  readonly offset: number;
  readonly length: number;
}

/** A pack and where its objects stand in it. */
export interface OpenedPack {
  readonly pack: PackFile;
  readonly places: ReadonlyMap<string, Place>;
}

const typeCodes: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const partBytes = 256 * 1024;
const maxParts = 16;
const headerBytes = 12;
const trailerBytes = 20;
/** What is written at once. */
const writeBytes = 1024 * 1024;
/** What is kept inflated while a pack is written, because deltas lean on it. */
const recentBytes = 64 * 1024 * 1024;

/** Reads entries. Small ones come out of parts of the pack that are read at once; the parts used last are kept. */
export class EntryReader {
  readonly #parts = new Map<string, Promise<Buffer>>();

  /** The bytes of an entry as they stand in the pack. */
  async read({ pack, offset, length }: Place): Promise<Buffer> {
    const number = Math.floor(offset / partBytes);
    const from = offset - number * partBytes;
    if (from + length > partBytes) return await readPart(pack.handle, offset, length);
    const key = `${pack.name} ${number}`;
    const part = this.#parts.get(key) ?? readPart(pack.handle, number * partBytes, partBytes);
    this.#parts.delete(key);
    this.#parts.set(key, part);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > maxParts && oldest !== undefined) this.#parts.delete(oldest);
    return (await part).subarray(from, from + length);
  }

  /** Forgets what was read, damaged or not. */
  clear(): void {
    this.#parts.clear();
  }
}

async function readPart(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

/** The object of an entry; undefined if it is damaged. The caller compares its id. */
export function decodeEntry(bytes: Buffer): GitObject | undefined {
  try {
    const header = readEntryHeader(bytes);
    if (header?.kind !== 'whole') return undefined;
    const inflated = inflateEntry(bytes.subarray(header.length), header.size);
    return inflated === undefined ? undefined : makeObject(header.type, inflated.content);
  } catch {
    return undefined; // whatever is wrong with it, it is fetched again
  }
}

/** Opens a pack and says where its objects stand; undefined if pack or index is damaged. */
export async function openPack(directory: string, name: string): Promise<OpenedPack | undefined> {
  const index = parsePackIndex(await readAll(join(directory, `${name}.idx`)));
  if (index === undefined) return undefined;
  const handle = await open(join(directory, `${name}.pack`));
  const { size } = await handle.stat();
  const trailer = await readPart(handle, Math.max(0, size - trailerBytes), trailerBytes);
  if (trailer.toString('hex') !== index.packChecksum) {
    await handle.close();
    return undefined;
  }
  const pack: PackFile = { name, handle, bytes: size };
  const places = new Map<string, Place>();
  let end = size - trailerBytes;
  // From the back: an entry ends where the next begins.
  for (const { id, offset } of index.entries.toSorted((a, b) => b.offset - a.offset)) {
    places.set(id, { pack, offset, length: end - offset });
    end = offset;
  }
  return { pack, places };
}

async function readAll(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

interface Written {
  readonly id: string;
  readonly type: ObjectType;
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

/** Writes a pack of whole objects under a temporary name. It gets its own name, and its index, in {@link PackWriter.finish}. */
export class PackWriter {
  readonly #directory: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #checksum = createHash('sha1');
  readonly #written = new Map<string, Written>();
  readonly #recent = new RecentObjects(recentBytes);
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #bytes = 0;
  #flushed = 0;

  private constructor(directory: string, path: string, handle: FileHandle) {
    this.#directory = directory;
    this.#path = path;
    this.#handle = handle;
  }

  static async create(directory: string): Promise<PackWriter> {
    const path = join(directory, `tmp_pack_${randomUUID()}`);
    return new PackWriter(directory, path, await open(path, 'wx+', 0o600));
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#written.size;
  }

  begin(count: number): void {
    const header = Buffer.alloc(headerBytes);
    header.write('PACK', 'latin1');
    header.writeUInt32BE(2, 4);
    header.writeUInt32BE(count, 8);
    this.#append(header);
  }

  /**
   * @param deflated the content as another pack holds it, to be copied
   * @param compress whether to compress it otherwise: not while someone waits for the pack
   */
  add(object: GitObject, deflated?: Uint8Array, compress = false): void {
    const { id, type, content } = object;
    const body = deflated ?? (compress ? deflateSync(content) : storedStream(content));
    const entry = Buffer.concat([entryHeader(type, content.length), body]);
    this.#written.set(id, { id, type, offset: this.#bytes, length: entry.length, crc: crc32(entry) });
    this.#append(entry);
    this.#recent.add(object);
  }

  has(id: string): boolean {
    return this.#written.has(id);
  }

  peek(id: string): GitObject | undefined {
    return this.#recent.get(id);
  }

  async get(id: string): Promise<GitObject | undefined> {
    const recent = this.#recent.get(id);
    const written = this.#written.get(id);
    if (recent !== undefined || written === undefined) return recent;
    if (written.offset + written.length > this.#flushed) await this.#write();
    const object = decodeEntry(await readPart(this.#handle, written.offset, written.length));
    if (object?.id !== id)
      throw new GitError(
        'STORE',
        `object ${id} was written to ${this.#directory} and read back damaged; check the disk`,
      );
    return object;
  }

  /** What was written last. */
  recent(): Iterable<GitObject> {
    return this.#recent.values();
  }

  async *trees(): AsyncGenerator<GitObject> {
    for (const { id, type } of this.#written.values()) {
      const tree = type === 'tree' ? await this.get(id) : undefined;
      if (tree !== undefined) yield tree;
    }
  }

  async flush(): Promise<void> {
    if (this.#pendingBytes >= writeBytes) await this.#write();
  }

  /**
   * Names the pack; the index comes last and makes it visible. Nothing waits for the disk: what a power failure leaves
   * damaged is found out by its checksum or its id, and is fetched again.
   */
  async finish(): Promise<OpenedPack> {
    const checksum = this.#checksum.copy().digest();
    this.#pending.push(checksum);
    this.#bytes += checksum.length;
    await this.#write();
    const name = `pack-${checksum.toString('hex')}`;
    await rename(this.#path, join(this.#directory, `${name}.pack`));
    const index = writePackIndex({ entries: [...this.#written.values()], packChecksum: checksum.toString('hex') });
    await replaceFile(join(this.#directory, `${name}.idx`), index);
    const pack: PackFile = { name, handle: this.#handle, bytes: this.#bytes };
    const places = new Map<string, Place>();
    for (const { id, offset, length } of this.#written.values()) places.set(id, { pack, offset, length });
    return { pack, places };
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }

  #append(bytes: Uint8Array): void {
    this.#checksum.update(bytes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#bytes += bytes.length;
  }

  async #write(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#handle.write(bytes, 0, bytes.length, this.#flushed);
    this.#flushed += bytes.length;
  }
}

/** Writes a file so that a reader sees it as a whole or as it was before. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = join(path, '..', `tmp_${randomUUID()}`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

function entryHeader(type: ObjectType, size: number): Buffer {
  const bytes = [(typeCodes[type] << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() as number) | 0x80, rest & 0x7f);
  }
  return Buffer.from(bytes);
}

/** Says that the directory of a store failed us. */
export function storeError(directory: string, error: unknown): GitError {
  if (error instanceof GitError) return error;
  return new GitError(
    'STORE',
    `the object store ${directory} cannot be used: ${reasonOf(error)}; check its space and permissions`,
    {
      retry: 'backoff',
      cause: error,
    },
  );
}
