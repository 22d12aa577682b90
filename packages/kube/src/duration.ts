/** In nanoseconds. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n], // U+00B5, the micro sign
  ['μs', 1_000n], // U+03BC, the Greek letter
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const DURATION = /^([+-]?)((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const TERM = /([0-9]*)\.?([0-9]*)(ns|us|µs|μs|ms|s|m|h)/g;
const MAX = 2n ** 63n;

/**
 * Reads a Go duration (`90s`, `1h30m`, `1.5h`, `-250ms`, `0`) into milliseconds. `undefined` when the text is none, or
 * longer than the 292 years that Go can hold.
 */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const [, sign, terms] = DURATION.exec(text) ?? [];
  if (terms === undefined) return undefined;
  let nanoseconds = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of terms.matchAll(TERM)) {
    nanoseconds += (BigInt(whole + fraction) * UNITS.get(unit)!) / 10n ** BigInt(fraction.length);
  }
  if (nanoseconds > (sign === '-' ? MAX : MAX - 1n)) return undefined;
  return Number(sign === '-' ? -nanoseconds : nanoseconds) / 1e6;
}
