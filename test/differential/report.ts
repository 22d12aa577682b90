import type { Comparison, Difference } from './compare.ts';
import { categories } from './script.ts';
import type { Category } from './script.ts';

export interface CategoryCount {
  readonly category: Category;
  readonly scripts: number;
  readonly requests: number;
  readonly differing: number;
  /** Differing requests per request. */
  readonly ratio: number;
}

/** One row per category that was told, in the order of {@link categories}. */
export function countByCategory(comparisons: readonly Comparison[]): readonly CategoryCount[] {
  return categories.flatMap((category) => {
    const told = comparisons.filter(({ script }) => script.category === category);
    if (told.length === 0) return [];
    const requests = sum(told.map((one) => one.requests));
    const differing = sum(told.map((one) => one.differences.length));
    return [{ category, scripts: told.length, requests, differing, ratio: differing / requests }];
  });
}

export function printCounts(counts: readonly CategoryCount[]): string {
  const total = {
    category: 'all',
    scripts: sum(counts.map(({ scripts }) => scripts)),
    requests: sum(counts.map(({ requests }) => requests)),
    differing: sum(counts.map(({ differing }) => differing)),
  };
  const rows = [...counts, { ...total, ratio: total.differing / Math.max(1, total.requests) }].map((row) => [
    row.category,
    String(row.scripts),
    String(row.requests),
    String(row.differing),
    `${(row.ratio * 100).toFixed(1)} %`,
  ]);
  const table = [['category', 'scripts', 'requests', 'differing', 'ratio'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

/** The differences as text, those with one cause under one heading, the most frequent first. */
export function printDifferences(differences: readonly Difference[], examples = 3): string {
  const groups = Map.groupBy(differences, causeOf);
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([cause, members]) => {
      const shownOnes = members.slice(0, examples).map((one) => `- ${printDifference(one).replaceAll('\n', '\n  ')}`);
      const others = members.slice(examples);
      const more = others.length > 0 ? [`- and ${others.length} more: ${scriptsOf(others)}`] : [];
      return [`## ${members.length} × ${cause}`, ...shownOnes, ...more].join('\n');
    })
    .join('\n\n');
}

/** Where the status differs, nothing else is said but what the refusal says. */
export function printDifference({ script, step, places }: Difference): string {
  const refused = places.some(({ path }) => path === 'status');
  const telling = refused ? places.filter(({ path }) => /^(?:status|body\.message|body)$/.test(path)) : places;
  return [
    `[${script}] ${step}`,
    ...telling.map(({ path, real, ours }) => {
      const [right, other] = [shown(real), shown(ours)];
      const from = Math.max(0, firstDifference(right, other) - 120);
      return `  ${path}\n    real ${excerpt(right, from)}\n    ours ${excerpt(other, from)}`;
    }),
  ].join('\n');
}

/** Differences look alike when the same places differ, whatever the names and positions. */
function causeOf({ places }: Difference): string {
  const status = places.find(({ path }) => path === 'status');
  if (status !== undefined) {
    const message = places.find(({ path }) => path === 'body.message')?.ours;
    return `status ${String(status.real)} → ${String(status.ours)}${typeof message === 'string' ? `: ${message.slice(0, 120)}` : ''}`;
  }
  const [first] = places;
  const kind = first?.ours === undefined ? ' is missing' : first.real === undefined ? ' is too much' : '';
  return `${(first?.path ?? '').replaceAll(/\.\d+(?=\.|$)/g, '.*')}${kind}`;
}

function scriptsOf(members: readonly Difference[]): string {
  return [...new Set(members.map(({ script }) => script))].slice(0, 20).join('; ');
}

function shown(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}

function firstDifference(a: string, b: string): number {
  let index = 0;
  while (index < a.length && a[index] === b[index]) index++;
  return index;
}

function excerpt(text: string, from: number): string {
  return `${from > 0 ? '…' : ''}${text.slice(from, from + 400)}${text.length > from + 400 ? '…' : ''}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
