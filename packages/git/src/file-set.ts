import { makeCommit, makeTree } from './object.ts';
import type { GitObject, RawEntry } from './object.ts';

/** A file as its source holds it. */
export interface FileBlob {
  readonly blob: GitObject;
  readonly mode: '100644' | '100755' | '120000';
}

/** Content that was never committed, in Git's own form. */
export interface FileSet {
  /** Depends on the content alone: the same files have the same commit. */
  readonly commit: string;
  readonly objects: ReadonlyMap<string, GitObject>;
}

interface Node {
  readonly directories: Map<string, Node>;
  readonly files: Map<string, FileBlob>;
}

/** Makes trees and a commit of files by path, so that they can be read like any snapshot. */
export function makeFileSet(files: ReadonlyMap<string, FileBlob>, message: string): FileSet {
  const root: Node = { directories: new Map(), files: new Map() };
  const objects = new Map<string, GitObject>();
  for (const [path, file] of files) {
    const names = path.split('/');
    const name = names.pop() ?? '';
    let node = root;
    for (const directory of names) {
      const next = node.directories.get(directory) ?? { directories: new Map(), files: new Map() };
      node.directories.set(directory, next);
      node = next;
    }
    node.files.set(name, file);
    objects.set(file.blob.id, file.blob);
  }
  const build = (node: Node): string => {
    const entries: RawEntry[] = [];
    for (const [name, directory] of node.directories) entries.push({ name, mode: '040000', id: build(directory) });
    for (const [name, { mode, blob }] of node.files) entries.push({ name, mode, id: blob.id });
    const tree = makeTree(entries);
    objects.set(tree.id, tree);
    return tree.id;
  };
  const commit = makeCommit(build(root), { name: 'homeostat', email: '' }, 0, message);
  objects.set(commit.id, commit);
  return { commit: commit.id, objects };
}

/** The last few states of a source whose content can change under its readers. */
export class FileSetHistory {
  readonly #sets = new Map<string, FileSet>();

  add(set: FileSet): void {
    this.#sets.delete(set.commit);
    this.#sets.set(set.commit, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > 16 && oldest !== undefined) this.#sets.delete(oldest);
  }

  get(commit: string): FileSet | undefined {
    return this.#sets.get(commit);
  }
}
