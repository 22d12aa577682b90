/** One field of a message: a text, bytes (a message among them), or an integer. */
export function field(number: number, value: string | Uint8Array | number | bigint): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function message(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields);
}

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export const MAGIC: Buffer = Buffer.from('k8s\u0000');

/** A body as Kubernetes sends it. */
export function envelope(apiVersion: string, kind: string, ...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat([MAGIC, field(1, message(field(1, apiVersion), field(2, kind))), field(2, message(...fields))]);
}
