import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { parseSync } from 'vite';

/** The workspace as the house tests see it: what stands in its files, nothing built and nothing run. */
export const root: string = join(import.meta.dirname, '../..');

export interface Package {
  /** Folder name under `packages/`. */
  readonly folder: string;
  readonly name: string;
  readonly manifest: Manifest;
  readonly modules: readonly Module[];
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly [field: string]: unknown;
}

export interface Module {
  /** Relative to the root of the workspace. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Names, `default`, and `*` for an `export *`. */
  readonly exports: readonly string[];
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler: nothing is loaded. */
  readonly typeOnly: boolean;
}

export function readPackages(): readonly Package[] {
  return globSync('packages/*/package.json', { cwd: root }).toSorted().map(readPackage);
}

function readPackage(path: string): Package {
  const folder = dirname(path).slice('packages/'.length);
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
  const sources = globSync(`packages/${folder}/src/**/*.ts`, { cwd: root }).toSorted();
  return { folder, name: manifest.name, manifest, modules: sources.map(readModule) };
}

export function readModule(path: string): Module {
  const text = readFileSync(join(root, path), 'utf8');
  const { module } = parseSync(path, text);
  const exported = module.staticExports.flatMap((statement) => statement.entries);
  const found = [
    ...module.staticImports.map(({ moduleRequest, start, entries }) => ({
      specifier: moduleRequest.value,
      start,
      typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...exported.flatMap(({ moduleRequest, start, isType }) =>
      moduleRequest === null ? [] : [{ specifier: moduleRequest.value, start, typeOnly: isType }],
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      specifier: text.slice(start + 1, end - 1),
      start,
      typeOnly: false,
    })),
    ...[...text.matchAll(/(?<!await )\bimport\(\s*'([^']+)'\s*\)/g)].map((match) => ({
      specifier: match[1] ?? '',
      start: match.index,
      typeOnly: true,
    })),
  ];
  const imports = found.map(({ start, ...rest }) => ({ ...rest, line: text.slice(0, start).split('\n').length }));
  const exports = exported.map(({ exportName, importName }) =>
    exportName.kind === 'Default' ? 'default' : (exportName.name ?? (importName.kind === 'None' ? '' : '*')),
  );
  return { path, text, imports: imports.toSorted((a, b) => a.line - b.line), exports };
}

/** The path that a relative import names; undefined for a package or a built-in. */
export function targetOf(module: Module, specifier: string): string | undefined {
  return specifier.startsWith('.') ? normalize(join(dirname(module.path), specifier)) : undefined;
}

/** `@homeostat/kube/http` → `@homeostat/kube`, `undici` → `undici`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The source file behind an entry of a package. */
export function entryModule(pkg: Package, entry: string): string {
  const source = pkg.manifest.exports?.[entry]?.['@homeostat/source'];
  if (source === undefined) throw new Error(`${pkg.name} has no entry ${entry} with a @homeostat/source condition`);
  return relative(root, join(root, 'packages', pkg.folder, source));
}
