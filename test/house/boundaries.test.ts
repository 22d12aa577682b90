import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ioDependencies, layers, pureBuiltins } from './layers.ts';
import type { Rules } from './layers.ts';
import { entryModule, packageOf, readModule, readPackages, root, targetOf } from './workspace.ts';
import type { Module, Package } from './workspace.ts';

const packages = readPackages();
const byName = new Map(packages.map((pkg) => [pkg.name, pkg]));
const tests = globSync(['packages/*/test/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts'], {
  cwd: root,
  exclude: ['**/node_modules/**', 'test/control-plane/**'],
}).map(readModule);

test('every package has a row in the layer table, and every row a package', () => {
  expect(packages.map((pkg) => pkg.folder)).toEqual(Object.keys(layers).toSorted());
});

test('a row of the layer table names only lower layers', () => {
  const upward = Object.entries(layers).flatMap(([folder, rules]) =>
    rules.imports
      .filter((imported) => rulesOf(imported).layer >= rules.layer)
      .map((imported) => `${folder} -> ${imported}`),
  );
  expect(upward).toEqual([]);
});

describe.each(packages)('$name', (pkg) => {
  const imports = pkg.modules.flatMap((module) =>
    module.imports.map((found) => ({ ...found, module, at: `${module.path}:${found.line} ${found.specifier}` })),
  );
  const packaged = imports.filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'));
  const rules = rulesOf(pkg.folder);

  test('imports packages of lower layers alone, and only those that its row names', () => {
    const allowed = new Set(rules.imports.map((folder) => packages.find((other) => other.folder === folder)?.name));
    expect(
      places(packaged, ({ specifier }) => byName.has(packageOf(specifier)) && !allowed.has(packageOf(specifier))),
    ).toEqual([]);
  });

  test('imports what it declares, and declares what it imports', () => {
    const { dependencies = {}, peerDependencies = {} } = pkg.manifest;
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const imported = new Set(packaged.map(({ specifier }) => packageOf(specifier)));
    // What a package that it imports takes if it is there, and that only a program can decide to bring along.
    for (const name of [...imported].flatMap((one) => optionalPeersOf(byName.get(one))))
      if (declared.includes(name)) imported.add(name);
    expect([...imported].toSorted()).toEqual(declared.toSorted());
  });

  test('reaches other packages through their entries', () => {
    expect(
      places(packaged, ({ specifier }) => {
        const other = byName.get(packageOf(specifier));
        return other !== undefined && !hasEntry(other, specifier);
      }),
    ).toEqual([]);
  });

  test('imports its own files by their names with .ts, inside src', () => {
    expect(
      places(imports, ({ module, specifier }) => {
        const target = targetOf(module, specifier);
        return target !== undefined && !(target.startsWith(`packages/${pkg.folder}/src/`) && isFile(target));
      }),
    ).toEqual([]);
  });

  test('does I/O only where its row allows', () => {
    expect(places(imports, ({ module, specifier }) => needsIo(specifier) && !mayDoIo(pkg, rules, module))).toEqual([]);
  });

  test('knows by types alone what its row says', () => {
    const { typesOf = [] } = rules;
    expect(places(packaged, ({ specifier, typeOnly }) => !typeOnly && typesOf.includes(specifier))).toEqual([]);
  });

  test('loads by its main entry no peer that need not be there', () => {
    const optional = optionalPeersOf(pkg);
    const loaded = reachedFrom(entryModule(pkg, '.'), pkg.modules).flatMap(({ path, imports: found }) =>
      found.flatMap(({ specifier, typeOnly }) => (typeOnly ? [] : [`${path} ${packageOf(specifier)}`])),
    );
    expect(loaded.filter((one) => optional.some((peer) => one.endsWith(` ${peer}`)))).toEqual([]);
  });

  test('names its built-ins with node:', () => {
    expect(places(packaged, ({ specifier }) => process.getBuiltinModule(specifier) !== undefined)).toEqual([]);
  });

  test('exports by name: no default, no *', () => {
    const unnamed = pkg.modules.filter(({ exports }) => exports.includes('default') || exports.includes('*'));
    expect(unnamed.map(({ path }) => path)).toEqual([]);
  });

  test('has no cycle of modules', () => {
    expect(findCycle(pkg.modules)).toBeUndefined();
  });

  test('has the project references that its imports need', () => {
    const config = JSON.parse(readFileSync(join(root, 'packages', pkg.folder, 'tsconfig.json'), 'utf8')) as {
      readonly references: readonly { readonly path: string }[];
    };
    const referenced = config.references.map(({ path }) => path.replace('../', ''));
    const imported = packaged.flatMap(({ specifier }) => byName.get(packageOf(specifier))?.folder ?? []);
    expect(referenced.toSorted()).toEqual([...new Set(imported)].toSorted());
  });
});

