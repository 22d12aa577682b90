/**
 * The difference between two texts as `diff -U3` shows it, without file names. Lines are matched as Python's `difflib`
 * does it, whose Go translation kube-apiserver uses, so that the hunks are the same.
 */
export function unifiedDiff(a: string, b: string): string {
  const oldLines = a.split('\n');
  const newLines = b.split('\n');
  return groups(editsOf(oldLines, newLines))
    .map((group) => printGroup(group, oldLines, newLines))
    .join('');
}

/** `same` or not, of the lines `[aFrom, aTo)` and `[bFrom, bTo)`. */
interface Edit {
  readonly same: boolean;
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

const CONTEXT = 3;

function editsOf(a: readonly string[], b: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let aFrom = 0;
  let bFrom = 0;
  const end: Match = { a: a.length, b: b.length, size: 0 };
  for (const match of [...joined(matches(a, b, placesOf(b), [0, a.length, 0, b.length])), end]) {
    if (aFrom < match.a || bFrom < match.b) {
      edits.push({ same: false, aFrom, aTo: match.a, bFrom, bTo: match.b });
    }
    aFrom = match.a + match.size;
    bFrom = match.b + match.size;
    if (match.size > 0) edits.push({ same: true, aFrom: match.a, aTo: aFrom, bFrom: match.b, bTo: bFrom });
  }
  return edits;
}

/** Where each line stands in `b`. In long texts, lines that come again and again start no match. */
function placesOf(b: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  b.forEach((line, index) => places.set(line, [...(places.get(line) ?? []), index]));
  if (b.length < 200) return places;
  const popular = Math.trunc(b.length / 100) + 1;
  return new Map([...places].filter(([, indexes]) => indexes.length <= popular));
}

type Range = readonly [aFrom: number, aTo: number, bFrom: number, bTo: number];

function matches(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo, bFrom, bTo]: Range,
): Match[] {
  const found = longestMatch(a, b, places, [aFrom, aTo, bFrom, bTo]);
  if (found.size === 0) return [];
  return [
    ...matches(a, b, places, [aFrom, found.a, bFrom, found.b]),
    found,
    ...matches(a, b, places, [found.a + found.size, aTo, found.b + found.size, bTo]),
  ];
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo, bFrom, bTo]: Range,
): Match {
  let best: Match = { a: aFrom, b: bFrom, size: 0 };
  let before = new Map<number, number>();
  for (let i = aFrom; i < aTo; i += 1) {
    const here = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const size = (before.get(j - 1) ?? 0) + 1;
      here.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    before = here;
  }
  let { a: start, b: bStart, size } = best;
  while (start > aFrom && bStart > bFrom && a[start - 1] === b[bStart - 1]) {
    start -= 1;
    bStart -= 1;
    size += 1;
  }
  while (start + size < aTo && bStart + size < bTo && a[start + size] === b[bStart + size]) size += 1;
  return { a: start, b: bStart, size };
}

/** Matches that follow each other without a gap are one. */
function joined(found: readonly Match[]): readonly Match[] {
  const result: Match[] = [];
  for (const match of found) {
    const last = result.at(-1);
    if (last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b) {
      result[result.length - 1] = { ...last, size: last.size + match.size };
    } else {
      result.push(match);
    }
  }
  return result;
}

/** Changes with three lines around them; those that are close to each other share a group. */
function groups(edits: readonly Edit[]): readonly (readonly Edit[])[] {
  const result: Edit[][] = [];
  let group: Edit[] = [];
  edits.forEach((edit, index) => {
    if (!edit.same) {
      group.push(edit);
      return;
    }
    const isFirst = index === 0;
    const isLast = index === edits.length - 1;
    const length = edit.aTo - edit.aFrom;
    if (!isFirst && !isLast && length <= 2 * CONTEXT) {
      group.push(edit);
      return;
    }
    if (!isFirst) {
      const kept = Math.min(length, CONTEXT);
      result.push([...group, { ...edit, aTo: edit.aFrom + kept, bTo: edit.bFrom + kept }]);
    }
    const kept = Math.min(length, CONTEXT);
    group = isLast ? [] : [{ ...edit, aFrom: edit.aTo - kept, bFrom: edit.bTo - kept }];
  });
  if (group.some((edit) => !edit.same)) result.push(group);
  return result.filter((edited) => edited.some((edit) => !edit.same));
}

function printGroup(group: readonly Edit[], a: readonly string[], b: readonly string[]): string {
  const first = group[0];
  const last = group.at(-1);
  if (first === undefined || last === undefined) return '';
  const head = `@@ -${printRange(first.aFrom, last.aTo)} +${printRange(first.bFrom, last.bTo)} @@\n`;
  const lines = group.flatMap((edit) =>
    edit.same
      ? a.slice(edit.aFrom, edit.aTo).map((line) => ` ${line}`)
      : [
          ...a.slice(edit.aFrom, edit.aTo).map((line) => `-${line}`),
          ...b.slice(edit.bFrom, edit.bTo).map((line) => `+${line}`),
        ],
  );
  return `${head}${lines.map((line) => `${line}\n`).join('')}`;
}

function printRange(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${String(length === 0 ? from : from + 1)},${String(length)}`;
}
