import { GitError } from './error.ts';

/** One packet of the Git protocol. Source: gitprotocol-common, gitprotocol-v2. */
export type Packet =
  | { readonly type: 'data'; readonly bytes: Buffer }
  | { readonly type: 'flush' }
  | { readonly type: 'delimiter' }
  | { readonly type: 'end' };

const maxPacket = 65_520;
const special: readonly Packet[] = [{ type: 'flush' }, { type: 'delimiter' }, { type: 'end' }];

/** A packet that holds one line of text. */
export function packetLine(text: string): string {
  const length = Buffer.byteLength(text) + 5;
  if (length > maxPacket)
    throw new GitError('PROTOCOL', `a line of ${length} bytes does not fit into a packet; shorten it`);
  return `${length.toString(16).padStart(4, '0')}${text}\n`;
}

export const flushPacket = '0000';
export const delimiterPacket = '0001';

/** The text of a packet, without its line end. */
export function packetText(bytes: Buffer): string {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return bytes.toString('utf8', 0, end);
}

/**
 * Splits a stream into packets, wherever its chunks end. Packets share memory with their chunk.
 *
 * @throws {GitError} `PROTOCOL` for a malformed length and for a stream that ends within a packet.
 */
export async function* readPackets(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Packet, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const buffer = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let at = 0;
    while (at + 4 <= buffer.length) {
      const length = packetLength(buffer, at);
      if (length < 3) {
        at += 4;
        yield special[length] as Packet;
        continue;
      }
      if (at + length > buffer.length) break;
      yield { type: 'data', bytes: buffer.subarray(at + 4, at + length) };
      at += length;
    }
    rest = buffer.subarray(at);
  }
  if (rest.length > 0) {
    throw new GitError('PROTOCOL', 'the answer ended within a packet; the connection was cut, try again', {
      retry: 'backoff',
    });
  }
}

function packetLength(buffer: Buffer, at: number): number {
  const text = buffer.toString('latin1', at, at + 4);
  const length = /^[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : -1;
  if (length < 0 || length === 3 || length > maxPacket) {
    throw new GitError(
      'PROTOCOL',
      `the answer holds no packet where one must be (${JSON.stringify(text)}); is this a Git server?`,
    );
  }
  return length;
}
