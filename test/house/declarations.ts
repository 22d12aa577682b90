import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'vite';
import type { Package } from './workspace.ts';
import { root } from './workspace.ts';

/** One exported name of a package's entry, as the compiler declares it to users. */
export interface Declaration {
  readonly name: string;
  /** The declaration without its comments; overloads one after the other. */
  readonly text: string;
  /** Whether there is something to import when the program runs. */
  readonly isValue: boolean;
}

/** What an entry declares, in order of names. The package must have been built. */
export function declarationsOf(pkg: Package, entry: string): readonly Declaration[] {
  const types = pkg.manifest.exports?.[entry]?.['types'];
  if (types === undefined) throw new Error(`${pkg.name} has no types for its entry ${entry}`);
  const folder = join(root, 'packages', pkg.folder);
  return exportsOf(join(folder, types)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function exportsOf(path: string): Declaration[] {
  const { module } = parseSync(path, readFileSync(path, 'utf8'));
  const names = module.staticExports.flatMap(({ entries }) => entries);
  return names.flatMap(({ exportName, importName, localName, moduleRequest, isType }) => {
    const name = exportName.name ?? 'default';
    const original = (moduleRequest === null ? localName.name : importName.name) ?? name;
    const from = moduleRequest?.value;
    const text =
      from !== undefined && !from.startsWith('.')
        ? `export { ${original} } from '${from}';`
        : findDeclaration(from === undefined ? path : join(dirname(path), from.replace(/\.[jt]s$/, '.d.ts')), original);
    return {
      name,
      text: name === original ? text : `${text}\nexport { ${original} as ${name} };`,
      // What is declared here says itself what it is; what comes from elsewhere may be passed on as a type alone.
      isValue: !(from !== undefined && isType) && !/^export (interface|type|declare type) /.test(text),
    };
  });
}

/** Where a name is declared, through any number of files that pass it on. */
function findDeclaration(path: string, name: string): string {
  const source = readFileSync(path, 'utf8');
  const { program } = parseSync(path, source);
  const found = program.body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared === null || !declares(declared, name)) return [];
    return [source.slice(statement.start, statement.end).replaceAll(/[ \t]*\/\*\*[^]*?\*\/\n?/g, '')];
  });
  if (found.length > 0) return [...new Set(found)].join('\n');
  const passedOn = exportsOf(path).find((declaration) => declaration.name === name);
  if (passedOn === undefined) throw new Error(`${path} does not declare ${name}`);
  return passedOn.text;
}

function declares(statement: object, name: string): boolean {
  if ('id' in statement) return nameOf(statement.id) === name;
  return (
    'declarations' in statement &&
    Array.isArray(statement.declarations) &&
    statement.declarations.some((declarator: { readonly id: unknown }) => nameOf(declarator.id) === name)
  );
}

function nameOf(id: unknown): unknown {
  return typeof id === 'object' && id !== null && 'name' in id ? id.name : undefined;
}
