import { randomBytes } from 'node:crypto';
import { payloadOf, printable } from '@homeostat/kube';
import type { JsonPath, KubeObject } from '@homeostat/kube';
import { structuredPatch } from 'diff';
import { DUMP_SCHEMA, defineScalarTag, dump, intYaml11Tag } from 'js-yaml';

export interface TextDiffOptions {
  /** Names the object in the head line. */
  readonly title?: string;
  /** What the two sides are. Default `before` and `after`. */
  readonly sides?: readonly [before: string, after: string];
  /** ANSI colours. Default false. */
  readonly color?: boolean;
  /** Unchanged lines round each change. Default 3. */
  readonly context?: number;
  /** Places that hold secrets beside those that kube knows. */
  readonly sensitive?: readonly JsonPath[];
  /** Makes equal secrets show equal digests. Random by default, so that digests mean nothing outside one text. */
  readonly key?: Uint8Array;
}

/**
 * The difference between two objects as people read it: unified, as YAML with sorted keys, without what only the server
 * says (status, uid, managedFields, …). `''` when nothing differs; `undefined` stands for an object that does not exist.
 *
 * No secret value is in it: where two differ, two digests do.
 */
export function textDiff(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  options: TextDiffOptions = {},
): string {
  const { title = '', sides = ['before', 'after'], color = false, context = 3, sensitive = [] } = options;
  const key = options.key ?? randomBytes(32);
  const [oldText, newText] = [before, after].map((object) => toLines(object, sensitive, key)) as [string, string];
  if (oldText === newText) return '';
  const lines = [headLine('---', before, sides[0], title), headLine('+++', after, sides[1], title)];
  for (const hunk of hunksOf(oldText, newText, context)) {
    const [old, current] = [rangeOf(hunk.oldStart, hunk.oldLines), rangeOf(hunk.newStart, hunk.newLines)];
    lines.push(`@@ -${old} +${current} @@`, ...hunk.lines);
  }
  return `${(color ? lines.map(colored) : lines).join('\n')}\n`;
}

function toLines(object: KubeObject | undefined, sensitive: readonly JsonPath[], key: Uint8Array): string {
  if (object === undefined) return '';
  return dump(printable(payloadOf(object), sensitive, key), { schema, sortKeys: true, lineWidth: -1, noRefs: true });
}

/** js-yaml has no bigint: its integers, extended. */
const integerTag = defineScalarTag('tag:yaml.org,2002:int', {
  ...intYaml11Tag,
  identify: (value) => typeof value === 'bigint' || intYaml11Tag.identify(value),
  represent: (value) => (typeof value === 'bigint' ? String(value) : intYaml11Tag.represent(value)),
});
const schema = DUMP_SCHEMA.withTags(integerTag);

function headLine(mark: string, object: KubeObject | undefined, side: string, title: string): string {
  if (object === undefined) return `${mark} /dev/null`;
  return title === '' ? `${mark} ${side}` : `${mark} ${side} ${title}`;
}

/** An empty range stands after the line before it. */
function rangeOf(start: number, count: number): string {
  return `${count === 0 ? start - 1 : start},${count}`;
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

/** Finding the shortest edit costs lines × edits; two texts that have little in common are shown whole. */
const MAX_EDITS = 1000;

function hunksOf(old: string, current: string, context: number): readonly Hunk[] {
  const patch = structuredPatch('', '', old, current, '', '', { context, maxEditLength: MAX_EDITS });
  if (patch !== undefined) return patch.hunks;
  const [removed, added] = [old, current].map((text) => text.trimEnd().split('\n')) as [string[], string[]];
  const lines = [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)];
  return [{ oldStart: 1, oldLines: removed.length, newStart: 1, newLines: added.length, lines }];
}

const COLORS: Readonly<Record<string, string>> = { '-': '31', '+': '32', '@': '36' };

function colored(line: string, i: number): string {
  const code = i < 2 ? '1' : COLORS[line[0] ?? ''];
  return code === undefined ? line : `\u001B[${code}m${line}\u001B[0m`;
}
