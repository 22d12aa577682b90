import fs from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type * as Git from 'isomorphic-git';

import { GitError, reasonOf, systemCode } from './error.ts';
import { objectId } from './object.ts';
import type { GitObject, ObjectType } from './object.ts';
import type { RemoteRef } from './refs.ts';
import type { Repository } from './repository.ts';

/**
 * A repository of this machine, bare or with a working directory, read in place through isomorphic-git. It shows what
 * is committed, not what lies in the working directory.
 */
export function createLocalRepository(path: string): Repository {
  const git = (): Promise<typeof Git> => import('isomorphic-git');
  const cache = {}; // of isomorphic-git: parsed pack indexes

  const read = async (gitdir: string, id: string): Promise<GitObject | undefined> => {
    const { readObject, Errors } = await git();
    try {
      const { type, object } = await readObject({ fs, gitdir, oid: id, format: 'content', cache });
      // With `content` the type is one of the four, and the object is bytes.
      const content = Buffer.from(object as Uint8Array);
      return { id, type: type as ObjectType, content };
    } catch (error) {
      if (error instanceof Errors.NotFoundError) return undefined;
      throw new GitError(
        'CORRUPT_OBJECT',
        `object ${id} of ${path} cannot be read: ${reasonOf(error)}; run git fsck there`,
        { cause: error },
      );
    }
  };

  const peel = async (gitdir: string, id: string): Promise<string> => {
    let object = await read(gitdir, id);
    for (let depth = 0; object?.type === 'tag' && depth < 10; depth++) {
      const target = /^object ([0-9a-f]{40})$/m.exec(object.content.toString('utf8'))?.[1];
      object = target === undefined ? undefined : await read(gitdir, target);
    }
    return object?.id ?? id;
  };

  const ref = async (gitdir: string, name: string): Promise<RemoteRef | undefined> => {
    const { resolveRef, currentBranch, Errors } = await git();
    try {
      const id = await resolveRef({ fs, gitdir, ref: name });
      const target = name === 'HEAD' ? await currentBranch({ fs, gitdir, fullname: true }) : undefined;
      const peeled = await peel(gitdir, id);
      return { name, id, ...(peeled === id ? {} : { peeled }), ...(typeof target === 'string' ? { target } : {}) };
    } catch (error) {
      if (error instanceof Errors.NotFoundError) return undefined;
      throw error;
    }
  };

  return {
    where: path,
    async refs(prefixes) {
      const gitdir = await findGitDirectory(path);
      const { listRefs } = await git();
      const found: RemoteRef[] = [];
      for (const prefix of prefixes) {
        const below = prefix.endsWith('/') ? await listRefs({ fs, gitdir, filepath: prefix.slice(0, -1) }) : [''];
        for (const name of below) {
          const one = await ref(gitdir, prefix + name);
          if (one !== undefined) found.push(one);
        }
      }
      return found;
    },
    async load(commit) {
      const gitdir = await findGitDirectory(path);
      if ((await read(gitdir, commit)) !== undefined) return;
      throw new GitError('REF_NOT_FOUND', `${path} has no commit ${commit}; check the id with git rev-parse`, {
        retry: 'backoff',
      });
    },
    objects: () => ({
      async get(id) {
        const object = await read(await findGitDirectory(path), id);
        if (object === undefined || objectId(object.type, object.content) === id) return object;
        throw new GitError('CORRUPT_OBJECT', `object ${id} of ${path} is damaged; run git fsck there`);
      },
    }),
    close: () => Promise.resolve(),
  };
}

/** Where Git's own files are: the path itself, its `.git`, or the place that a `.git` file of a worktree names. */
async function findGitDirectory(path: string): Promise<string> {
  const absolute = resolve(path);
  const dotGit = join(absolute, '.git');
  const kind = await kindOf(dotGit);
  if (kind === 'directory') return dotGit;
  if (kind === 'file') {
    const target = /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1];
    if (target !== undefined) return await commonDirectory(resolve(absolute, target.trim()));
  }
  if ((await kindOf(join(absolute, 'objects'))) === 'directory' && (await kindOf(join(absolute, 'HEAD'))) === 'file') {
    return absolute;
  }
  throw new GitError(
    'REPOSITORY_NOT_FOUND',
    `no repository at ${path}; give the directory that holds .git, or a bare repository`,
    { retry: 'backoff' },
  );
}

/** A worktree keeps its objects elsewhere; what it has checked out itself cannot be read through isomorphic-git. */
async function commonDirectory(gitdir: string): Promise<string> {
  if ((await kindOf(join(gitdir, 'commondir'))) !== 'file') return gitdir;
  throw new GitError(
    'UNSUPPORTED',
    `${gitdir} belongs to a linked worktree; give the main working directory and name the branch`,
  );
}

async function kindOf(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new GitError('STORE', `${path} cannot be read: ${reasonOf(error)}; check its permissions`, {
      retry: 'backoff',
      cause: error,
    });
  }
}
