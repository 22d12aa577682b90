import { explained, generatedNames, ignored, othersGroups, shortWatch } from './ignored.ts';
import type { Story } from './story.ts';
import type { Told } from './tell.ts';

/** What kubectl printed, without what may differ: one text per step. */
export function normalize(story: Story, told: readonly Told[]): readonly string[] {
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholder = (what: string, value: string): string => {
    const key = `${what} ${value}`;
    const there = placeholders.get(key);
    if (there !== undefined) return there;
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    const made = `<${what} ${count}>`;
    placeholders.set(key, made);
    return made;
  };
  const rules = [...ignored, ...generatedNames(story.generated ?? [])];
  return told.map((step) => {
    let text = show(step);
    for (const { what, pattern, mapped } of rules)
      text = text.replaceAll(pattern, (found) => (mapped ? placeholder(what, found) : `<${what}>`));
    return withoutWidths(withoutLines(step.command, text));
  });
}

function show({ command, code, stdout, stderr }: Told): string {
  const said = stderr.replaceAll(shortWatch, '');
  const errors = said === '' ? '' : `--- stderr\n${said}`;
  return `$ kubectl ${command}\n${stdout}${errors}--- exit code ${code}\n`;
}

function withoutLines(command: string, text: string): string {
  const lines = text.split('\n');
  if (command.startsWith('explain ')) return lines.filter((line) => explained.test(line)).join('\n');
  if (/^api-(?:resources|versions)/.test(command)) return lines.filter((line) => !othersGroups.test(line)).join('\n');
  return text;
}

/** How wide a column is follows from what stands in it, which is compared. */
function withoutWidths(text: string): string {
  return text
    .replaceAll(/(?<=\S) {2,}/g, '  ')
    .replaceAll(/(?<=^ {10}) +/gm, '')
    .replaceAll(/ +$/gm, '');
}
