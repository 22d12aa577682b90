import {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  printFieldSelector,
  printLabelSelector,
} from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import recorded from './fixtures/apimachinery-0.37.2.json' with { type: 'json' };
import { property } from './property.ts';

/** Kubernetes keeps how a requirement was spelt; we print the one spelling of what it means. */
const RESPELT: Readonly<Record<string, string>> = { 'a==b': 'a=b', 'a==': 'a=', 'a>05': 'a>5' };

describe('label selectors', () => {
  test.each(recorded.labelSelectors)('"%s" reads as in Kubernetes: %s', (text, expected) => {
    if (text === null) throw new Error('a recorded selector has a text');
    if (expected === null) expect(() => parseLabelSelector(text)).toThrow(TypeError);
    else expect(printLabelSelector(parseLabelSelector(text))).toBe(RESPELT[text] ?? expected);
  });

  test.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['app=web', true],
    ['app!=web', false],
    ['missing!=web', true],
    ['missing=', false],
    ['empty=', true],
    ['app in (db, web)', true],
    ['missing in (web)', false],
    ['app notin (db)', true],
    ['missing notin (db)', true],
    ['cpus>3', true],
    ['cpus>4', false],
    ['cpus<5', true],
    ['app>1', false],
    ['missing<1', false],
    ['app=web,cpus>3,!missing', true],
    ['app=web,missing', false],
    ['constructor', false],
  ])('"%s" on a labelled object: %s', (text, expected) => {
    expect(matchesLabels(parseLabelSelector(text), { app: 'web', empty: '', cpus: '4' })).toBe(expected);
  });

  test('match an object without labels only by what is absent', () => {
    expect(matchesLabels(parseLabelSelector('!a,b!=c'), undefined)).toBe(true);
    expect(matchesLabels(parseLabelSelector('a'), undefined)).toBe(false);
  });

  test('say which requirement cannot be read, and why', () => {
    expect(() => parseLabelSelector('a=b,x in y')).toThrow('cannot read "x in y" in the label selector "a=b,x in y"');
    expect(() => parseLabelSelector('a=-')).toThrow('"-" is not a label value');
  });

  property('print and parse to the same', (random) => {
    const key = () => random.pick(['app', 'x.y/z', 'in', 'notin', 'a_b']);
    const value = () => random.pick(['', 'a', 'b-c', '1.2', 'in']);
    const text = random
      .list(3, () => random.pick([key(), `!${key()}`, `${key()}=${value()}`, `${key()} notin (${value()},${value()})`]))
      .join(',');
    const selector = parseLabelSelector(text);
    expect(parseLabelSelector(printLabelSelector(selector))).toEqual(selector);
  });
});

describe('field selectors', () => {
  test.each(recorded.fieldSelectors)('"%s" reads as in Kubernetes: %s', (text, expected) => {
    if (text === null) throw new Error('a recorded selector has a text');
    if (expected === null) expect(() => parseFieldSelector(text)).toThrow(TypeError);
    else expect(printFieldSelector(parseFieldSelector(text))).toBe(expected);
  });

  test('match fields, an absent one counting as empty', () => {
    const fields = { 'metadata.name': 'web', 'status.phase': 'Running', odd: 'a,b=c\\d' };
    const matches = (text: string) => matchesFields(parseFieldSelector(text), fields);
    expect(matches('')).toBe(true);
    expect(matches('metadata.name=web,status.phase!=Failed')).toBe(true);
    expect(matches('metadata.name!=web')).toBe(false);
    expect(matches('spec.nodeName=')).toBe(true);
    expect(matches('odd=a\\,b\\=c\\\\d')).toBe(true);
  });

  property('print and parse any value to the same', (random) => {
    const selector = [{ operator: random.pick(['=', '!='] as const), field: 'f', value: random.text('a,=\\! ', 6) }];
    expect(parseFieldSelector(printFieldSelector(selector))).toEqual(selector);
  });
});
