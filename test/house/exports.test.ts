import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { declarationsOf } from './declarations.ts';
import { readPackages, root } from './workspace.ts';

// Every change to what a package exports shows in review: `npm run api` rewrites the snapshots.
const packages = readPackages().filter(({ manifest }) => manifest.exports !== undefined);

test('the packages compile', () => {
  expect(inject('buildErrors')).toBe('');
});

test('entries export exactly these names', () => {
  const names = packages.flatMap((pkg) =>
    Object.keys(pkg.manifest.exports ?? {}).map((entry) => {
      const exported = declarationsOf(pkg, entry).map(({ name }) => name);
      return `${join(pkg.name, entry)}\n${wrap(exported.join(' '))}\n`;
    }),
  );
  expect(names.join('\n')).toMatchInlineSnapshot();
});

describe.each(packages)('$name', (pkg) => {
  test('is declared to its users as its api.txt says', async () => {
    const sections = Object.keys(pkg.manifest.exports ?? {}).map((entry) => {
      const texts = declarationsOf(pkg, entry).map(({ text }) => text);
      return `# ${join(pkg.name, entry)}\n\n${texts.join('\n\n')}\n`;
    });
    await expect(sections.join('\n')).toMatchFileSnapshot(join(root, 'packages', pkg.folder, 'api.txt'));
  });
});

/** Lines of at most 100 characters. */
function wrap(text: string): string {
  return text.replaceAll(/(.{1,100})(?: |$)/g, '  $1\n').trimEnd();
}
