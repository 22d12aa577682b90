import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@homeostat/render';
import { parseSync } from '@homeostat/reconcile/schema';
import type { SourceDocument } from '@homeostat/reconcile/schema';
import { lockDown } from '@homeostat/reconcile';
import type { Sync } from '@homeostat/reconcile';
import type { ClusterOptions } from './connect.ts';
import { UsageError } from './exit.ts';

/** What `sync`, `plan` and `diff` take: a repository and flags, or a sync document. */
export interface SyncOptions extends ClusterOptions {
  /** Of `sync` several, each of which may hold several documents, or be a directory of them. */
  readonly file?: string | readonly string[];
  readonly name?: string;
  readonly namespace?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly directory?: boolean;
  readonly gitTokenFile?: string;
  readonly defaultServiceAccount?: string;
  readonly takeOver?: boolean;
  readonly allowEmpty?: boolean;
  readonly prune?: boolean;
  readonly wait?: boolean;
}

export interface Requested {
  readonly sync: Sync;
  readonly source: SourceDocument;
}

/**
 * Reads what is asked for. Flags win over the document, because they are closer to the person.
 *
 * @throws {UsageError} when neither says what is needed.
 * @throws {ReconcileError} `SYNC_INVALID`, `IDENTITY_REFUSED`.
 */
export async function requestedSync(
  repository: string | undefined,
  options: SyncOptions,
  contextNamespace: string | undefined,
): Promise<Requested> {
  const documents = await readDocuments(options.file);
  const [only] = documents;
  if (documents.length > 1)
    throw new UsageError(
      `${printFiles(options.file)} holds ${documents.length} documents; one sync document is expected`,
    );
  return requested(repository, options, contextNamespace, only);
}

/**
 * The same of every document that the files hold. With several of them the flags that are about one sync are refused.
 *
 * @throws {UsageError} {@link ReconcileError} as {@link requestedSync}.
 */
export async function requestedSyncs(
  repository: string | undefined,
  options: SyncOptions,
  contextNamespace: string | undefined,
): Promise<readonly Requested[]> {
  const documents = await readDocuments(options.file);
  if (documents.length <= 1) return [requested(repository, options, contextNamespace, documents[0])];
  const given = { '[repository]': repository, ...ofOneSync(options) };
  const [flag] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (flag !== undefined)
    throw new UsageError(`${flag} is about one sync, and there are ${documents.length}: write it into the documents`);
  return documents.map((document) => requested(undefined, options, contextNamespace, document));
}

function ofOneSync({ name, namespace, ref, path, directory }: SyncOptions): Readonly<Record<string, unknown>> {
  return { '--name': name, '--namespace': namespace, '--ref': ref, '--path': path, '--directory': directory };
}

interface Document {
  readonly value: Readonly<Record<string, unknown>>;
  /** For messages. */
  readonly where: string;
}

function requested(
  repository: string | undefined,
  options: SyncOptions,
  contextNamespace: string | undefined,
  { value: document, where }: Document = { value: {}, where: 'the command line' },
): Requested {
  const { name, ref, path, gitTokenFile } = options;
  const source = {
    ...(document['source'] as object | undefined),
    ...(repository !== undefined && { url: repository }),
    ...(ref !== undefined && { ref }),
    ...(options.directory === true && { directory: true }),
    ...(gitTokenFile !== undefined && { tokenFile: gitTokenFile }),
  };
  if (!('url' in source)) throw new UsageError('name a repository, or a sync document with -f');
  if (name === undefined && document['name'] === undefined) {
    throw new UsageError(
      '--name is missing: it is the identity of the set, by which the next run knows its own objects',
    );
  }
  const policy = {
    ...(document['policy'] as object | undefined),
    ...(options.allowEmpty === true && { allowEmpty: true }),
    ...(options.prune === false && { prune: false }),
    ...(options.wait === false && { wait: false }),
  };
  const parsed = parseSync(
    {
      ...document,
      source,
      ...(name !== undefined && { name }),
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      ...(path !== undefined && { path }),
      ...(options.takeOver === true && { takeOver: true }),
      ...(Object.keys(policy).length > 0 && { policy }),
    },
    { where, namespace: contextNamespace ?? 'default' },
  );
  const { defaultServiceAccount } = options;
  return defaultServiceAccount === undefined
    ? parsed
    : { ...parsed, sync: lockDown(parsed.sync, { defaultServiceAccount }) };
}

async function readDocuments(files: SyncOptions['file'] = []): Promise<readonly Document[]> {
  const named = typeof files === 'string' ? [files] : files;
  const found = await Promise.all(named.map((file) => readFiles(file)));
  const documents = found.flat();
  if (named.length > 0 && documents.length === 0) throw new UsageError(`${printFiles(files)} holds no sync document`);
  return documents;
}

/** The documents of a file, or of the YAML and JSON files of a directory, by name. */
async function readFiles(file: string): Promise<readonly Document[]> {
  try {
    const isDirectory = (await stat(file)).isDirectory();
    const names = isDirectory ? (await readdir(file)).filter((name) => /\.(ya?ml|json)$/.test(name)).toSorted() : [];
    const paths = isDirectory ? names.map((name) => join(file, name)) : [file];
    return (await Promise.all(paths.map(async (path) => documentsOf(await readFile(path, 'utf8'), path)))).flat();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the sync document ${file} cannot be read: ${(error as Error).message}`);
  }
}

function documentsOf(text: string, path: string): readonly Document[] {
  const { documents, findings } = parseYaml(text, { path });
  const [finding] = findings;
  if (finding !== undefined) throw new UsageError(`${path}: ${finding.message}`);
  return documents.map(({ value }, at) => ({
    value: value as Record<string, unknown>,
    where: documents.length > 1 ? `document ${at + 1} of ${path}` : path,
  }));
}

function printFiles(files: SyncOptions['file'] = []): string {
  return typeof files === 'string' ? files : files.join(', ');
}
