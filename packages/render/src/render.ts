import { compareText } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { chooseFiles, printCause } from './choose-files.ts';
import type { Choice, ChosenFile, FileReader } from './choose-files.ts';
import { RenderError, throwIfCancelled } from './error.ts';
import { compareFindings, isComplete } from './finding.ts';
import type { Finding } from './finding.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { createRenderMemo } from './memo.ts';
import type { ReadFile, RenderMemo } from './memo.ts';
import { placeFinding } from './parse-yaml.ts';
import { isRemembered, readFile } from './read-file.ts';

/** Where in the source an object stands. Documents and lines count from 1. */
export interface Origin {
  readonly path: string;
  readonly document: number;
  readonly line: number;
  readonly commit?: string;
}

/** An object that the source wants in the cluster: as it is written there, to be treated as read-only. */
export interface Desired {
  readonly object: KubeObject;
  readonly origin: Origin;
}

/** What a render gives. */
export interface Rendered {
  /** Sorted by path, then by place in the file. */
  readonly objects: readonly Desired[];
  /** Sorted by place. */
  readonly findings: readonly Finding[];
  /** False as soon as an object may be missing: there is an `error` finding. Absence from `objects` then proves nothing. */
  readonly complete: boolean;
  /**
   * Every file that was looked at, sorted. A commit that neither touches one of them nor adds or removes files under the
   * path gives the same objects.
   */
  readonly inputs: readonly string[];
}

/** What to render. */
export type RenderSpec = ManifestSpec | CustomSpec;

/** Plain manifests. */
export interface ManifestSpec {
  /**
   * `auto` (default): plain manifests, and nothing from directories that another tool must build (a kustomization, a
   * chart): those are error findings. `yaml`: plain manifests from everywhere.
   */
  readonly kind?: 'auto' | 'yaml';
  /** A directory, or one file. Default: the root. */
  readonly path?: string;
  /** Globs, relative to `path`, of the files to read. Default: `*.yaml`, `*.yml` and `*.json` at any depth. */
  readonly include?: readonly string[];
  /** Globs, relative to `path`, of files to leave out. */
  readonly exclude?: readonly string[];
  /** Whether to go into directories below `path`. Default true. */
  readonly recursive?: boolean;
}

/** A renderer of the caller's own. */
export interface CustomSpec {
  readonly kind: 'custom';
  readonly path?: string;
  /** Same promise as `render`. If it throws, that is an error finding, and the result is empty and incomplete. */
  render(files: FileReader, context: CustomContext): Promise<Rendered>;
}

export interface CustomContext {
  /** Normalized; `''` is the root. */
  readonly path: string;
  readonly commit?: string;
  readonly signal?: AbortSignal;
}

