import { compareQuantities, parseDuration, parseQuantity, printQuantity } from '@homeostat/kube';
import type { Quantity } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import recorded from './fixtures/apimachinery-0.37.2.json' with { type: 'json' };
import { property } from './property.ts';
import type { Random } from './property.ts';

/** Kubernetes has no suffix beyond E and prints the amount without one, which is another amount. */
const BEYOND_E = '1000E';

describe('quantities', () => {
  test('print canonically as in Kubernetes, or are refused as there', () => {
    for (const [text, expected] of recorded.quantities) {
      if (text === BEYOND_E || text === null || text === undefined) continue;
      const quantity = parseQuantity(text);
      expect(quantity === undefined ? null : printQuantity(quantity), text).toBe(expected);
    }
  });

  test('beyond the last suffix keep their amount', () => {
    expect(printQuantity(parse(BEYOND_E))).toBe('1000E');
  });

  test.each([
    [1, '1'],
    [0.3, '300m'],
    [20, '20'],
    [1e21, '1e21'],
    [1e-7, '100e-9'],
    [9007199254740993n, '9007199254740993'],
  ])('come as JSON numbers too: %s is %s', (value, expected) => {
    const quantity = parseQuantity(value);
    expect(quantity && printQuantity(quantity)).toBe(expected);
  });

  test.each([
    ['1Gi', '1024Mi'],
    ['1', '1000m'],
    ['.5', '500m'],
    ['1e3', '1k'],
    ['0', '0Ki'],
  ])('are equal whatever the spelling: %s and %s', (a, b) => {
    expect(compareQuantities(parse(a), parse(b))).toBe(0);
  });

  test('whose exponent would fill the memory are refused at once', () => {
    expect(parseQuantity('1e999999999')).toBeUndefined();
    expect(parseQuantity('1e-999999999')).toBeUndefined();
  });

  property('hold the amount that their text says, rounded up to a billionth', (random) => {
    const quantity = randomQuantity(random);
    const { text, numerator, denominator } = quantity;
    const { nano } = parse(text);
    if (isCapped(quantity)) return expect(nano).toBe(MAX_BINARY * 10n ** 9n);
    const exact = numerator * 10n ** 9n;
    expect(nano * denominator >= exact && (nano - 1n) * denominator < exact).toBe(true);
  });

  property('print to a text that is read to the same amount, and printed the same again', (random) => {
    const quantity = parse(randomQuantity(random).text);
    const printed = printQuantity(quantity);
    expect(parse(printed).nano).toBe(quantity.nano);
    expect(printQuantity(parse(printed))).toBe(printed);
  });

  property('are totally ordered by amount', (random) => {
    const [a, b] = [randomQuantity(random), randomQuantity(random)];
    const order = compareQuantities(parse(a.text), parse(b.text));
    const exact = a.numerator * b.denominator - b.numerator * a.denominator;
    // Rounding can make different amounts equal, never turn them round.
    if (order !== 0 && !isCapped(a) && !isCapped(b)) expect(order > 0).toBe(exact > 0n);
    expect(compareQuantities(parse(b.text), parse(a.text))).toBe(-order + 0);
  });
});

function parse(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new Error(`${text} is no quantity`);
  return quantity;
}

const MAX_BINARY = 2n ** 63n - 1n;

function isCapped({ binary, numerator, denominator }: ReturnType<typeof randomQuantity>): boolean {
  return binary && numerator > MAX_BINARY * denominator;
}

const DECIMAL = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18, e3: 3, 'E-4': -4, 'e+2': 2 };
const BINARY = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/** A quantity and, by a way of its own, the fraction that it stands for. */
function randomQuantity(random: Random) {
  const whole = String(random.below(random.pick([10, 1100, 1e9])));
  const fraction = random.below(2) === 0 ? '' : random.text('0123456789', 12);
  const binary = random.below(2) === 0;
  const [suffix, exponent] = random.pick(Object.entries(binary ? BINARY : DECIMAL));
  const scale = (binary ? 2n : 10n) ** BigInt(Math.abs(exponent));
  return {
    text: `${whole}${fraction === '' ? '' : `.${fraction}`}${suffix}`,
    numerator: BigInt(whole + fraction) * (exponent < 0 ? 1n : scale),
    denominator: 10n ** BigInt(fraction.length) * (exponent < 0 ? scale : 1n),
    binary,
  };
}

describe('durations', () => {
  test('read as in Go, or are refused as there', () => {
    for (const [text, expected] of recorded.durations) {
      const read = parseDuration(String(text));
      if (expected === null) expect(read, String(text)).toBeUndefined();
      else expect(read, String(text)).toBeCloseTo(Number(expected), 9);
    }
  });
});
