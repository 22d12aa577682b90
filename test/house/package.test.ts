import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pack } from '../../scripts/pack.ts';
import type { Packed } from '../../scripts/pack.ts';
import { declarationsOf } from './declarations.ts';
import { readPackages, root } from './workspace.ts';
import type { Manifest, Package } from './workspace.ts';

const packages = readPackages();
const bin = join(root, 'node_modules/.bin');

let consumer = '';
let packed: ReadonlyMap<string, Packed> = new Map();

/** Another project, far from the workspace, that has installed the packages: it sees what they publish and declare. */
beforeAll(async () => {
  consumer = mkdtempSync(join(tmpdir(), 'homeostat-consumer-'));
  packed = new Map((await pack(join(consumer, 'tarballs'))).map((one) => [one.name, one]));
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
  for (const pkg of packages) install(pkg);
  symlink(join(root, 'node_modules/@types/node'), join(consumer, 'node_modules/@types/node'));
});

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

describe.each(packages)('$name, as published', (pkg) => {
  test('holds its entries, their declarations, README and licence', () => {
    const { exports = {}, bin: commands = {} } = readManifest(pkg);
    const named = [
      ...Object.values(exports).flatMap((conditions) => Object.values(conditions)),
      ...Object.values(commands),
    ];
    expect(contentsOf(pkg)).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', ...named.map((path) => path.replace('./', ''))]),
    );
  });

  test('holds no source, test or build information', () => {
    const published =
      /^(LICENSE|README\.md|package\.json|dist\/(?!(?:.*\/)?test\/|.*\.test\.).*\.(js|js\.map|d\.ts|json))$/;
    expect(contentsOf(pkg).filter((path) => !published.test(path))).toEqual([]);
  });

  test('leaves the condition @homeostat/source at home', () => {
    expect(JSON.stringify(readManifest(pkg))).not.toContain('@homeostat/source');
  });

  test('says what a registry asks for', () => {
    expect(readManifest(pkg)).toMatchObject({
      version: packages[0]?.manifest.version,
      description: expect.stringMatching(/\S/),
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=22.19' },
    });
    const siblings = Object.entries(pkg.manifest.dependencies ?? {}).filter(([name]) => name.startsWith('@homeostat/'));
    for (const [, version] of siblings) expect(version).toBe(pkg.manifest.version);
  });
});

describe('a project that has installed the packages', () => {
  const entries = packages.flatMap((pkg) =>
    Object.keys(pkg.manifest.exports ?? {}).map((entry) => ({ pkg, entry, specifier: join(pkg.name, entry) })),
  );

  test.each(entries)('imports $specifier', ({ pkg, entry, specifier }) => {
    const values = declarationsOf(pkg, entry).filter(({ isValue }) => isValue);
    const script = `console.log(JSON.stringify(Object.keys(await import('${specifier}'))))`;
    const printed = execFileSync(join(bin, 'node'), ['--input-type=module', '--eval', script], { cwd: consumer });
    expect((JSON.parse(printed.toString()) as string[]).toSorted()).toEqual(values.map(({ name }) => name).toSorted());
  });

  test('compiles against their declarations', () => {
    const imports = entries.map(({ specifier }, index) => `export type * as entry${index} from '${specifier}';\n`);
    writeFileSync(join(consumer, 'consumer.ts'), imports.join(''));
    const flags = ['--strict', '--noEmit', '--target', 'es2024', '--module', 'nodenext', '--types', 'node'];
    const lib = ['--lib', 'es2024,esnext.disposable'];
    const { stdout } = spawnSync(join(bin, 'tsc'), [...flags, ...lib, 'consumer.ts'], {
      cwd: consumer,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });
});

function contentsOf(pkg: Package): readonly string[] {
  return packed.get(pkg.name)?.files ?? [];
}

function readManifest(pkg: Package): Manifest {
  const folder = packed.get(pkg.name)?.folder ?? '';
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/**
 * Puts a packed package where Node looks for it, with the dependencies that it declares beside it and no other. Of its optional peers those are there
 * that one of its entries loads, as whoever imports that entry has them.
 */
function install(pkg: Package): void {
  const target = join(consumer, 'node_modules', pkg.name);
  for (const file of contentsOf(pkg)) {
    cpSync(join(packed.get(pkg.name)?.folder ?? '', file), join(target, file));
  }
  const peers = Object.keys(pkg.manifest.peerDependencies ?? {}).filter((peer) =>
    pkg.modules.some(({ imports }) => imports.some(({ specifier, typeOnly }) => specifier === peer && !typeOnly)),
  );
  for (const dependency of [...Object.keys(pkg.manifest.dependencies ?? {}), ...peers]) {
    if (packages.some(({ name }) => name === dependency)) continue;
    const nested = join(root, 'packages', pkg.folder, 'node_modules', dependency);
    symlink(
      existsSync(nested) ? nested : join(root, 'node_modules', dependency),
      join(target, 'node_modules', dependency),
    );
  }
}

function symlink(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
}
