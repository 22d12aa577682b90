import { hash } from 'node:crypto';

/** Where an object stands in a pack. */
export interface IndexEntry {
  readonly id: string;
  readonly offset: number;
  readonly crc: number;
}

export interface PackIndex {
  readonly entries: readonly IndexEntry[];
  /** The checksum at the end of the pack. */
  readonly packChecksum: string;
}

const magic = 0xff744f63;
const farOffset = 0x80000000;

/** Writes the index of a pack, version 2. Source: gitformat-pack. */
export function writePackIndex({ entries, packChecksum }: PackIndex): Buffer {
  const sorted = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const count = sorted.length;
  const far = sorted.filter(({ offset }) => offset >= farOffset);
  const bytes = Buffer.alloc(8 + 1024 + count * 28 + far.length * 8 + 40);
  let at = bytes.writeUInt32BE(magic, 0);
  at = bytes.writeUInt32BE(2, at);
  const buckets = Array.from({ length: 256 }, () => 0);
  for (const { id } of sorted) {
    const first = Number.parseInt(id.slice(0, 2), 16);
    buckets[first] = (buckets[first] ?? 0) + 1;
  }
  let total = 0;
  for (const bucket of buckets) {
    total += bucket;
    at = bytes.writeUInt32BE(total, at);
  }
  for (const { id } of sorted) at += bytes.write(id, at, 'hex');
  for (const { crc } of sorted) at = bytes.writeUInt32BE(crc, at);
  let next = 0;
  for (const { offset } of sorted) at = bytes.writeUInt32BE(offset < farOffset ? offset : farOffset + next++, at);
  for (const { offset } of far) at = bytes.writeBigUInt64BE(BigInt(offset), at);
  at += bytes.write(packChecksum, at, 'hex');
  bytes.write(hash('sha1', bytes.subarray(0, at), 'hex'), at, 'hex');
  return bytes;
}

/** Reads the index of a pack; undefined if it is damaged or of another version. */
export function parsePackIndex(bytes: Buffer): PackIndex | undefined {
  const end = bytes.length - 20;
  if (end < 8 + 1024 + 20 || bytes.readUInt32BE(0) !== magic || bytes.readUInt32BE(4) !== 2) return undefined;
  if (hash('sha1', bytes.subarray(0, end), 'hex') !== bytes.toString('hex', end)) return undefined;
  const count = bytes.readUInt32BE(8 + 255 * 4);
  const ids = 8 + 1024;
  const crcs = ids + count * 20;
  const offsets = crcs + count * 4;
  const fars = offsets + count * 4;
  if (fars + 20 > end) return undefined;
  const entries: IndexEntry[] = [];
  for (let at = 0; at < count; at++) {
    const near = bytes.readUInt32BE(offsets + at * 4);
    const far = fars + (near - farOffset) * 8;
    if (near >= farOffset && far + 8 > end - 20) return undefined;
    entries.push({
      id: bytes.toString('hex', ids + at * 20, ids + at * 20 + 20),
      crc: bytes.readUInt32BE(crcs + at * 4),
      offset: near < farOffset ? near : Number(bytes.readBigUInt64BE(far)),
    });
  }
  return { entries, packChecksum: bytes.toString('hex', end - 20, end) };
}