describe('tests, benches and examples', () => {
  test('reach packages through their entries, and the source files of their own package alone', () => {
    const deep = tests.flatMap((module) =>
      module.imports
        .filter(({ specifier }) => {
          const target = targetOf(module, specifier);
          if (target !== undefined) {
            const other = /^packages\/[^/]+\//.exec(target)?.[0];
            return !isFile(target) || (other !== undefined && !module.path.startsWith(other));
          }
          const pkg = byName.get(packageOf(specifier));
          return pkg !== undefined && !hasEntry(pkg, specifier);
        })
        .map(({ specifier, line }) => `${module.path}:${line} ${specifier}`),
    );
    expect(deep).toEqual([]);
  });

  test('mock no module of ours', () => {
    const mocks = tests.filter(({ text }) => /\bvi\s*\.\s*(mock|doMock|hoisted)\(/.test(text));
    expect(mocks.map(({ path }) => path)).toEqual([]);
  });
});

function rulesOf(folder: string): Rules {
  const rules = layers[folder];
  if (rules === undefined) throw new Error(`packages/${folder} has no row in test/house/layers.ts`);
  return rules;
}

function places<T extends { readonly at: string }>(imports: readonly T[], isWrong: (found: T) => boolean): string[] {
  return imports.filter(isWrong).map(({ at }) => at);
}

function hasEntry(pkg: Package, specifier: string): boolean {
  return Object.hasOwn(pkg.manifest.exports ?? {}, `.${specifier.slice(pkg.name.length)}`);
}

function needsIo(specifier: string): boolean {
  return specifier.startsWith('node:') ? !pureBuiltins.has(specifier) : ioDependencies.has(packageOf(specifier));
}

function mayDoIo(pkg: Package, rules: Rules, module: Module): boolean {
  if (typeof rules.io === 'string') return rules.io === 'all';
  return rules.io.some((folder) => module.path.startsWith(`packages/${pkg.folder}/src/${folder}/`));
}

function isFile(path: string): boolean {
  return /\.(ts|json)$/.test(path) && existsSync(join(root, path));
}

/** The first cycle met, as a path that returns to where it began. What the compiler erases loads nothing and does not count. */
function findCycle(modules: readonly Module[]): string[] | undefined {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    const module = byPath.get(path);
    if (module === undefined || done.has(path)) return undefined;
    for (const { specifier, typeOnly } of module.imports) {
      const target = targetOf(module, specifier);
      const cycle = target === undefined || typeOnly ? undefined : visit(target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of modules) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** A module and all of its package that it loads. */
function reachedFrom(path: string, modules: readonly Module[]): readonly Module[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const reached = new Set<Module>();
  const visit = (at: string): void => {
    const module = byPath.get(at);
    if (module === undefined || reached.has(module)) return;
    reached.add(module);
    for (const { specifier, typeOnly } of module.imports) {
      const target = typeOnly ? undefined : targetOf(module, specifier);
      if (target !== undefined) visit(target);
    }
  };
  visit(path);
  return [...reached];
}

function optionalPeersOf(pkg: Package | undefined): readonly string[] {
  const meta = pkg?.manifest.peerDependenciesMeta ?? {};
  return Object.keys(meta).filter((name) => meta[name]?.optional === true);
}
