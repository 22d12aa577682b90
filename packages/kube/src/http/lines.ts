const NEWLINE = 0x0a;

/**
 * Splits bytes at newlines, wherever the chunks happen to be cut (inside a character too). Empty lines are left out; a last
 * line without a newline is yielded when the bytes end.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pending.push(chunk.subarray(start, end));
      const line = decode(pending);
      if (line !== '') yield line;
      pending = [];
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  const rest = decode(pending);
  if (rest !== '') yield rest;
}

function decode(parts: readonly Uint8Array[]): string {
  const [first] = parts;
  const bytes = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
