import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './workspace.ts';

/** Licences that ask for nothing but their notice, so that whoever embeds a package may install what it needs. */
const FREE: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MPL-2.0',
  'PSF-2.0',
  'Unlicense',
  'Zlib',
]);

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly license?: string; readonly dev?: boolean; readonly link?: boolean }>
  >;
}

/** All that whoever installs the packages gets with them, directly or not: path and licence. */
function installed(): readonly { readonly path: string; readonly license: string }[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(packages).flatMap(([path, { license = 'none', dev = false, link = false }]) =>
    path.includes('node_modules/') && !dev && !link ? [{ path, license }] : [],
  );
}

/** `(MIT AND Zlib)` asks for both, `MIT OR GPL-2.0` leaves the choice. */
function isFree(license: string): boolean {
  const terms = license.replaceAll(/[()]/g, '').split(' OR ');
  return terms.some((term) => term.split(' AND ').every((one) => FREE.has(one)));
}

test('whatever the packages depend on has a licence that lets anybody embed it', () => {
  const all = installed();
  expect(all.map(({ path }) => path)).toContain('node_modules/p-queue');
  expect(all.filter(({ license }) => !isFree(license))).toEqual([]);
});

test.each([
  ['MIT', true],
  ['(MIT AND Zlib)', true],
  ['(GPL-2.0-only OR MIT)', true],
  ['(MIT AND GPL-2.0-only)', false],
  ['SEE LICENSE IN LICENSE', false],
  ['none', false],
])('%s: %j', (license, free) => {
  expect(isFree(license)).toBe(free);
});
