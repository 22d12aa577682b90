import { GitError } from './error.ts';
import type { Limits } from './limits.ts';
import { parseTree } from './object.ts';
import type { ObjectType, RawEntry } from './object.ts';
import { badPath, checkEntryName, joinPath, splitPath } from './paths.ts';
import type { SnapshotReader } from './repository.ts';
import type { SourceFinding, TreeEntry, TreeFile, TreeView } from './source.ts';

/** Parsed trees by id, shared by the snapshots of one source: what two of them have in common is parsed once. */
export interface TreeCache {
  get(id: string): Directory | undefined;
  set(id: string, directory: Directory): void;
}

/** A directory: its entries by name, sorted. */
export type Directory = ReadonlyMap<string, RawEntry>;

/** A cache that forgets the tree parsed first when it holds `size`. */
export function createTreeCache(size = 20_000): TreeCache {
  const directories = new Map<string, Directory>();
  return {
    get: (id) => directories.get(id),
    set: (id, directory) => {
      directories.set(id, directory);
      const [oldest] = directories.keys();
      if (directories.size > size && oldest !== undefined) directories.delete(oldest);
    },
  };
}

export interface TreeViewOptions {
  readonly objects: SnapshotReader;
  /** The id of the root. */
  readonly root: string;
  readonly limits: Limits;
  readonly cache: TreeCache;
  /** Told about every place where content is missing; the same place may be told twice. */
  readonly found: (finding: SourceFinding) => void;
  readonly paths: readonly string[];
}

/** Where a path leads, links followed. */
interface Located {
  readonly type: 'file' | 'directory' | 'submodule';
  readonly oid: string;
  readonly executable: boolean;
}

const maxLinks = 40;
const entryTypes = {
  '100644': 'file',
  '100755': 'file',
  '120000': 'symlink',
  '040000': 'directory',
  '160000': 'submodule',
} as const;

