import { readFile } from 'node:fs/promises';
import { parseYaml } from '@homeostat/render';
import { parseSync } from '@homeostat/reconcile/schema';
import type { SourceDocument } from '@homeostat/reconcile/schema';
import { lockDown } from '@homeostat/reconcile';
import type { Sync } from '@homeostat/reconcile';
import type { ClusterOptions } from './connect.ts';
import { UsageError } from './exit.ts';

/** What `sync`, `plan` and `diff` take: a repository and flags, or a sync document. */
export interface SyncOptions extends ClusterOptions {
  readonly file?: string;
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
  const { file, name, ref, path, gitTokenFile } = options;
  const document = file === undefined ? {} : await readDocument(file);
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
  const requested = parseSync(
    {
      ...document,
      source,
      ...(name !== undefined && { name }),
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      ...(path !== undefined && { path }),
      ...(options.takeOver === true && { takeOver: true }),
      ...(Object.keys(policy).length > 0 && { policy }),
    },
    { where: file ?? 'the command line', namespace: contextNamespace ?? 'default' },
  );
  const { defaultServiceAccount } = options;
  return defaultServiceAccount === undefined
    ? requested
    : { ...requested, sync: lockDown(requested.sync, { defaultServiceAccount }) };
}

async function readDocument(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the sync document ${file} cannot be read: ${(error as Error).message}`);
  }
  const { documents, findings } = parseYaml(text, { path: file });
  const [finding] = findings;
  if (finding !== undefined) throw new UsageError(`${file}: ${finding.message}`);
  if (documents.length !== 1)
    throw new UsageError(`${file} holds ${documents.length} documents; one sync document is expected`);
  return (documents[0]?.value ?? {}) as Record<string, unknown>;
}
