import { expect, test } from 'vitest';

import { packetLine, packetText, readPackets } from '../src/pkt-line.ts';
import type { Packet } from '../src/pkt-line.ts';
import { failure } from './errors.ts';
import { seeded } from './random.ts';

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

async function read(bytes: Buffer, cuts: readonly number[] = []): Promise<string[]> {
  const packets: string[] = [];
  for await (const packet of readPackets(chunksOf(bytes, cuts))) packets.push(print(packet));
  return packets;
}

function print(packet: Packet): string {
  return packet.type === 'data' ? packetText(packet.bytes) : `<${packet.type}>`;
}

test('lines, flushes, delimiters and ends are told apart', async () => {
  const stream = Buffer.from(`${packetLine('command=ls-refs')}0001${packetLine('grün')}00000002`);
  expect(await read(stream)).toEqual(['command=ls-refs', '<delimiter>', 'grün', '<flush>', '<end>']);
});

test('an empty packet is a packet', async () => {
  expect(await read(Buffer.from('00040005a'))).toEqual(['', 'a']);
});

test('a stream reads the same wherever its chunks end', async () => {
  const random = seeded('pkt-line chunks');
  const lines = Array.from({ length: 20 }, () => packetLine(random.text(random.int(300))));
  const stream = Buffer.from(`${lines.join('0001')}0000`);
  const expected = await read(stream);
  for (let cut = 0; cut <= stream.length; cut++) expect(await read(stream, [cut])).toEqual(expected);
  for (let run = 0; run < 50; run++) {
    const cuts = Array.from({ length: random.int(30) }, () => random.int(stream.length)).sort((a, b) => a - b);
    expect(await read(stream, cuts)).toEqual(expected);
  }
});

test('a stream that ends within a packet is an error that a retry can cure', async () => {
  const error = await failure(read(Buffer.from('0008ab')));
  expect(error).toMatchObject({ code: 'PROTOCOL', retry: 'backoff' });
});

test('what is no packet is refused', async () => {
  for (const text of ['<htm', '0003', 'fff1', '-001', '00 8', '0x08']) {
    expect(await failure(read(Buffer.from(`${text}xxxxxxxxxx`)))).toMatchObject({ code: 'PROTOCOL' });
  }
});

test('random bytes are packets or a typed error, never anything else', async () => {
  const random = seeded('pkt-line noise');
  for (let run = 0; run < 500; run++) {
    const noise = random.bytes(random.int(60));
    if (random.int(2) === 0) noise.write('0009', 'latin1');
    await read(noise).catch(async (error: unknown) => {
      expect(await failure(Promise.reject(error as Error))).toMatchObject({ code: 'PROTOCOL' });
    });
  }
});
