/** How many indexes a text like `1,3-5` names, each below `completions`, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let last: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return interval;
    const [from, to] = interval;
    if (last !== undefined && last >= from) return notIncreasing(last, from);
    total += to - from + 1;
    last = to;
  }
  return total;
}

function parseInterval(part: string, completions: number): readonly [from: number, to: number] | string {
  const limits = part.split('-');
  if (limits.length > 2) {
    return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const numbers: number[] = [];
  for (const limit of limits) {
    if (!/^[+]?[0-9]+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`;
    numbers.push(Number(limit));
  }
  const [from = 0, to] = numbers;
  if (to === undefined) return [from, from];
  return from >= to ? notIncreasing(from, to) : [from, to];
}

/** The first index that two such texts both name; parts that cannot be read name none. */
export function sharedIndex(one: string, other: string, completions: number): number | undefined {
  const intervals = (text: string): readonly (readonly [number, number])[] =>
    text.split(',').flatMap((part) => {
      const interval = parseInterval(part, completions);
      return typeof interval === 'string' ? [] : [interval];
    });
  for (const [from, to] of intervals(one)) {
    const hit = intervals(other).find(([otherFrom, otherTo]) => from <= otherTo && otherFrom <= to);
    if (hit !== undefined) return Math.max(from, hit[0]);
  }
  return undefined;
}

function notIncreasing(previous: number, current: number): string {
  return `non-increasing order, previous: ${String(previous)}, current: ${String(current)}`;
}
