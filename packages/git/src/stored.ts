/** The most that one stored block holds. Source: RFC 1951, 3.2.4. */
const blockBytes = 65_535;

/**
 * Wraps content as a zlib stream that compresses nothing. Source: RFC 1950, RFC 1951. `deflateSync` with level 0 gives the
 * same, but sets up a compressor for each call, which takes longer than everything else about writing a small object.
 */
export function storedStream(content: Uint8Array): Buffer {
  const blocks = Math.max(1, Math.ceil(content.length / blockBytes));
  const stream = Buffer.allocUnsafe(2 + blocks * 5 + content.length + 4);
  let at = stream.writeUInt16BE(0x7801, 0);
  for (let block = 0; block < blocks; block++) {
    const part = content.subarray(block * blockBytes, (block + 1) * blockBytes);
    at = stream.writeUInt8(block === blocks - 1 ? 1 : 0, at);
    at = stream.writeUInt16LE(part.length, at);
    at = stream.writeUInt16LE(part.length ^ 0xffff, at);
    stream.set(part, at);
    at += part.length;
  }
  stream.writeUInt32BE(adler32(content), at);
  return stream;
}

function adler32(content: Uint8Array): number {
  let low = 1;
  let high = 0;
  // 3,800 bytes are the most that cannot overflow 32 bits before the remainder is taken.
  for (let from = 0; from < content.length; from += 3800) {
    const to = Math.min(from + 3800, content.length);
    for (let at = from; at < to; at++) {
      low += content[at] as number;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return high * 65_536 + low;
}
