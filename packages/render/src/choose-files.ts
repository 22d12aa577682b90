import { compareText } from '@homeostat/kube';
import picomatch from 'picomatch';
import { RenderError, throwIfCancelled } from './error.ts';
import type { Finding, FindingCode } from './finding.ts';
import { IGNORE_FILES, isIgnored, parseIgnoreRules } from './ignore-rules.ts';
import type { IgnoreScope } from './ignore-rules.ts';
import type { Limits } from './limits.ts';
import type { RenderMemo } from './memo.ts';

/**
 * The files that render reads: a read-only tree, with paths that are relative to its root, use `/` and have no `.` or
 * `..` (`''` is the root). A snapshot of `@homeostat/git` just fits.
 */
export interface FileReader {
  /** The entries of one directory, in any order. Rejects when it is none. */
  list(path: string): Promise<readonly FileEntry[]>;
  /** The content of one file; of a link, the content of what it leads to. Rejects when there is none. */
  read(path: string): Promise<Uint8Array>;
  /** Told which files are about to be read, so that a reader far from them can have them sent at once. */
  prefetch?(paths: readonly string[]): Promise<void>;
}

export interface FileEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'submodule';
  /** Identifies the content: equal ids, equal bytes. Lets render skip what it has read before. */
  readonly oid?: string;
  /** In bytes. */
  readonly size?: number;
}

export interface Selection {
  readonly kind: 'auto' | 'yaml';
  /** Normalized: `''` is the root. */
  readonly path: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly recursive: boolean;
}

export interface ChosenFile {
  readonly path: string;
  readonly oid?: string;
  readonly size?: number;
}

export interface Choice {
  /** Sorted by path. */
  readonly files: readonly ChosenFile[];
  /** Files that were read to choose: the ignore files. */
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
}

const KUSTOMIZATION_FILES: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);
const CHART_FILE = 'Chart.yaml';
const MANIFEST = /\.(?:ya?ml|json)$/;
/** No file system has longer names; longer ones only slow down matching. */
const MAX_NAME = 255;

/**
 * Chooses the manifests under the selection's path: `*.yaml`, `*.yml`, `*.json`, or what `include` says, without what
 * `exclude` and the ignore files say. Hidden files and directories are left out. What another tool must build (a
 * kustomization, a chart) is an error finding; with `kind: 'auto'` nothing of its directory is chosen, since its files
 * are input to that tool and not manifests.
 */
export async function chooseFiles(
  reader: FileReader,
  selection: Selection,
  { limits, memo, signal }: { limits: Limits; memo: RenderMemo; signal: AbortSignal | undefined },
): Promise<Choice> {
  const walker = new Walker(reader, selection, limits, memo, signal);
  await walker.start();
  const files = walker.files.sort((a, b) => compareText(a.path, b.path));
  if (files.length === 0 && walker.findings.every(({ severity }) => severity !== 'error')) {
    walker.report(
      'NO_FILES',
      selection.path,
      `no manifest lies under ${printPath(selection.path)}`,
      NO_FILES_HINT,
      'warning',
    );
  }
  return { files, inputs: walker.inputs, findings: walker.findings };
}

const NO_FILES_HINT =
  'manifests are files named *.yaml, *.yml or *.json; check path, include, exclude and the ignore files';

class Walker {
  readonly files: ChosenFile[] = [];
  readonly inputs: string[] = [];
  readonly findings: Finding[] = [];
  readonly #reader: FileReader;
  readonly #selection: Selection;
  readonly #limits: Limits;
  readonly #memo: RenderMemo;
  readonly #signal: AbortSignal | undefined;
  readonly #included: ((path: string) => boolean) | undefined;
  readonly #excluded: (path: string) => boolean;

  constructor(
    reader: FileReader,
    selection: Selection,
    limits: Limits,
    memo: RenderMemo,
    signal: AbortSignal | undefined,
  ) {
    this.#reader = reader;
    this.#selection = selection;
    this.#limits = limits;
    this.#memo = memo;
    this.#signal = signal;
    this.#included = selection.include === undefined ? undefined : compileGlobs('include', selection.include);
    this.#excluded = selection.exclude === undefined ? () => false : compileGlobs('exclude', selection.exclude);
  }

