const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, the micro sign
  μs: 1e-3, // U+03BC, the Greek letter
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const DURATION = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const TERM = /([0-9.]+)(ns|us|µs|μs|ms|s|m|h)/g;
/** The largest Go duration: 2^63 − 1 nanoseconds. */
const MAX_MS = 2 ** 63 / 1e6;

/**
 * Reads a Go duration (`90s`, `1h30m`, `1.5h`, `-250ms`, `0`) into milliseconds. `undefined` when the text is none, or
 * longer than the 292 years that Go can hold.
 */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit = ''] of text.matchAll(TERM)) ms += Number(amount) * UNITS[unit]!;
  if (ms >= MAX_MS) return undefined;
  return text.startsWith('-') ? -ms : ms;
}
