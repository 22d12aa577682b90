import { createHash, hash } from 'node:crypto';

import { GitError } from './error.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** A Git object. `id` is the SHA-1 of its header and content, in lower-case hex. `content` must not be changed. */
export interface GitObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** What reads objects by their id. A reader hands out only what it has checked against the id. */
export interface ObjectReader {
  get(id: string): Promise<GitObject | undefined>;
}

const smallBytes = 16_384;

/** The id that Git gives to an object. */
export function objectId(type: ObjectType, content: Uint8Array): string {
  const header = `${type} ${content.length}\0`;
  // Setting up a hash costs more than hashing a small object; copying a large one would cost more than that.
  if (content.length > smallBytes) return createHash('sha1').update(header).update(content).digest('hex');
  const whole = Buffer.allocUnsafe(header.length + content.length);
  whole.write(header, 'latin1');
  whole.set(content, header.length);
  return hash('sha1', whole, 'hex');
}

export function makeObject(type: ObjectType, content: Buffer): GitObject {
  return { id: objectId(type, content), type, content };
}

/** One line of a tree object. `mode` is normalized: `100664` and other old modes count as `100644`. */
export interface RawEntry {
  readonly name: string;
  readonly mode: '100644' | '100755' | '120000' | '040000' | '160000';
  readonly id: string;
}

/**
 * Parses a tree object, in its own order.
 *
 * @throws {GitError} `CORRUPT_OBJECT` for a malformed tree or a name that occurs twice, `BAD_PATH` for a name that is not UTF-8.
 */
export function parseTree({ id, content }: GitObject): RawEntry[] {
  const entries: RawEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = space < 0 ? -1 : content.indexOf(0, space);
    if (end < 0 || end + 21 > content.length || space - at > 6) throw malformed('tree', id);
    const mode = entryMode(content.toString('latin1', at, space));
    if (mode === undefined) throw malformed('tree', id);
    const name = content.toString('utf8', space + 1, end);
    if (name.includes('\uFFFD') && !content.subarray(space + 1, end).equals(Buffer.from(name))) {
      throw new GitError(
        'BAD_PATH',
        `tree ${id} holds a name that is not UTF-8 (${JSON.stringify(name)}); rename it in Git`,
      );
    }
    if (names.has(name)) throw malformed('tree', id);
    names.add(name);
    entries.push({ name, mode, id: content.toString('hex', end + 1, end + 21) });
    at = end + 21;
  }
  return entries;
}

function entryMode(text: string): RawEntry['mode'] | undefined {
  if (!/^[0-7]+$/.test(text)) return undefined;
  const mode = Number.parseInt(text, 8);
  switch (mode & 0o170000) {
    case 0o100000:
      return (mode & 0o100) === 0 ? '100644' : '100755';
    case 0o120000:
      return '120000';
    case 0o040000:
      return '040000';
    case 0o160000:
      return '160000';
    default:
      return undefined;
  }
}

/** The inverse of {@link parseTree}: a tree object of these entries, in the order that Git demands. */
export function makeTree(entries: readonly RawEntry[]): GitObject {
  // Git compares names as bytes, a directory as if its name ended with a slash.
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.mode === '040000' ? `${entry.name}/` : entry.name),
  }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  const parts = keyed.flatMap(({ entry }) => [
    Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.name}\0`),
    Buffer.from(entry.id, 'hex'),
  ]);
  return makeObject('tree', Buffer.concat(parts));
}

/** What a commit object says. */
export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  /** When it was committed, in milliseconds since 1970. */
  readonly time: number;
  readonly message: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** @throws {GitError} `CORRUPT_OBJECT` if it is no commit. */
export function parseCommit({ id, type, content }: GitObject): Commit {
  const text = content.toString('utf8', 0, content.length);
  const end = text.indexOf('\n\n');
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n');
  const tree = /^tree ([0-9a-f]{40})$/.exec(headers[0] ?? '')?.[1];
  const author = parsePerson(headers.find((line) => line.startsWith('author ')));
  const committer = parsePerson(headers.find((line) => line.startsWith('committer ')));
  if (type !== 'commit' || tree === undefined || author === undefined || committer === undefined) {
    throw malformed('commit', id);
  }
  const parents = headers.filter((line) => line.startsWith('parent ')).map((line) => line.slice('parent '.length));
  const message = end < 0 ? '' : text.slice(end + 2);
  return { id, tree, parents, author: author.person, time: committer.time, message };
}

/** The inverse of {@link parseCommit}, for sources whose content was never committed. */
export function makeCommit(tree: string, author: Person, time: number, message: string): GitObject {
  const who = `${author.name} <${author.email}> ${Math.floor(time / 1000)} +0000`;
  return makeObject('commit', Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\n${message}`));
}

function parsePerson(line: string | undefined): { person: Person; time: number } | undefined {
  const match = /^\w+ (.*?) ?<([^>]*)> (-?\d+)(?: [+-]\d{4})?$/.exec(line ?? '');
  if (match === null) return undefined;
  return { person: { name: match[1] ?? '', email: match[2] ?? '' }, time: Number(match[3]) * 1000 };
}

function malformed(type: ObjectType, id: string): GitError {
  return new GitError('CORRUPT_OBJECT', `object ${id} is no well-formed ${type}; run git fsck on the repository`);
}
