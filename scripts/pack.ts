import { execFile } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What was packed, and what stands in it. */
export interface Packed {
  readonly name: string;
  readonly tarball: string;
  /** A copy of what is in the tarball. */
  readonly folder: string;
  /** Relative to the package's folder, in order. */
  readonly files: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/**
 * Packs every package of the workspace, as built, for publication. What only the workspace needs stays here: the
 * condition `@homeostat/source`, sources, tests, build information, and output whose source is gone. Beside the tarballs,
 * `contents` shows what is in them.
 */
export async function pack(destination: string): Promise<readonly Packed[]> {
  const target = resolve(destination);
  const staging = join(target, 'contents');
  await rm(staging, { recursive: true, force: true });
  const folders = new Map<string, string>();
  for await (const path of glob('packages/*/package.json', { cwd: root })) {
    const folder = join(staging, dirname(path));
    folders.set(await stage(join(root, dirname(path)), folder), folder);
  }
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target, ...folders.values()];
  const { stdout } = await run('npm', args, { cwd: root, maxBuffer: 64 << 20 });
  const report = JSON.parse(stdout) as readonly {
    readonly name: string;
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  return report.map(({ name, filename, files }) => ({
    name,
    tarball: join(target, filename),
    folder: folders.get(name) ?? staging,
    files: files.map((file) => file.path).toSorted(),
  }));
}

/** Lays out what a package publishes, and gives its name. */
async function stage(source: string, folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Manifest;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(withoutSources(manifest), undefined, 2)}\n`);
  for await (const path of glob('README.md', { cwd: source })) await cp(join(source, path), join(folder, path));
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  for await (const path of glob('**/*.{ts,json}', { cwd: join(source, 'src') })) {
    const built = path.endsWith('.ts') ? ['.js', '.js.map', '.d.ts'].map((end) => path.replace(/\.ts$/, end)) : [path];
    for (const file of built) await cp(join(source, 'dist', file), join(folder, 'dist', file));
  }
  return manifest.name;
}

function withoutSources(manifest: Manifest): object {
  const entries = Object.entries(manifest.exports ?? {}).map(([entry, conditions]) => {
    const { '@homeostat/source': _source, ...published } = conditions;
    return [entry, published];
  });
  return manifest.exports === undefined ? manifest : { ...manifest, exports: Object.fromEntries(entries) };
}

if (import.meta.main) {
  const destination = process.argv[2] ?? join(root, '.cache/packed');
  for (const { tarball } of await pack(destination)) console.log(tarball);
}
