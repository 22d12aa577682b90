import { expect, test } from 'vitest';
import { parseYaml, render, toYaml } from '@homeostat/render';
import { brief, configMap, memoryFiles, names } from './support.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

/** Codes found in a text; the CPU time is bounded generously, where a quadratic way would take minutes. */
function codes(text: string, path = 'a.yaml'): string[] {
  const before = process.cpuUsage();
  const { findings } = parseYaml(text, { path });
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(30);
  return findings.map(({ code }) => code);
}

test('a billion laughs are counted, not laughed', () => {
  const levels = Array.from(
    { length: 30 },
    (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]\n`,
  );
  expect(codes(`${head}l0: &l0 [lol, lol, lol]\n${levels.join('')}`)).toEqual(['EXPANSION_TOO_LARGE']);
});

test('more aliases than the limit are refused', () => {
  expect(codes(`a: &a 1\nb: [${Array(1001).fill('*a').join(', ')}]\n`)).toEqual(['TOO_MANY_ALIASES']);
  expect(codes(`a: &a 1\nb: [${Array(1000).fill('*a').join(', ')}]\n`)).toEqual([]);
});

test('a merge bomb is refused', () => {
  const source = `s: &s {${Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join(', ')}}\n`;
  const merges = Array.from({ length: 100 }, (_, i) => `m${i}: {<<: *s}\n`).join('');
  expect(codes(source + merges)).toEqual(['TOO_MANY_MERGE_KEYS']);
});

test('nesting is bounded in every style, and through aliases', () => {
  const deep = 20_000;
  const styles = {
    'flow lists': `v: ${'['.repeat(deep)}${']'.repeat(deep)}\n`,
    'flow maps': `v: ${'{a: '.repeat(deep)}1${'}'.repeat(deep)}\n`,
    'compact lists': `v:\n  ${'- '.repeat(deep)}1\n`,
    'explicit keys': `${'? '.repeat(deep)}1\n`,
    'block maps': Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    'anchored aliases': `a0: &a0 1\n${Array.from({ length: 1500 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`).join('')}`,
  };
  for (const [style, text] of Object.entries(styles)) {
    expect([style, codes(text)]).toEqual([style, [expect.stringMatching(/^TOO_/)]]);
  }
});

test('what nests just below the limit is read, and written again', () => {
  const deep = 480;
  const { documents, findings } = parseYaml(`v: ${'['.repeat(deep)}${']'.repeat(deep)}\n`);
  expect(findings).toEqual([]);
  expect(parseYaml(toYaml(documents[0]?.value)).documents[0]?.value).toEqual(documents[0]?.value);
});

test('a file that is too large is not even read when its size is known', async () => {
  const files = memoryFiles({ 'big.yaml': '#'.repeat(6 * 1024 * 1024), 'a.yaml': configMap('a') });
  const rendered = await render(files);
  expect(rendered.findings.map(brief)).toEqual(['error FILE_TOO_LARGE big.yaml']);
  expect(files.reads).toEqual(['a.yaml']);
  expect(names(rendered)).toEqual(['a']);
  expect(rendered.complete).toBe(false);
});

test('bytes that are no UTF-8, UTF-16 and NUL bytes are findings with their line', async () => {
  const rendered = await render(
    memoryFiles({
      'latin1.yaml': Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'),
      'nul.yaml': 'a: 1\nb: \0\n',
      'utf16.yaml': Buffer.from('\ufeffa: 1\n', 'utf16le'),
    }),
  );
  expect(rendered.findings.map(brief)).toEqual([
    'error NOT_UTF8 latin1.yaml:2',
    'error FORBIDDEN_CHARACTER nul.yaml:2:4',
    'error NOT_UTF8 utf16.yaml',
  ]);
});

test('long runs of one character take linear time', () => {
  for (const part of [
    '- ',
    '[',
    '{',
    '"',
    "'",
    '|',
    '&a ',
    '!',
    '? ',
    ': ',
    '\t',
    '#',
    '%',
    '*',
    '\ufeff',
    '\ufeff#\n',
    '---\n',
    '...\n',
    '\r',
    '<<: ',
    '{{',
    '- - ',
  ]) {
    codes(part.repeat(200_000));
    codes(`v: ${part.repeat(200_000)}`);
    codes(part.repeat(200_000), 'a.json');
  }
}, 120_000);

test('brackets at a wrong indentation are mended within a budget', () => {
  const text = `v:\n${'  - [\n  ]\n'.repeat(40_000)}`;
  expect(codes(text)).toEqual(['YAML_SYNTAX']);
  expect(codes(`v:\n${'  - [\n  ]\n'.repeat(200)}`)).toEqual([]);
});

test('keys of Object.prototype are keys like any other', () => {
  const { documents } = parseYaml(
    '__proto__: {polluted: 1}\nconstructor: 2\ntoString: 3\na: {<<: {__proto__: {x: 1}}}\n',
  );
  expect(Object.keys(documents[0]?.value as object)).toEqual(['__proto__', 'constructor', 'toString', 'a']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(parseYaml('toString: 1\ntoString: 2\n').findings.map(({ code }) => code)).toEqual(['DUPLICATE_KEY']);
});

test('ignore rules that could take for ever to match are refused', async () => {
  const files = memoryFiles({
    '.homeostatignore': `a.yaml\n*a*a*a*a*a*a*a*b\n`,
    [`${'a'.repeat(200)}.yaml`]: configMap('x'),
  });
  const rendered = await render(files);
  expect(rendered.findings.map(brief)).toEqual(['error IGNORE_REFUSED .homeostatignore:2']);
});

test('a name that no file system holds is a finding', async () => {
  const rendered = await render(memoryFiles({ [`${'a'.repeat(300)}.yaml`]: configMap('x'), 'a.yaml': configMap('a') }));
  expect(rendered.findings.map(({ code }) => code)).toEqual(['UNREADABLE']);
});

test('directories that nest too deep are a finding', async () => {
  const rendered = await render(memoryFiles({ [`${'d/'.repeat(70)}a.yaml`]: configMap('x') }));
  expect(rendered.findings.map(({ code }) => code)).toEqual(['TOO_DEEP']);
});

test('more objects than the limit are cut, and said', async () => {
  const files = memoryFiles({ 'a.yaml': `${configMap('a')}---\n${configMap('b')}---\n${configMap('c')}` });
  const rendered = await render(files, {}, { limits: { objects: 2 } });
  expect(names(rendered)).toEqual(['a', 'b']);
  expect(rendered.findings.map(brief)).toEqual(['error TOO_MANY_OBJECTS a.yaml:11']);
});
