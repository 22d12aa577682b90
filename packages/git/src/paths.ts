import { GitError } from './error.ts';
import type { Limits } from './limits.ts';

/** What nearly all names are made of: nothing in them can mean another place on any file system. */
const plainName = /^[A-Za-z0-9_-](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?$/;
/** Names that begin with a letter or digit, and one slash between two. */
const plainPath = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/;

/**
 * Splits a path within a tree into its names. `''`, `.` and a slash at the end mean what they mean in a shell.
 *
 * @throws {GitError} `BAD_PATH` for an absolute path, `..`, control characters, or too long a path
 */
export function splitPath(path: string, limits: Pick<Limits, 'pathLength'>): string[] {
  if (path.length <= limits.pathLength && plainPath.test(path)) return path.split('/');
  if (path.startsWith('/')) throw badPath(path, 'it is absolute; give it relative to the root of the repository');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw badPath(path, 'it leads upwards');
  if (hasControlCharacter(path)) throw badPath(path, 'it holds a control character');
  if (Buffer.byteLength(path) > limits.pathLength)
    throw badPath(path.slice(0, 60), `it is longer than limits.pathLength (${limits.pathLength})`);
  return names;
}

/**
 * Refuses a name that a tree must not hold: one that names another place, or Git's own directory in any spelling that a
 * file system takes for it. Nothing is ever checked out here, but others may do that with what we hand on.
 */
export function checkEntryName(name: string, directory: string): void {
  if (plainName.test(name)) return;
  const reason = reasonAgainst(name);
  if (reason !== undefined)
    throw badPath(directory === '' ? name : `${directory}/${name}`, `${reason}; remove it from Git`);
}

function reasonAgainst(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'it is no name';
  if (name.includes('/')) return 'a name holds a slash';
  if (hasControlCharacter(name)) return 'a name holds a control character';
  // NTFS takes a backslash for a slash, and drops what follows a colon and dots and spaces at the end.
  for (const part of name.split('\\')) {
    if (part === '..') return 'it leads upwards on Windows';
    const plain = (part.normalize('NFC').replace(ignoredByHfs, '').split(':')[0] ?? '')
      .replace(/[. ]+$/, '')
      .toLowerCase();
    if (plain === '.git' || plain === 'git~1') return "a name stands for Git's own directory";
  }
  return undefined;
}

/** Code points that HFS+ leaves out when it compares names. */
const ignoredByHfs = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g;

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

export function badPath(path: string, reason: string): GitError {
  return new GitError('BAD_PATH', `the path ${JSON.stringify(path)} is refused: ${reason}`);
}

/** Joins a directory of a tree and a name. */
export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
