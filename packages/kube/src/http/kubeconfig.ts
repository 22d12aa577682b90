import { KubeError } from '../error.ts';
import { isRecord } from '../record.ts';

/** Reading, merging and checking kubeconfig files; what they mean for a connection is `load-kubeconfig.ts`. */

/** One kubeconfig, or several merged: entries by name. Every entry remembers the file it comes from. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: string;
}

/**
 * Parses one file (YAML or JSON).
 *
 * @throws {KubeError} `KUBECONFIG` with file and line; never with a piece of the text, which may be a token.
 */
export async function parseKubeconfig(text: string, file: string): Promise<Kubeconfig> {
  const body = await parseYaml(text, file);
  if (body === undefined || body === null)
    return { currentContext: undefined, clusters: new Map(), users: new Map(), contexts: new Map() };
  if (!isRecord(body)) throw wrong(file, 'holds no mapping at its top', 'check that it is a kubeconfig');
  const current = body['current-context'];
  if (current !== undefined && current !== null && typeof current !== 'string')
    throw wrong(file, 'current-context is no text', 'put it in quotes');
  return {
    currentContext: current || undefined,
    clusters: entriesOf(body['clusters'], 'clusters', 'cluster', file),
    users: entriesOf(body['users'], 'users', 'user', file),
    contexts: entriesOf(body['contexts'], 'contexts', 'context', file),
  };
}

/** As kubectl merges: the first file that has an entry, or a current context, wins; entries are taken whole. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const first = (of: (file: Kubeconfig) => ReadonlyMap<string, Entry>): Map<string, Entry> =>
    new Map(files.toReversed().flatMap((file) => [...of(file)]));
  return {
    currentContext: files.find((file) => file.currentContext !== undefined)?.currentContext,
    clusters: first((file) => file.clusters),
    users: first((file) => file.users),
    contexts: first((file) => file.contexts),
  };
}

async function parseYaml(text: string, file: string): Promise<unknown> {
  const { load, YAMLException } = await import('js-yaml');
  try {
    return load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // Neither its message nor the error itself: both hold the lines around the mistake.
    const where = error.mark === undefined ? '' : ` (line ${error.mark.line + 1}, column ${error.mark.column + 1})`;
    throw wrong(file, `is not valid YAML${where}`, 'correct it there');
  }
}

function entriesOf(list: unknown, key: string, field: string, file: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  if (list === undefined || list === null) return entries;
  if (!Array.isArray(list)) throw wrong(file, `${key} is no list`, 'check that it is a kubeconfig');
  for (const [index, item] of list.entries()) {
    if (!isRecord(item) || typeof item['name'] !== 'string')
      throw wrong(file, `${key}[${index}] has no name`, 'give it one');
    const { name } = item;
    if (entries.has(name)) throw wrong(file, `${key} holds "${name}" twice`, 'remove one');
    const fields = item[field] ?? {};
    if (!isRecord(fields)) throw wrong(file, `${key}[${index}].${field} is no mapping`, 'correct it');
    entries.set(name, { name: name, fields, file });
  }
  return entries;
}

/** A text of an entry. @throws {KubeError} `KUBECONFIG` when it is something else, without its value. */
export function textField(entry: Entry, key: string): string | undefined {
  const value = entry.fields[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw wrong(entry.file, `${key} of "${entry.name}" is no text`, 'put it in quotes');
  return value;
}

/** @throws {KubeError} `KUBECONFIG` */
export function flagField(entry: Entry, key: string): boolean {
  const value = entry.fields[key];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean')
    throw wrong(entry.file, `${key} of "${entry.name}" is neither true nor false`, 'correct it');
  return value;
}

/** @throws {KubeError} `KUBECONFIG` */
export function textListField(entry: Entry, key: string): readonly string[] {
  const value = entry.fields[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw wrong(entry.file, `${key} of "${entry.name}" is no list of texts`, 'put them in quotes');
  }
  return value;
}

export function wrong(file: string, what: string, next: string): KubeError {
  return new KubeError('KUBECONFIG', `kubeconfig ${file}: ${what}; ${next}`);
}
