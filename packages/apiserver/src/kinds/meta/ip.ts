import { isIPv6 } from 'node:net';

/** An IP address as the server reads it: leading zeros and IPv4 inside IPv6 are understood, and told apart. */
export interface IpAddress {
  readonly family: 'IPv4' | 'IPv6';
  /** 4 or 16; an IPv4-mapped IPv6 address has 4, as in Go. */
  readonly bytes: readonly number[];
  /** The one way to write it (RFC 5952). */
  readonly canonical: string;
  readonly leadingZeros: boolean;
  readonly mapped: boolean;
}

export interface Cidr {
  readonly address: IpAddress;
  /** The first address of the network and the length of the prefix, canonically. */
  readonly canonical: string;
  readonly prefix: number;
  readonly hostBits: boolean;
  readonly leadingZeros: boolean;
}

export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bytes = ipv4Bytes(text);
    return bytes === undefined ? undefined : fromBytes(bytes, hasLeadingZeros(text), false);
  }
  if (!isIPv6(text.replace(/:[0-9]+(\.[0-9]+){3}$/, ':0:0')) || text.includes('%')) return undefined;
  const bytes = ipv6Bytes(text);
  if (bytes === undefined) return undefined;
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return fromBytes(mapped ? bytes.slice(12) : bytes, text.includes('.') && hasLeadingZeros(text), mapped);
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return undefined;
  const address = parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^\d{1,8}$/.test(length)) return undefined;
  const bits = address.family === 'IPv4' && !address.mapped ? 32 : 128;
  if (Number(length) > bits) return undefined;
  const prefix = address.mapped ? Math.max(0, Number(length) - 96) : Number(length);
  const network = address.bytes.map((byte, index) => byte & (0xff << (8 - clamp(prefix - index * 8, 0, 8))));
  return {
    address,
    canonical: `${canonicalOf(network)}/${String(prefix)}`,
    prefix,
    hostBits: network.some((byte, index) => byte !== address.bytes[index]),
    leadingZeros: address.leadingZeros || /^0\d/.test(length),
  };
}

/** Whether `address` is in the network `cidr`. */
export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.address.family !== address.family) return false;
  return address.bytes.every((byte, index) => {
    const mask = 0xff << (8 - clamp(cidr.prefix - index * 8, 0, 8));
    return (byte & mask & 0xff) === ((cidr.address.bytes[index] ?? 0) & mask & 0xff);
  });
}

/** What is wrong with an address in a field that always was strict: one way to write it. */
export function ipErrors(text: string): readonly string[] {
  const errors = legacyIpErrors(text);
  const ip = parseIp(text);
  if (errors.length > 0 || ip === undefined || ip.canonical === text) return errors;
  return [`must be in canonical form (${JSON.stringify(ip.canonical)})`];
}

/** What is wrong with an address in a field of the first days: any way to write it is fine, but ambiguous ones. */
export function legacyIpErrors(text: string): readonly string[] {
  const ip = parseIp(text);
  if (ip === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  if (ip.leadingZeros) return ['must not have leading 0s'];
  return ip.mapped ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

export function cidrErrors(text: string): readonly string[] {
  const errors = legacyCidrErrors(text);
  const cidr = parseCidr(text);
  if (errors.length > 0 || cidr === undefined || cidr.canonical === text) return errors;
  return [`must be in canonical form (${JSON.stringify(cidr.canonical)})`];
}

export function legacyCidrErrors(text: string): readonly string[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
  if (cidr.leadingZeros) return ['must not have leading 0s in IP or prefix length'];
  if (cidr.address.mapped) return ['must not have an IPv4-mapped IPv6 address'];
  return cidr.hostBits ? ['must not have bits set beyond the prefix length'] : [];
}

function fromBytes(bytes: readonly number[], leadingZeros: boolean, mapped: boolean): IpAddress {
  return { family: bytes.length === 4 ? 'IPv4' : 'IPv6', bytes, canonical: canonicalOf(bytes), leadingZeros, mapped };
}

function canonicalOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.map((byte) => String(byte & 0xff)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((((bytes[index * 2] ?? 0) & 0xff) << 8) | ((bytes[index * 2 + 1] ?? 0) & 0xff)).toString(16),
  );
  const [start, length] = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly string[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === '0') end += 1;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}

function ipv4Bytes(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function ipv6Bytes(text: string): readonly number[] | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? [] : ipv4Bytes(dotted[2] ?? '');
  if (tail === undefined) return undefined;
  const hex = dotted === null ? text : (dotted[1] ?? '').replace(/([^:]):$/, '$1');
  const [head = '', rest] = hex.split('::');
  const left = groupBytes(head);
  const right = rest === undefined ? [] : groupBytes(rest);
  const missing = 16 - left.length - right.length - tail.length;
  if (rest === undefined ? missing !== 0 : missing < 0) return undefined;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right, ...tail];
}

function groupBytes(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hasLeadingZeros(text: string): boolean {
  const dotted = text.slice(text.lastIndexOf(':') + 1);
  return dotted.split('.').some((part) => /^0\d/.test(part));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
