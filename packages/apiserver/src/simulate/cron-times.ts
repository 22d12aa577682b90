const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A schedule for the 31st of February ends the search. */
const HORIZON = 5 * 366 * DAY;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: MINUTE, s: 1000, ms: 1 };

/** The first time of a schedule after `after`, in milliseconds since the epoch; `undefined` when there is none. */
export type CronTimes = (after: number) => number | undefined;

/**
 * Reads a schedule that passed validation.
 *
 * @param zone a time zone of the database. Its offset is taken at `after`, so that a time on the day of a change of clocks may be an hour off.
 */
export function cronTimes(schedule: string, zone = 'UTC'): CronTimes {
  const every = /^@every (.+)$/.exec(schedule);
  if (every !== null) {
    const period = Math.max(1000, Math.floor(durationOf(every[1] ?? '') / 1000) * 1000);
    return (after) => Math.floor(after / 1000) * 1000 + period;
  }
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = (DESCRIPTORS[schedule] ?? schedule)
    .trim()
    .split(/\s+/);
  const minute = numbers(minutes, 0, 59);
  const hour = numbers(hours, 0, 23);
  const day = numbers(days, 1, 31);
  const month = numbers(months, 1, 12, MONTHS);
  const weekday = numbers(weekdays, 0, 6, DAYS);
  const free = (field: string): boolean => /^[*?]/.test(field);
  // Two restrictions of the day are alternatives.
  const both = free(days) || free(weekdays);
  const isDay = (date: Date): boolean => {
    if (!month.has(date.getUTCMonth() + 1)) return false;
    const [a, b] = [day.has(date.getUTCDate()), weekday.has(date.getUTCDay())];
    return both ? a && b : a || b;
  };
  return (after) => {
    const offset = offsetOf(zone, after);
    const first = (Math.floor((after + offset) / MINUTE) + 1) * MINUTE;
    for (let time = first; time < first + HORIZON;) {
      const date = new Date(time);
      if (!isDay(date)) time = (Math.floor(time / DAY) + 1) * DAY;
      else if (!hour.has(date.getUTCHours())) time = (Math.floor(time / 3_600_000) + 1) * 3_600_000;
      else if (!minute.has(date.getUTCMinutes())) time += MINUTE;
      else return time - offset;
    }
    return undefined;
  };
}

function numbers(field: string, min: number, max: number, names: readonly string[] = []): ReadonlySet<number> {
  const found = new Set<number>();
  const read = (text: string): number => {
    const index = names.indexOf(text.toLowerCase());
    return index < 0 ? Number(text) : index + min;
  };
  for (const part of field.split(',').filter((one) => one !== '')) {
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    const all = low === '*' || low === '?';
    const from = all ? min : read(low);
    const to = all || (high === undefined && step !== undefined) ? max : read(high ?? low);
    for (let number = from; number <= to; number += step === undefined ? 1 : Math.max(1, Number(step)))
      found.add(number);
  }
  return found;
}

/** Of Go: `1h30m`. */
function durationOf(text: string): number {
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([0-9.]+)(ms|h|m|s)/g)) {
    total += Number(number) * (UNITS[unit] ?? 0);
  }
  return total;
}

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function offsetOf(zone: string, at: number): number {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0;
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /^GMT([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}
