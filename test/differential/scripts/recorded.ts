import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { script } from '../script.ts';
import type { Script, Step } from '../script.ts';

/** What kubectl and our engine once asked a real server: `record/main.ts` wrote it. */
export function recordedScripts(): readonly Script[] {
  const folder = join(import.meta.dirname, '../recorded');
  return globSync('*.json', { cwd: folder })
    .toSorted()
    .map((file) => {
      const steps = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly Step[];
      return script('recorded traffic', basename(file, '.json'), steps);
    });
}