  /** Goes down to the selection's path, reading the ignore files on the way, and walks what is there. */
  async start(): Promise<void> {
    const { path } = this.#selection;
    let directory = '';
    let scopes: readonly IgnoreScope[] = [];
    for (const name of path === '' ? [] : path.split('/')) {
      const entries = await this.#list(directory);
      if (entries === undefined) return;
      scopes = await this.#scopes(directory, entries, scopes);
      const entry = entries.find((candidate) => candidate.name === name);
      const here = join(directory, name);
      if (entry === undefined) {
        const names = entries.map((candidate) => candidate.name).sort(compareText);
        this.report(
          'PATH_MISSING',
          path,
          `${printPath(directory)} has no "${name}"; it has ${printNames(names)}`,
          'correct the path of the sync, or commit the directory',
        );
        return;
      }
      if (here === path && entry.type === 'file') {
        this.#choose(here, entry);
        return;
      }
      directory = here;
    }
    await this.#walk(directory, scopes, 0);
  }

  async #walk(directory: string, above: readonly IgnoreScope[], depth: number): Promise<void> {
    if (depth > this.#limits.directoryDepth) {
      const message = `directories nest deeper than ${this.#limits.directoryDepth} levels here`;
      this.report('TOO_DEEP', directory, message, 'flatten them, or list them in .homeostatignore');
      return;
    }
    const entries = await this.#list(directory);
    if (entries === undefined) return;
    const scopes = await this.#scopes(directory, entries, above);
    const visible = entries.filter(({ name, type }) => {
      return !name.startsWith('.') && !isIgnored(join(directory, name), type === 'directory', scopes);
    });
    const owner = visible.find((entry) => this.#ownsDirectory(join(directory, entry.name), entry));
    if (owner !== undefined) {
      this.#reportOwner(join(directory, owner.name), owner.name);
      if (this.#selection.kind === 'auto') return;
    }
    for (const entry of visible.toSorted((a, b) => compareText(a.name, b.name))) {
      await this.#visit(join(directory, entry.name), entry, scopes, depth);
    }
  }

  async #visit(path: string, entry: FileEntry, scopes: readonly IgnoreScope[], depth: number): Promise<void> {
    const { name, type } = entry;
    if (name.length > MAX_NAME) {
      this.report(
        'UNREADABLE',
        path.slice(0, MAX_NAME),
        `a name of ${name.length} characters`,
        'no file system holds it: rename it',
      );
    } else if (type === 'directory') {
      if (this.#selection.recursive) await this.#walk(path, scopes, depth + 1);
    } else if (type === 'submodule') {
      if (this.#selection.recursive) this.#reportSubmodule(path);
    } else if (isOwner(name) && this.#ownsDirectory(path, entry)) {
      return;
    } else if (this.#isSelected(path)) {
      this.#choose(path, entry);
    } else if (type === 'symlink' && this.#selection.recursive) {
      await this.#reportDirectoryLink(path);
    }
  }

  #reportSubmodule(path: string): void {
    if (this.#excluded(this.#relative(path))) return;
    this.report(
      'UNREADABLE',
      path,
      'a submodule, whose content is not fetched',
      'list it in .homeostatignore if it holds no manifests',
    );
  }

  /** Links to files are read; a link to a directory is not walked (it may lead in circles), and that is said. */
  async #reportDirectoryLink(path: string): Promise<void> {
    const isDirectory = await this.#reader.list(path).then(
      () => true,
      () => false,
    );
    if (!isDirectory || this.#excluded(this.#relative(path))) return;
    const hint = 'give the sync the path of the directory itself, or list the link in .homeostatignore';
    this.report('SYMLINK_NOT_FOLLOWED', path, 'a link to a directory, which is not followed', hint, 'warning');
  }

  #choose(path: string, { type, oid, size }: FileEntry): void {
    // The id and size of a link are those of the link, not of what it leads to.
    const isFile = type === 'file';
    this.files.push({
      path,
      ...(isFile && oid !== undefined && { oid }),
      ...(isFile && size !== undefined && { size }),
    });
  }

  #isSelected(path: string): boolean {
    const relative = this.#relative(path);
    return (this.#included?.(relative) ?? MANIFEST.test(path)) && !this.#excluded(relative);
  }

