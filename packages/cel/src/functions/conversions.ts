import type { Environment } from '@marcbachmann/cel-js';
import type { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { printAddress } from './address.ts';
import { printDouble, printDuration, printTime } from './format.ts';
import { register } from './register.ts';
import { OWN } from './strings.ts';

/** Conversions of which the library has others, or not all. */
export const OWN_FUNCTIONS: ReadonlySet<string> = new Set(['int', 'string']);

/** Source: the CEL specification, "Standard definitions"; texts as Go prints them. */
export function registerConversions(environment: Environment): void {
  register(environment, {
    [`${OWN}int(int): int`]: (value: bigint) => value,
    [`${OWN}int(uint): int`]: ({ value }: UnsignedInt) => inRange(value),
    [`${OWN}int(double): int`]: (value: number) => {
      if (!Number.isFinite(value)) throw new Error('integer overflow');
      return inRange(BigInt(Math.trunc(value)));
    },
    [`${OWN}int(string): int`]: (text: string) => {
      if (!/^[+-]?[0-9]{1,20}$/.test(text)) throw new Error('type conversion error from string to int');
      return inRange(BigInt(text.replace('+', '')));
    },
    [`${OWN}int(google.protobuf.Timestamp): int`]: (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
    [`${OWN}string(string): string`]: (text: string) => text,
    [`${OWN}string(bool): string`]: String,
    [`${OWN}string(int): string`]: String,
    [`${OWN}string(uint): string`]: String,
    [`${OWN}string(double): string`]: printDouble,
    [`${OWN}string(bytes): string`]: (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    [`${OWN}string(google.protobuf.Timestamp): string`]: printTime,
    [`${OWN}string(google.protobuf.Duration): string`]: (value: Duration) => printDuration(value),
    [`${OWN}string(net.IP): string`]: printAddress,
    [`${OWN}string(net.CIDR): string`]: ({ address, length }: Range) => `${printAddress(address)}/${length}`,
  });
}

interface Range {
  readonly address: Parameters<typeof printAddress>[0];
  readonly length: number;
}

function inRange(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new Error('integer overflow');
  return value;
}
