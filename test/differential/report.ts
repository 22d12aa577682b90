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
    const requests = told.reduce((sum, one) => sum + one.requests, 0);
    const differing = told.reduce((sum, one) => sum + one.differences.length, 0);
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
export function printDifferences(differences: readonly Difference[]): string {
  const groups = Map.groupBy(differences, causeOf);
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([cause, members]) => {
      const examples = members.slice(0, 3).map((one) => `- ${printDifference(one).replaceAll('\n', '\n  ')}`);
      const more = members.length > 3 ? [`- and ${members.length - 3} more: ${otherScripts(members)}`] : [];
      return [`## ${members.length} × ${cause}`, ...examples, ...more].join('\n');
    })
    .join('\n\n');
}

/** Where the status differs, nothing else is said but what the refusal says. */
export function printDifference({ script, step, places }: Difference): string {
  const refused = places.some(({ path }) => path === 'status');
  const telling = refused ? places.filter(({ path }) => /^(?:status|body\.message|body)$/.test(path)) : places;
  return [
    `[${script}] ${step}`,
    ...telling.map(({ path, real, ours }) => `  ${path}\n    real ${shown(real)}\n    ours ${shown(ours)}`),
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

function otherScripts(members: readonly Difference[]): string {
  return [...new Set(members.slice(3).map(({ script }) => script))].slice(0, 20).join('; ');
}

function shown(value: unknown): string {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