export interface RenderOptions {
  /** Shared between renders, it makes their cost grow with the change. Default: a fresh one. */
  readonly memo?: RenderMemo;
  /** The commit that the files come from, for the origins. */
  readonly commit?: string;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

/** Reads in flight at once. */
const PARALLEL_READS = 32;

/**
 * Renders the files of a tree to the objects that they describe.
 *
 * 1. Same files, same result, in the same order, whatever order the reader lists them in.
 * 2. What is wrong with a file or document is a finding with its place; everything else is still returned.
 * 3. `complete` is false whenever an object may be missing.
 * 4. With a memo, a file whose content id is known is not read, and a document whose text is known is not parsed: it
 *    gives the same object instance.
 *
 * No network, no processes; files only through `files`.
 *
 * @throws {RenderError} `INVALID_SPEC` for a glob or limit that makes no sense, `CANCELLED` when the signal fires; and whatever
 * `files.prefetch` throws: where no file can be had, findings about each of them would tell nothing.
 */
export async function render(files: FileReader, spec: RenderSpec = {}, options: RenderOptions = {}): Promise<Rendered> {
  throwIfCancelled(options.signal);
  const path = normalizePath(spec.path ?? '');
  if (path === undefined) return outside(spec.path ?? '');
  if (spec.kind === 'custom') return renderCustom(files, spec, path, options);
  const { memo = createRenderMemo(), signal } = options;
  const limits = readLimits(options.limits);
  const { kind = 'auto', recursive = true, include, exclude } = spec;
  const selection = { kind, path, recursive, ...(include && { include }), ...(exclude && { exclude }) };
  const choice = await chooseFiles(files, selection, { limits, memo, signal });
  const unread = choice.files.filter((file) => !isRemembered(file, { memo, limits }));
  if (unread.length > 0) await files.prefetch?.(unread.map((file) => file.path));
  const contents = await readAll(choice.files, signal, (file) => readFile(files, file, { memo, limits }));
  return assemble(choice, contents, limits, options.commit);
}

async function renderCustom(
  files: FileReader,
  spec: CustomSpec,
  path: string,
  { commit, signal }: RenderOptions,
): Promise<Rendered> {
  try {
    const context = { path, ...(commit !== undefined && { commit }), ...(signal && { signal }) };
    const { objects, findings, complete, inputs } = await spec.render(files, context);
    return {
      objects,
      findings: findings.toSorted(compareFindings),
      complete: complete && isComplete(findings),
      inputs,
    };
  } catch (error) {
    throwIfCancelled(signal);
    const message = `the custom renderer failed: ${printCause(error)}`;
    const hint = 'correct the renderer; nothing is pruned until it succeeds';
    const finding: Finding = { severity: 'error', code: 'CUSTOM_FAILED', message, origin: { path: path || '.' }, hint };
    return { objects: [], findings: [finding], complete: false, inputs: [] };
  }
}

function assemble(
  choice: Choice,
  contents: readonly (ReadFile | Unread)[],
  limits: Limits,
  commit: string | undefined,
): Rendered {
  const findings: Finding[] = [...choice.findings];
  const objects: Desired[] = [];
  for (const [index, content] of contents.entries()) {
    const { path } = choice.files[index] as ChosenFile;
    if ('unread' in content) {
      const message = `the file cannot be read: ${content.unread}`;
      findings.push({ severity: 'error', code: 'UNREADABLE', message, origin: { path }, hint: 'check the source' });
      continue;
    }
    if (content.problem !== undefined) {
      const { code, message, hint, line } = content.problem;
      findings.push({ severity: 'error', code, message, origin: { path, ...(line && { line }) }, hint });
    }
    for (const { read, document, line } of content.documents) {
      for (const finding of read.findings) findings.push(placeFinding(finding, path, { document, line }));
      for (const { object, position } of read.objects) {
        const origin = { path, document, line: line + position.line + 1, ...(commit !== undefined && { commit }) };
        objects.push({ object, origin });
      }
    }
  }
  if (objects.length > limits.objects) findings.push(tooMany(objects, limits));
  const inputs = [...choice.inputs, ...choice.files.map((file) => file.path)].sort(compareText);
  return {
    objects: objects.slice(0, limits.objects),
    findings: findings.sort(compareFindings),
    complete: isComplete(findings),
    inputs,
  };
}

function tooMany(objects: readonly Desired[], limits: Limits): Finding {
  const { path, document, line } = (objects[limits.objects] as Desired).origin;
  return {
    severity: 'error',
    code: 'TOO_MANY_OBJECTS',
    message: `the source holds ${objects.length} objects, and ${limits.objects} are the limit: from here on none is applied`,
    origin: { path, document, line },
    hint: 'divide the source among several syncs',
  };
}

interface Unread {
  readonly unread: string;
}

/** Reads all files, some at a time, and gives their contents in the order of the files. */
async function readAll(
  files: readonly ChosenFile[],
  signal: AbortSignal | undefined,
  read: (file: ChosenFile) => Promise<ReadFile>,
): Promise<readonly (ReadFile | Unread)[]> {
  const contents: (ReadFile | Unread)[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files.length) {
      throwIfCancelled(signal);
      const index = next++;
      contents[index] = await read(files[index] as ChosenFile).catch((error: unknown) => ({
        unread: printCause(error),
      }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, files.length) }, worker));
  return contents;
}

function readLimits(given: Partial<Limits> | undefined): Limits {
  if (given === undefined) return defaultLimits;
  for (const [name, value] of Object.entries(given)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RenderError('INVALID_SPEC', `limit ${name} is ${String(value)}; a whole number from 1 is expected`);
    }
  }
  return { ...defaultLimits, ...given };
}

/** `''` for the root; `undefined` when the path leaves it. A leading slash means the root, too. */
function normalizePath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

function outside(path: string): Rendered {
  const message = `the path "${path}" leads out of the repository`;
  const hint = 'give a path inside of it, as "clusters/production"';
  const finding: Finding = { severity: 'error', code: 'PATH_OUTSIDE', message, origin: { path }, hint };
  return { objects: [], findings: [finding], complete: false, inputs: [] };
}
