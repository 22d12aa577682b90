import type { Environment } from '@marcbachmann/cel-js';
import { parseAddress, printAddress } from './address.ts';
import type { Address } from './address.ts';
import { register, registerNamespace, registerValue } from './register.ts';

class CelIp implements Address {
  readonly family: 4 | 6;
  readonly bits: bigint;

  constructor({ family, bits }: Address) {
    this.family = family;
    this.bits = bits;
  }

  equals(other: unknown): boolean {
    return other instanceof CelIp && other.family === this.family && other.bits === this.bits;
  }
}

class CelCidr {
  readonly address: CelIp;
  readonly length: number;

  constructor(address: CelIp, length: number) {
    this.address = address;
    this.length = length;
  }

  equals(other: unknown): boolean {
    return other instanceof CelCidr && other.length === this.length && this.address.equals(other.address);
  }
}

/** Source: Kubernetes `apiserver/pkg/cel/library/ip.go` and `cidr.go`. Zones and IPv4-mapped addresses are refused. */
export function registerNetwork(environment: Environment): void {
  const ip = 'net.IP';
  const cidr = 'net.CIDR';
  registerValue(environment, ip, CelIp);
  registerValue(environment, cidr, CelCidr);
  registerNamespace(environment, 'ip', {
    'isCanonical(string): bool': (text: string) => printAddress(toIp(text)) === text,
  });
  register(environment, {
    [`ip(string): ${ip}`]: toIp,
    'isIP(string): bool': (text: string) => parseAddress(text) !== undefined,
    [`${ip}.family(): int`]: ({ family }: CelIp) => BigInt(family),
    [`${ip}.isUnspecified(): bool`]: ({ bits }: CelIp) => bits === 0n,
    [`${ip}.isLoopback(): bool`]: (value: CelIp) => isIn(value, '127.0.0.0/8', '::1/128'),
    [`${ip}.isLinkLocalMulticast(): bool`]: (value: CelIp) => isIn(value, '224.0.0.0/24', 'ff02::/16'),
    [`${ip}.isLinkLocalUnicast(): bool`]: (value: CelIp) => isIn(value, '169.254.0.0/16', 'fe80::/10'),
    [`${ip}.isGlobalUnicast(): bool`]: isGlobalUnicast,
    [`cidr(string): ${cidr}`]: toCidr,
    'isCIDR(string): bool': (text: string) => parseCidr(text) !== undefined,
    [`${cidr}.containsIP(string): bool`]: (range: CelCidr, text: string) => holds(range, toIp(text)),
    [`${cidr}.containsIP(${ip}): bool`]: holds,
    [`${cidr}.containsCIDR(string): bool`]: (range: CelCidr, text: string) => holdsRange(range, toCidr(text)),
    [`${cidr}.containsCIDR(${cidr}): bool`]: holdsRange,
    [`${cidr}.ip(): ${ip}`]: ({ address }: CelCidr) => address,
    [`${cidr}.masked(): ${cidr}`]: ({ address, length }: CelCidr) =>
      new CelCidr(new CelIp({ family: address.family, bits: masked(address, length) }), length),
    [`${cidr}.prefixLength(): int`]: ({ length }: CelCidr) => BigInt(length),
  });
}

function toIp(text: string): CelIp {
  const address = parseAddress(text);
  if (address === undefined) throw new Error('this is no IP address');
  return new CelIp(address);
}

function parseCidr(text: string): CelCidr | undefined {
  const [, head = '', tail = ''] = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  const address = parseAddress(head);
  if (address === undefined || Number(tail) > width(address)) return undefined;
  return new CelCidr(new CelIp(address), Number(tail));
}

function toCidr(text: string): CelCidr {
  const range = parseCidr(text);
  if (range === undefined) throw new Error('this is no network address, as 10.0.0.0/8');
  return range;
}

function width({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

function masked(address: Address, length: number): bigint {
  const rest = BigInt(width(address) - length);
  return (address.bits >> rest) << rest;
}

function holds({ address, length }: CelCidr, one: CelIp): boolean {
  return one.family === address.family && masked(one, length) === masked(address, length);
}

function holdsRange(range: CelCidr, other: CelCidr): boolean {
  return other.length >= range.length && holds(range, other.address);
}

function isIn(one: CelIp, ...ranges: readonly string[]): boolean {
  return ranges.some((range) => holds(toCidr(range), one));
}

function isGlobalUnicast(one: CelIp): boolean {
  const broadcast = one.family === 4 && one.bits === 0xffffffffn;
  return (
    one.bits !== 0n &&
    !broadcast &&
    !isIn(one, '127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10')
  );
}