  /** Whether this entry makes its directory the input of another tool. */
  #ownsDirectory(path: string, { name, type }: FileEntry): boolean {
    if (!isOwner(name) || type === 'directory' || type === 'submodule') return false;
    const relative = this.#relative(path);
    return (this.#included?.(relative) ?? true) && !this.#excluded(relative);
  }

  #reportOwner(path: string, name: string): void {
    const withheld = this.#selection.kind === 'auto' ? '; nothing in its directory is applied' : '; it is not applied';
    if (name === CHART_FILE) {
      const hint = 'commit the output of "helm template" instead, or list the directory in .homeostatignore';
      this.report('UNSUPPORTED_HELM', path, `a Helm chart, which is not supported yet${withheld}`, hint);
    } else {
      const hint =
        'commit the output of "kustomize build" instead, or list this file in .homeostatignore to apply the others as they are';
      this.report('UNSUPPORTED_KUSTOMIZE', path, `a kustomization, which is not supported yet${withheld}`, hint);
    }
  }

  #relative(path: string): string {
    return this.#selection.path === '' ? path : path.slice(this.#selection.path.length + 1);
  }

  async #list(directory: string): Promise<readonly FileEntry[] | undefined> {
    throwIfCancelled(this.#signal);
    try {
      return await this.#reader.list(directory);
    } catch (error) {
      const message = `the directory cannot be read: ${printCause(error)}`;
      this.report('UNREADABLE', directory, message, 'check the path and the source');
      return undefined;
    }
  }

  /** The rules that hold in a directory, nearest first. */
  async #scopes(
    directory: string,
    entries: readonly FileEntry[],
    above: readonly IgnoreScope[],
  ): Promise<readonly IgnoreScope[]> {
    let scopes = above;
    for (const name of IGNORE_FILES) {
      const entry = entries.find((candidate) => candidate.name === name && candidate.type !== 'directory');
      if (entry !== undefined) scopes = await this.#addScope(directory, join(directory, name), entry, scopes);
    }
    return scopes;
  }

  async #addScope(
    directory: string,
    path: string,
    { type, oid }: FileEntry,
    scopes: readonly IgnoreScope[],
  ): Promise<readonly IgnoreScope[]> {
    this.inputs.push(path);
    const key = type === 'file' ? oid : undefined;
    let rules = key === undefined ? undefined : this.#memo.ignoreRules.get(key);
    if (rules === undefined) {
      let text: string;
      try {
        text = Buffer.from(await this.#reader.read(path)).toString('utf8');
      } catch (error) {
        const message = `the ignore file cannot be read: ${printCause(error)}`;
        this.report('UNREADABLE', path, message, 'check the source: without it too much would be applied');
        return scopes;
      }
      rules = parseIgnoreRules(text);
      if (key !== undefined) this.#memo.ignoreRules.set(key, rules, text.length);
    }
    for (const line of rules.refused) {
      const hint = 'use fewer * in one segment of the pattern';
      this.report('IGNORE_REFUSED', path, 'this pattern could take too long to match', hint, 'error', line);
    }
    return [{ directory, rules }, ...scopes];
  }

  report(
    code: FindingCode,
    path: string,
    message: string,
    hint: string,
    severity: Finding['severity'] = 'error',
    line?: number,
  ): void {
    this.findings.push({
      severity,
      code,
      message,
      origin: { path: path === '' ? '.' : path, ...(line !== undefined && { line }) },
      hint,
    });
  }
}

function isOwner(name: string): boolean {
  return KUSTOMIZATION_FILES.has(name) || name === CHART_FILE;
}

function compileGlobs(option: string, globs: readonly string[]): (path: string) => boolean {
  try {
    return picomatch([...globs], { dot: true, strictBrackets: true });
  } catch (cause) {
    const list = globs.map((glob) => JSON.stringify(glob)).join(', ');
    throw new RenderError('INVALID_SPEC', `render.${option}: one of ${list} is no glob: ${printCause(cause)}`, {
      cause,
    });
  }
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

export function printCause(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function printPath(path: string): string {
  return path === '' ? 'the root of the repository' : path;
}

function printNames(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} (${names.length - 10} more)` : shown;
}