export function createTreeView({ objects, root, limits, cache, found, paths }: TreeViewOptions): TreeView {
  const content = async (id: string, type: ObjectType): Promise<Buffer> => {
    const { files } = objects;
    // Who reads one file without notice will read others: they come in the same request.
    if (type === 'blob' && files?.has(id) === false) await files.bring([id, ...(await missingBelow(files))]);
    const object = await objects.get(id);
    if (object?.type === type) return object.content;
    throw new GitError(
      'CORRUPT_OBJECT',
      `the ${type} ${id} cannot be read and could not be fetched again; run git fsck on the repository`,
      {
        retry: 'backoff',
      },
    );
  };

  const directory = async (id: string, path: string): Promise<Directory> => {
    const cached = cache.get(id);
    if (cached !== undefined) return cached;
    const entries = parseTree({ id, type: 'tree', content: await content(id, 'tree') });
    for (const { name } of entries) checkEntryName(name, path);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const parsed = new Map(entries.map((entry) => [entry.name, entry]));
    cache.set(id, parsed);
    return parsed;
  };

  /** Follows names and links from the root. What leads to nothing is undefined. */
  const locate = async (path: string, names: readonly string[]): Promise<Located | undefined> => {
    const ahead = names.toReversed();
    const trail = [{ id: root, path: '' }];
    let links = 0;
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      const here = trail.at(-1);
      if (here === undefined) throw badPath(path, 'a symbolic link leads out of the repository');
      if (name === '' || name === '.') continue;
      if (name === '..') {
        trail.pop();
        continue;
      }
      const entry = (await directory(here.id, here.path)).get(name);
      if (entry === undefined) return undefined;
      const entryPath = joinPath(here.path, name);
      switch (entry.mode) {
        case '040000':
          trail.push({ id: entry.id, path: entryPath });
          if (trail.length > limits.treeDepth + 1) throw tooDeep(path, limits.treeDepth);
          break;
        case '120000': {
          if (++links > maxLinks) throw badPath(path, 'its symbolic links go round in circles');
          const target = (await content(entry.id, 'blob')).toString('utf8');
          if (target.startsWith('/'))
            throw badPath(path, 'a symbolic link is absolute and leads out of the repository');
          ahead.push(...target.split('/').toReversed());
          break;
        }
        case '100644':
        case '100755':
        case '160000':
          if (ahead.some((next) => next !== '' && next !== '.')) return undefined;
          return { type: entryTypes[entry.mode], oid: entry.id, executable: entry.mode === '100755' };
        default:
          entry.mode satisfies never;
      }
    }
    const end = trail.at(-1);
    if (end === undefined) throw badPath(path, 'a symbolic link leads out of the repository');
    return { type: 'directory', oid: end.id, executable: false };
  };

  const entriesOf = async (id: string, path: string): Promise<TreeEntry[]> => {
    const entries = await directory(id, path);
    return [...entries.values()].map(({ name, mode, id: oid }) => {
      const type = entryTypes[mode];
      const entryPath = joinPath(path, name);
      if (type === 'submodule') found(submodule(entryPath));
      return { name, path: entryPath, type, oid, ...(type === 'file' ? { executable: mode === '100755' } : {}) };
    });
  };

  async function* walk(id: string, path: string, depth: number): AsyncGenerator<TreeFile, void, undefined> {
    if (depth > limits.treeDepth) throw tooDeep(path, limits.treeDepth);
    for (const entry of await entriesOf(id, path)) {
      switch (entry.type) {
        case 'file':
          yield { name: entry.name, path: entry.path, oid: entry.oid, executable: entry.executable === true };
          break;
        case 'directory':
          yield* walk(entry.oid, entry.path, depth + 1);
          break;
        case 'symlink': {
          const target = await followed(entry.path);
          if (target?.type === 'file') {
            yield { name: entry.name, path: entry.path, oid: target.oid, executable: target.executable };
          }
          break;
        }
        case 'submodule':
          break;
        default:
          entry.type satisfies never;
      }
    }
  }

  /** The ids of the files below the paths that are not at hand. */
  const missingBelow = async (files: NonNullable<SnapshotReader['files']>): Promise<readonly string[]> => {
    const missing: string[] = [];
    const visit = async (id: string, path: string, depth: number): Promise<void> => {
      if (depth > limits.treeDepth) throw tooDeep(path, limits.treeDepth);
      for (const { name, mode, id: oid } of (await directory(id, path)).values()) {
        if (mode === '040000') await visit(oid, joinPath(path, name), depth + 1);
        else if (mode !== '160000' && !files.has(oid)) missing.push(oid);
      }
    };
    for (const path of paths) {
      const entry = await entryAt(path);
      if (entry?.mode === '040000') await visit(entry.id, path, splitPath(path, limits).length);
      else if (entry !== undefined && entry.mode !== '160000' && !files.has(entry.id)) missing.push(entry.id);
    }
    return missing;
  };

  /** What stands at a path, links not followed. */
  const entryAt = async (path: string): Promise<Pick<RawEntry, 'mode' | 'id'> | undefined> => {
    let entry: Pick<RawEntry, 'mode' | 'id'> | undefined = { mode: '040000', id: root };
    let above = '';
    for (const name of splitPath(path, limits)) {
      if (entry?.mode !== '040000') return undefined;
      entry = (await directory(entry.id, above)).get(name);
      above = joinPath(above, name);
    }
    return entry;
  };

  /** A link's target; one that leads nowhere is a finding, because its file may be desired. */
  const followed = async (path: string): Promise<Located | undefined> => {
    const lead = await locate(path, path.split('/')).catch((error: unknown) => {
      if (error instanceof GitError && error.code === 'BAD_PATH') return error;
      throw error;
    });
    if (lead instanceof GitError) found(badSymlink(path, lead.message));
    else if (lead === undefined) found(badSymlink(path, `the symbolic link ${path} leads to nothing`));
    else return lead;
    return undefined;
  };

  const need = async (path: string, type: 'file' | 'directory'): Promise<Located & { readonly at: string }> => {
    const names = splitPath(path, limits);
    const at = names.join('/');
    const located = await locate(at, names);
    if (located?.type === 'submodule') found(submodule(at));
    if (located?.type === type) return { ...located, at };
    const reason =
      located === undefined
        ? `there is no ${type} "${at}" in the repository`
        : `"${at}" is a ${located.type}, not a ${type}`;
    throw new GitError('FILE_NOT_FOUND', `${reason}; paths are relative to its root and case-sensitive`);
  };

  return {
    async list(path) {
      const { oid, at } = await need(path, 'directory');
      return await entriesOf(oid, at);
    },
    async read(path) {
      const { oid, at } = await need(path, 'file');
      const bytes = await content(oid, 'blob');
      if (bytes.length > limits.fileBytes) {
        throw new GitError(
          'LIMIT_EXCEEDED',
          `the file ${at} has ${bytes.length} bytes, over limits.fileBytes (${limits.fileBytes}); leave it out of the path, or raise the limit`,
        );
      }
      if (isLfsPointer(bytes)) found(lfsPointer(at));
      return bytes;
    },
    async prefetch(wanted) {
      const { files } = objects;
      if (files === undefined) return;
      const missing: string[] = [];
      for (const path of wanted) {
        const entry = await entryAt(path);
        if (entry !== undefined && entry.mode !== '040000' && entry.mode !== '160000' && !files.has(entry.id))
          missing.push(entry.id);
      }
      await files.bring(missing);
    },
    async oid(path) {
      const names = splitPath(path, limits);
      return (await locate(names.join('/'), names))?.oid;
    },
    async *walk(path = '') {
      const { oid, at } = await need(path, 'directory');
      yield* walk(oid, at, at === '' ? 0 : at.split('/').length);
    },
  };
}

/** Source: the Git LFS specification, "The Pointer". */
function isLfsPointer(bytes: Buffer): boolean {
  const start = 'version https://git-lfs.github.com/spec/v1\n';
  return bytes.length < 1024 && bytes.toString('latin1', 0, start.length) === start;
}

function lfsPointer(path: string): SourceFinding {
  return {
    severity: 'error',
    code: 'LFS_POINTER',
    message: `${path} is a Git LFS pointer, not the file itself`,
    hint: 'Git LFS is not fetched: keep manifests in Git itself (git lfs migrate export), or leave the file out of the path',
    origin: { path },
  };
}

function submodule(path: string): SourceFinding {
  return {
    severity: 'error',
    code: 'SUBMODULE',
    message: `${path} is a submodule; its files are not part of this repository`,
    hint: 'submodules are not fetched: sync the other repository by itself, or leave the directory out of the path',
    origin: { path },
  };
}

function badSymlink(path: string, message: string): SourceFinding {
  return {
    severity: 'error',
    code: 'BAD_SYMLINK',
    message,
    hint: 'symbolic links are followed within the repository only: correct the link or replace it by the file',
    origin: { path },
  };
}

function tooDeep(path: string, depth: number): GitError {
  return new GitError(
    'LIMIT_EXCEEDED',
    `the path ${path} has more than limits.treeDepth (${depth}) directories; raise the limit`,
  );
}
