import { chmod, link, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { isRecord, KubeError, stringifyJson } from '@homeostat/kube';
import { parseYaml } from '@homeostat/render';

/** Stands in every kubeconfig that we write, so that the next run knows it again. */
const MARK = 'homeostat.dev/apiserver';

/** A kubeconfig of ours on disk. */
export interface OwnKubeconfig extends AsyncDisposable {
  readonly path: string;
}

/**
 * Writes a kubeconfig for its owner's eyes alone (mode 0600), and takes it away when it is disposed of.
 *
 * 1. A file that is there already is replaced only if it is empty, or one of us wrote it and nobody has put anything else into it
 *    since: a person's own kubeconfig is never lost. A link or a device is never followed.
 * 2. Whoever reads the file sees all of it or none.
 * 3. At the end it is removed only if it still is what was written.
 *
 * @throws {KubeError} `KUBECONFIG` when it must not be replaced, or cannot be written.
 */
export async function writeOwnKubeconfig(path: string, kubeconfig: string): Promise<OwnKubeconfig> {
  const text = marked(kubeconfig);
  const found = await look(path);
  if (found !== undefined && found !== '' && !isOwn(found, text)) throw refusal(path);
  const draft = join(dirname(path), `.kubeconfig-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
    await chmod(draft, 0o600);
    // A link, unlike a rename, replaces nothing: somebody may have been faster.
    if (found === undefined) await link(draft, path);
    else await rename(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw refusal(path);
    throw failure(path, 'written', error);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      const left = await look(path).catch(() => undefined);
      if (left === text) await rm(path, { force: true });
    },
  };
}

function refusal(path: string): KubeError {
  return new KubeError(
    'KUBECONFIG',
    `kubeconfig ${path} is not, or not only, what homeostat apiserver wrote, and is left alone; name another file, or none`,
  );
}

function failure(path: string, what: string, cause: unknown): KubeError {
  return new KubeError('KUBECONFIG', `kubeconfig ${path} cannot be ${what}: ${(cause as Error).message}`, { cause });
}

/** The text of the file; `undefined` when there is none. */
async function look(path: string): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isFile()) throw refusal(path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof KubeError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure(path, 'read', error);
  }
}

function marked(kubeconfig: string): string {
  const extensions = [{ name: MARK, extension: { kind: 'ApiServer', version: 1 } }];
  return `${stringifyJson({ ...parse(kubeconfig), extensions }, 2)}\n`;
}

/**
 * It carries our mark, and its clusters, users and contexts have the names that we write, with a server on this machine. The values
 * differ from run to run, and kubectl writes the file anew when somebody chooses a namespace, so the text says nothing.
 */
function isOwn(found: string, next: string): boolean {
  const [config, ours] = [parse(found), parse(next)];
  if (config === undefined || ours === undefined) return false;
  const isKnown = (list: string): boolean => {
    const known = new Set(namesIn(ours[list]));
    return namesIn(config[list]).every((name) => known.has(name));
  };
  return (
    namesIn(config['extensions']).includes(MARK) &&
    ['clusters', 'users', 'contexts', 'extensions'].every(isKnown) &&
    serversIn(config['clusters']).every((server) => server.startsWith('https://127.0.0.1:'))
  );
}

/** An entry without a name is nobody's. */
function namesIn(list: unknown): string[] {
  return (Array.isArray(list) ? list : []).map((entry: unknown) =>
    isRecord(entry) && typeof entry['name'] === 'string' ? entry['name'] : '',
  );
}

function serversIn(clusters: unknown): string[] {
  return (Array.isArray(clusters) ? clusters : []).map((entry: unknown) =>
    isRecord(entry) && isRecord(entry['cluster']) ? String(entry['cluster']['server']) : '',
  );
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  const { documents, findings } = parseYaml(text, { path: 'kubeconfig' });
  const value = documents[0]?.value;
  return documents.length === 1 && findings.length === 0 && isRecord(value) ? value : undefined;
}
