interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * What is wrong with a schedule, in the words of the parser that Kubernetes uses (github.com/robfig/cron); `undefined`
 * where nothing is.
 */
export function scheduleProblem(schedule: string): string | undefined {
  const zoned = /^(?:CRON_)?TZ=([^ ]*)( ?)(.*)$/s.exec(schedule);
  if (zoned === null) return specProblem(schedule);
  const [, zone = '', space, rest = ''] = zoned;
  // The parser cuts at a space that is not there; the server reports how that ends.
  if (space === '') return 'invalid schedule format: runtime error: slice bounds out of range [:-1]';
  return isTimeZone(zone) ? specProblem(rest.trim()) : `provided bad location ${zone}: unknown time zone ${zone}`;
}

/** Whether the name is one of the time zone database, in its own spelling. */
export function isTimeZone(name: string): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true;
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function specProblem(spec: string): string | undefined {
  if (spec.startsWith('@')) return descriptorProblem(spec);
  const fields = spec.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) {
    return `expected exactly 5 fields, found ${String(fields.length)}: [${fields.join(' ')}]`;
  }
  for (const [index, bounds] of FIELDS.entries()) {
    const parts = (fields[index] ?? '').split(',').filter((part) => part !== '');
    for (const part of parts) {
      const problem = rangeProblem(part, bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

const DURATION = /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$|^[-+]?0$/;

function descriptorProblem(spec: string): string | undefined {
  if (DESCRIPTORS.includes(spec)) return undefined;
  if (!spec.startsWith('@every ')) return `unrecognized descriptor: ${spec}`;
  const duration = spec.slice('@every '.length);
  if (DURATION.test(duration)) return undefined;
  const kind = /^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(duration) ? 'missing unit in' : 'invalid';
  return `failed to parse duration ${spec}: time: ${kind} duration ${JSON.stringify(duration)}`;
}

function rangeProblem(expression: string, { min, max, names = [] }: Bounds): string | undefined {
  const [range = '', ...steps] = expression.split('/');
  const limits = range.split('-');
  const [low = '', high] = limits;
  let start = min;
  let end = max;
  if (low !== '*' && low !== '?') {
    const from = parseNumber(low, names, min);
    if (typeof from === 'string') return from;
    if (limits.length > 2) return `too many hyphens: ${expression}`;
    const to = high === undefined ? from : parseNumber(high, names, min);
    if (typeof to === 'string') return to;
    start = from;
    end = to;
  }
  if (steps.length > 1) return `too many slashes: ${expression}`;
  const step = steps[0] === undefined ? 1 : parseNumber(steps[0], [], 0);
  if (typeof step === 'string') return step;
  if (steps.length === 1 && limits.length === 1) end = max;
  if (start < min) return bound('beginning', start, 'below minimum', min, expression);
  if (end > max) return bound('end', end, 'above maximum', max, expression);
  if (start > end) {
    return `beginning of range (${String(start)}) beyond end of range (${String(end)}): ${expression}`;
  }
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}

function bound(which: string, value: number, how: string, limit: number, expression: string): string {
  return `${which} of range (${String(value)}) ${how} (${String(limit)}): ${expression}`;
}

function parseNumber(text: string, names: readonly string[], first: number): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + first;
  if (!/^[-+]?[0-9]+$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  }
  const value = Number(text);
  return value < 0 ? `negative number (${String(value)}) not allowed: ${text}` : value;
}
