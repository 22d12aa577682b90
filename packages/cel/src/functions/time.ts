import type { Environment } from '@marcbachmann/cel-js';
import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { register } from './register.ts';
import { OWN } from './strings.ts';

const TIMESTAMP = 'google.protobuf.Timestamp';
const DAY = 86_400_000;

/** A moment, as the clocks of some place show it, read through the UTC getters. */
const PARTS: Readonly<Record<string, (local: Date) => number>> = {
  getFullYear: (local) => local.getUTCFullYear(),
  getMonth: (local) => local.getUTCMonth(),
  getDate: (local) => local.getUTCDate(),
  getDayOfMonth: (local) => local.getUTCDate() - 1,
  getDayOfWeek: (local) => local.getUTCDay(),
  getDayOfYear: (local) => Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY),
  getHours: (local) => local.getUTCHours(),
  getMinutes: (local) => local.getUTCMinutes(),
  getSeconds: (local) => local.getUTCSeconds(),
};

/** The getters of a timestamp, which the library takes in the time zone of the machine. */
export const OWN_TIME_METHODS: ReadonlySet<string> = new Set(Object.keys(PARTS));

/** The parts of timestamps and durations, in any time zone. Source: the CEL specification. */
export function registerTime(environment: Environment): void {
  const duration = 'google.protobuf.Duration';
  register(
    environment,
    Object.fromEntries(
      Object.entries(PARTS).flatMap(([name, part]) => [
        [`${TIMESTAMP}.${OWN}${name}(): int`, (time: Date) => BigInt(part(time))],
        [`${TIMESTAMP}.${OWN}${name}(string): int`, (time: Date, zone: string) => BigInt(part(localTime(time, zone)))],
        [`${duration}.${OWN}${name}(): int`, (value: Duration) => durationPart(value, name)],
      ]),
    ),
  );
}

/** Whole hours, minutes and seconds of all of it. */
function durationPart({ seconds }: Duration, name: string): bigint {
  switch (name) {
    case 'getHours':
      return seconds / 3600n;
    case 'getMinutes':
      return seconds / 60n;
    case 'getSeconds':
      return seconds;
    default:
      throw new Error(`no such overload: a duration has no ${name}`);
  }
}

/** `zone` is an IANA name or an offset, as `+02:00`. */
function localTime(time: Date, zone: string): Date {
  const [, sign, hours, minutes] = /^([+-]?)([0-9]{2}):([0-9]{2})$/.exec(zone) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return new Date(time.getTime() + (sign === '-' ? -offset : offset));
  }
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new Error(`unknown time zone ${zone}`);
  }
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}
