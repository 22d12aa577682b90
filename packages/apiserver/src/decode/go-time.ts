/** What Go's `time.Parse` makes of a text: the time as Kubernetes writes it, or why it is none. */
export type GoTime = { readonly text: string } | { readonly error: string };

const SECONDS = '2006-01-02T15:04:05Z07:00';
const MICROS = '2006-01-02T15:04:05.000000Z07:00';
/** Also how Kubernetes writes them: nothing to do for what comes back from it. */
const CANONICAL = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;

/** Reads an RFC 3339 time to the second, or the microsecond: Kubernetes' Time and MicroTime. */
export function readGoTime(value: string, unit: 'seconds' | 'micros'): GoTime {
  if (unit === 'seconds' && CANONICAL.test(value)) return { text: value };
  const reader = new Reader(value, unit === 'seconds' ? SECONDS : MICROS);
  try {
    return { text: reader.read(unit === 'micros') };
  } catch (error) {
    if (error instanceof Mismatch) return { error: error.message };
    throw error;
  }
}

class Mismatch extends Error {}

class Reader {
  readonly #value: string;
  readonly #layout: string;
  #rest: string;

  constructor(value: string, layout: string) {
    this.#value = value;
    this.#layout = layout;
    this.#rest = value;
  }

  read(withMicros: boolean): string {
    const year = Number(this.#take('2006', /^[0-9]{4}/));
    this.#literal('-');
    const month = Number(this.#take('01', /^[0-9]{2}/));
    if (month < 1 || month > 12) throw this.#outOfRange('month');
    this.#literal('-');
    const day = Number(this.#take('02', /^[0-9]{2}/));
    this.#literal('T');
    const hour = this.#below(24, 'hour', '15', /^[0-9]{1,2}/);
    this.#literal(':');
    const minute = this.#below(60, 'minute', '04', /^[0-9]{2}/);
    this.#literal(':');
    const second = this.#below(60, 'second', '05', /^[0-9]{2}/);
    const fraction = withMicros ? this.#take('.000000', /^[.,][0-9]{6}/) : (/^[.,][0-9]+/.exec(this.#rest)?.[0] ?? '');
    if (!withMicros) this.#rest = this.#rest.slice(fraction.length);
    const zone = this.#take('Z07:00', /^(?:Z|[-+][0-9]{2}:[0-9]{2})/);
    if (this.#rest !== '') throw this.#mismatch(`: extra text: ${goQuoted(this.#rest)}`);
    if (day < 1 || day > new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) throw this.#outOfRange('day');
    return print({ year, month, day, hour, minute: minute - offsetOf(zone), second }, withMicros ? fraction : '');
  }

  #below(limit: number, name: string, element: string, pattern: RegExp): number {
    const number = Number(this.#take(element, pattern));
    if (number >= limit) throw this.#outOfRange(name);
    return number;
  }

  #literal(text: string): void {
    if (!this.#rest.startsWith(text)) throw this.#unread(text);
    this.#rest = this.#rest.slice(text.length);
  }

  #take(element: string, pattern: RegExp): string {
    const taken = pattern.exec(this.#rest)?.[0];
    if (taken === undefined) throw this.#unread(element);
    this.#rest = this.#rest.slice(taken.length);
    return taken;
  }

  #unread(element: string): Mismatch {
    return this.#mismatch(` as "${this.#layout}": cannot parse ${goQuoted(this.#rest)} as "${element}"`);
  }

  #outOfRange(name: string): Mismatch {
    return this.#mismatch(`: ${name} out of range`);
  }

  #mismatch(why: string): Mismatch {
    return new Mismatch(`parsing time ${goQuoted(this.#value)}${why}`);
  }
}

/** In minutes. */
function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function print({ year, month, day, hour, minute, second }: Parts, fraction: string): string {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const text = date.toISOString().replace(/\.[0-9]+Z$/, '');
  return `${text}${fraction === '' ? '' : `.${fraction.slice(1)}`}Z`;
}

/** As Go's time package quotes: JSON's way, for what stands in times. */
function goQuoted(text: string): string {
  return JSON.stringify(text);
}
