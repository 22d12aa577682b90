/** What differs from one run to the next. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID'],
  [/\b[0-9a-f]{12,64}\b/g, 'ID'],
  [/\b(\d+(\.\d+)? (ms|s|min|h)|\d+(h|m|s)(\d+(m|s))*)\b/g, 'AGE'],
  [/-[0-9a-z]{9,10}-[0-9a-z]{5}\b/g, '-POD'],
  [/\/[\w./-]+\/shop\b/g, 'REPOSITORY'],
  [/[^\s(]+@[^\s(]+/g, 'WHO'],
  [/process \d+ on \S+/g, 'PROCESS'],
  [/127\.0\.0\.1:\d+/g, 'ADDRESS'],
  // A plan that a process has made already is not validated once more.
  [/^error +(look|validate):/g, 'error STAGE:'],
  [/ +/g, ' '],
];

/**
 * Whether a page shows what was said: every line of it, in its order unless `anyOrder`. A line `…` stands for any lines. That something
 * is waited for depends on how fast it is, and counts only on pages that show it.
 */
export function isSaid(shown: string, said: string, { anyOrder }: { readonly anyOrder: boolean }): boolean {
  const expected = linesOf(shown);
  const isWait = (line: string): boolean => /^(\[\S+\] )?waiting /.test(line);
  const actual = linesOf(said).filter((line) => expected.some(isWait) || !isWait(line));
  if (expected.includes('…')) return isPart(expected, actual, anyOrder);
  if (anyOrder) return expected.toSorted().join('\n') === actual.toSorted().join('\n');
  return expected.join('\n') === actual.join('\n');
}

function isPart(expected: readonly string[], actual: readonly string[], anyOrder: boolean): boolean {
  if (anyOrder) return expected.every((line) => line === '…' || actual.includes(line));
  const pattern = expected.map((line) => (line === '…' ? '(?:.*\n)*' : `${escaped(line)}\n`)).join('');
  return new RegExp(`^${pattern}$`).test(`${actual.join('\n')}\n`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => VARYING.reduce((rest, [pattern, name]) => rest.replaceAll(pattern, name), line).trimEnd())
    .filter((line) => line !== '');
}
