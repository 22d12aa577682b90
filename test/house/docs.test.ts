import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { declarationsOf } from './declarations.ts';
import { readPackages, root } from './workspace.ts';
import type { Package } from './workspace.ts';

interface Page {
  readonly path: string;
  readonly text: string;
}

const pages: readonly Page[] = globSync(['*.md', '{docs,packages,examples,test}/**/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**', '**/dist/**'],
})
  .toSorted()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

describe('pages', () => {
  test('show TypeScript that compiles', () => {
    const blocks = pages.filter(({ path }) => /README\.md$|^docs\//.test(path)).flatMap(codeBlocks);
    mkdirSync(join(root, '.cache'), { recursive: true });
    const folder = mkdtempSync(join(root, '.cache/docs-'));
    try {
      for (const { name, code } of blocks) writeFileSync(join(folder, name), `${code}\nexport {};\n`);
      const compilerOptions = { noEmit: true, composite: false, noUnusedLocals: false, isolatedDeclarations: false };
      const config = { extends: '../../tsconfig.base.json', compilerOptions, include: ['*.ts'] };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('../'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('link to files and headings that exist', () => {
    expect(pages.flatMap(brokenLinks)).toEqual([]);
  });
});

describe.each(readPackages())('the README of $name', (pkg) => {
  const readme = pages.find(({ path }) => path === `packages/${pkg.folder}/README.md`)?.text ?? '';

  test('is there', () => {
    expect(readme).toMatch(/^# /);
  });

  test('has a row for every code of an error, finding or outcome', () => {
    const rows = readme.split('\n').filter((line) => line.startsWith('|'));
    expect(codesOf(pkg).filter((code) => !rows.some((row) => row.includes(`\`${code}\``)))).toEqual([]);
  });
});

/** The members of every exported union that is named `…Code`. */
function codesOf(pkg: Package): string[] {
  return Object.keys(pkg.manifest.exports ?? {})
    .flatMap((entry) => declarationsOf(pkg, entry))
    .filter(({ name }) => name.endsWith('Code'))
    .flatMap(({ text }) => [...text.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? ''));
}

/** The blocks marked `ts`; each is a module of its own, named after the place where it stands. */
function codeBlocks({ path, text }: Page): { readonly name: string; readonly code: string }[] {
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    return { name: `${path.replaceAll('/', '-').replace(/\.md$/, '')}-line-${line}.ts`, code: match[1] ?? '' };
  });
}

function brokenLinks({ path, text }: Page): string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link) && !resolves(path, link))
    .map((link) => `${path}: ${link}`);
}

function resolves(from: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(root, target))) return false;
  if (heading === undefined) return true;
  return target.endsWith('.md') && headingsOf(readFileSync(join(root, target), 'utf8')).includes(heading);
}

/** As GitHub names them in links. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
