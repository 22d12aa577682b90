import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import type { GitObject } from '../src/object.ts';

/** An entry of a pack to be built: a whole object, or a delta upon an entry before it or an object by id. */
export type Entry =
  | { readonly whole: Pick<GitObject, 'type' | 'content'> }
  | { readonly delta: Buffer; readonly on: number | string };

const codes = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/** Builds a pack byte by byte, so that tests can break it anywhere. */
export function buildPack(entries: readonly Entry[], count = entries.length): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  const parts: Buffer[] = [header];
  const offsets: number[] = [];
  let at = header.length;
  for (const entry of entries) {
    offsets.push(at);
    const bytes = 'whole' in entry ? wholeEntry(entry.whole) : deltaEntry(entry.delta, entry.on, at, offsets);
    parts.push(bytes);
    at += bytes.length;
  }
  return seal(Buffer.concat(parts));
}

/** Ends a pack with its checksum. */
export function seal(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function wholeEntry({ type, content }: Pick<GitObject, 'type' | 'content'>): Buffer {
  return Buffer.concat([entryHeader(codes[type], content.length), deflateSync(content)]);
}

function deltaEntry(delta: Buffer, on: number | string, at: number, offsets: readonly number[]): Buffer {
  const base = typeof on === 'string' ? Buffer.from(on, 'hex') : backwards(at - (offsets[on] ?? 0));
  return Buffer.concat([entryHeader(typeof on === 'string' ? 7 : 6, delta.length), base, deflateSync(delta)]);
}

export function entryHeader(code: number, size: number): Buffer {
  const bytes = [(code << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() ?? 0) | 0x80, rest & 0x7f);
  }
  return Buffer.from(bytes);
}

function backwards(distance: number): Buffer {
  const bytes = [distance & 0x7f];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift(0x80 | (rest & 0x7f));
  }
  return Buffer.from(bytes);
}

/** A delta that copies what the two have in common at both ends, and inserts the rest. */
export function makeDelta(base: Buffer, result: Buffer): Buffer {
  let start = 0;
  while (start < base.length && start < result.length && base[start] === result[start]) start++;
  let end = 0;
  const most = Math.min(base.length, result.length) - start;
  while (end < most && base[base.length - 1 - end] === result[result.length - 1 - end]) end++;
  const parts = [sizeBytes(base.length), sizeBytes(result.length)];
  parts.push(...copies(0, start));
  for (let at = start; at < result.length - end; at += 127) {
    const literal = result.subarray(at, Math.min(at + 127, result.length - end));
    parts.push(Buffer.from([literal.length]), literal);
  }
  parts.push(...copies(base.length - end, end));
  return Buffer.concat(parts);
}

function copies(offset: number, length: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let done = 0; done < length; done += 0xffff) {
    const size = Math.min(0xffff, length - done);
    const from = offset + done;
    const bytes = [from & 255, (from >>> 8) & 255, (from >>> 16) & 255, (from >>> 24) & 255, size & 255, size >>> 8];
    parts.push(Buffer.from([0x80 | 0x0f | 0x30, ...bytes]));
  }
  return parts;
}

function sizeBytes(size: number): Buffer {
  const bytes: number[] = [size & 0x7f];
  for (let rest = Math.floor(size / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() ?? 0) | 0x80, rest & 0x7f);
  }
  return Buffer.from(bytes);
}
