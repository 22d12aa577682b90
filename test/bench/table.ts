/** A Markdown table whose columns line up in a terminal too; all but the first column are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** A ratio against what is expected of it, as one line: `0.81 × (at most 1.5): holds`. */
export function verdict(
  what: string,
  ratio: number,
  bound: { readonly atMost: number } | { readonly atLeast: number },
): string {
  const holds = 'atMost' in bound ? ratio <= bound.atMost : ratio >= bound.atLeast;
  const expected = 'atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`;
  return `${what}: ${ratio.toFixed(2)} (${expected}): ${holds ? 'holds' : 'DOES NOT HOLD'}`;
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
